import HTTP
import JSON
import OCI

/// A repository that a registry's search found, as the registry tells of it: texts may hold anything.
package struct SearchHit: Sendable, Hashable {
    /// As the registry calls it: `nginx`, `bitnami/nginx`.
    package var name: String
    package var description: String
    package var starCount: Int64
    package var isOfficial: Bool
    package var isAutomated: Bool
    /// nil where the registry does not count.
    package var pullCount: Int64?

    package init(
        name: String, description: String = "", starCount: Int64 = 0, isOfficial: Bool = false,
        isAutomated: Bool = false, pullCount: Int64? = nil
    ) {
        self.name = name
        self.description = description
        self.starCount = starCount
        self.isOfficial = isOfficial
        self.isAutomated = isAutomated
        self.pullCount = pullCount
    }
}

/// How far a search goes.
package struct SearchLimits: Sendable, Hashable {
    /// Hits that are wanted.
    package var hits: Int
    /// Hits to ask for at once: at most 100, as registries have it.
    package var pageSize: Int
    package var pages: Int
    /// After so long no further page is asked for.
    package var time: Duration
    /// How often a page is tried; nil for as often as the configuration says.
    package var attempts: Int?

    package init(
        hits: Int, pageSize: Int, pages: Int = 20, time: Duration = .seconds(120), attempts: Int? = nil
    ) {
        self.hits = hits
        self.pageSize = pageSize
        self.pages = pages
        self.time = time
        self.attempts = attempts
    }
}

extension RegistryClient {
    private static let maximumSearchBytes = 8 << 20
    private static let maximumNameBytes = 1024

    /// What a registry's search finds for a term, in its order, each repository once (`GET /v1/search`, the one
    /// interface of Docker's first registry that Docker Hub still has). Goes on to the registry's next page while hits
    /// that `isWanted` are missing.
    ///
    /// The registry's mirrors are asked first; few have a search. Throws `blocked`, `unsupported` where the registry has
    /// none, `rateLimited`, `malformed`, …
    package func search(
        _ term: SearchTerm, limits: SearchLimits, isWanted: @Sendable (SearchHit) -> Bool = { _ in true },
        onRetry: @Sendable (RegistryError, Duration) -> Void = { _, _ in }
    ) async throws(RegistryError) -> [SearchHit] {
        var endpoints = try configuration.registries.searchEndpoints(for: term.registry).map(transport.applied)
        let start = ContinuousClock.now
        var found: [SearchHit] = []
        var names: Set<String> = []
        var number = 1
        while true {
            let page = try await page(number, of: term, limits, endpoints, onRetry)
            var isNew = false
            for hit in page.hits where names.insert(hit.name).inserted {
                isNew = true
                guard isWanted(hit) else { continue }
                found.append(hit)
                if found.count == limits.hits { return found }
            }
            // A registry that does not know of pages gives the first one again.
            guard isNew, number < page.pages, number < limits.pages, ContinuousClock.now - start < limits.time else {
                return found
            }
            endpoints = [page.endpoint]
            number += 1
        }
    }

    private struct SearchPage: Sendable {
        let hits: [SearchHit]
        /// How many pages there are.
        let pages: Int
        let endpoint: RegistryEndpoint
    }

    private func page(
        _ number: Int, of term: SearchTerm, _ limits: SearchLimits, _ endpoints: [RegistryEndpoint],
        _ onRetry: @Sendable (RegistryError, Duration) -> Void
    ) async throws(RegistryError) -> SearchPage {
        let page = number > 1 ? "&page=\(number)" : ""
        let path = "/v1/search?q=\(percentEncoded(term.query))&n=\(limits.pageSize)\(page)"
        var retry = configuration.retry
        if let attempts = limits.attempts { retry.attempts = attempts }
        return try await retry.run(registry: term.registry, onRetry: onRetry) {
            () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                let (_, body) = try await send(
                    "GET", endpoint, path, headers: ["Accept": "application/json"],
                    subject: RegistrySubject(kind: .search, name: ""),
                    maximumBytes: RegistryClient.maximumSearchBytes)
                return try RegistryClient.read(body, endpoint)
            }
        }
    }

    private static func read(_ body: [UInt8], _ endpoint: RegistryEndpoint) throws(RegistryError) -> SearchPage {
        // What is no UTF-8 in a description is no reason to find nothing.
        guard let json = try? JSONValue.parse(String(decoding: body, as: UTF8.self)),
            let results = json["results"]?.arrayValue
        else {
            throw RegistryError(
                .malformed, "\(endpoint.registry) answers with something else than what its search found",
                hint: "is \(endpoint.registry) a registry, or a login portal before it?", registry: endpoint.registry)
        }
        return SearchPage(
            hits: results.compactMap(hit), pages: json["num_pages"].flatMap(count).map { Int($0) } ?? 1,
            endpoint: endpoint)
    }

    /// nil for what has no name; members of another type than they should be count as absent.
    private static func hit(_ json: JSONValue) -> SearchHit? {
        guard let name = json["name"]?.stringValue, !name.isEmpty, name.utf8.count <= maximumNameBytes else {
            return nil
        }
        return SearchHit(
            name: name, description: json["description"]?.stringValue ?? "",
            starCount: json["star_count"].flatMap(count) ?? 0, isOfficial: json["is_official"] == .bool(true),
            isAutomated: json["is_automated"] == .bool(true), pullCount: json["pull_count"].flatMap(count))
    }

    /// A number of things: whole, not negative, and exact as a JSON number.
    private static func count(_ value: JSONValue) -> Int64? {
        guard let number = value.numberValue, number >= 0, number <= 9_007_199_254_740_992 else { return nil }
        return Int64(number)
    }
}

extension RegistriesConfiguration {
    /// Where a registry's search is asked for, in order: its mirrors, then itself. Docker Hub's is on a host of its own.
    ///
    /// Throws `blocked`.
    func searchEndpoints(for registry: String) throws(RegistryError) -> [RegistryEndpoint] {
        func endpoint(_ location: String, _ insecure: Bool?, isMirror: Bool) -> RegistryEndpoint {
            let host = String(location.prefix { $0 != "/" })
            let isHub = [Repository.defaultRegistry, "registry-1.docker.io"].contains(host)
            return RegistryEndpoint(
                registry: isHub ? "index.docker.io" : host, path: "", insecure: insecure, isMirror: isMirror)
        }
        guard let (entry, _) = match(registry) else { return [endpoint(registry, nil, isMirror: false)] }
        if entry.blocked {
            throw RegistryError(
                .blocked, "registries.conf blocks \(entry.prefix)", hint: "remove `blocked = true` for it",
                registry: registry)
        }
        var found = entry.mirrors.filter { $0.use != .digestOnly }.map {
            endpoint($0.location, $0.insecure, isMirror: true)
        }
        let own = entry.location.isEmpty ? registry : entry.location
        found.append(endpoint(own, entry.insecure, isMirror: false))
        // Several of them may be one host with different paths.
        var hosts: Set<String> = []
        return found.filter { hosts.insert($0.registry).inserted }
    }
}
