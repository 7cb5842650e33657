import OCI
import Registry

extension RegistryBackend {
    /// Repositories that a registry's search finds, in its order. Throws a usage error for what is no term, `unsupported`
    /// where the registry has no search, `rate_limited`, …
    package func search(_ request: SearchRequest) async throws(BackendError) -> [SearchResult] {
        let term: SearchTerm
        do { term = try SearchTerm(request.term) } catch {
            throw BackendError(
                .usage, error.message, hint: "as in `search nginx` or `search registry.example.com/nginx`"
            ).about(request.term)
        }
        let filter = request.filter
        let page = SearchLimits(
            hits: request.limit, pageSize: filter == SearchFilter() || !request.goesOn ? request.limit : 100,
            pages: request.goesOn ? 20 : 1, attempts: request.goesOn ? nil : 1)
        let client = try with(request.transport).client()
        return try await asking { () throws(RegistryError) in
            try await client.search(term, limits: page, isWanted: filter.matches).map { SearchResult($0, from: term) }
        }
    }
}

extension SearchFilter {
    fileprivate func matches(_ hit: SearchHit) -> Bool {
        (isOfficial ?? hit.isOfficial) == hit.isOfficial && (isAutomated ?? hit.isAutomated) == hit.isAutomated
            && hit.starCount >= stars ?? 0
    }
}

extension SearchResult {
    fileprivate init(_ hit: SearchHit, from term: SearchTerm) {
        let name = term.isHub ? hit.name : "\(term.registry)/\(hit.name)"
        self.init(
            reference: (try? Repository(name))?.familiar, name: hit.name, description: hit.description,
            starCount: hit.starCount, isOfficial: hit.isOfficial, isAutomated: hit.isAutomated,
            pullCount: hit.pullCount, registry: term.registry)
    }
}
