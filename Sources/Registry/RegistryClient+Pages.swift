import HTTP
import JSON
import OCI

/// Lists that registries hand out in pages (distribution-spec, "Listing Tags"): the next page is where a `Link` says, and
/// where none does after a page that is full, behind its last entry.
extension RegistryClient {
    static let maximumPageBytes = 16 << 20

    /// A list to be asked for.
    struct PageRequest: Sendable {
        /// The URL's path below `/v2/PATH/`: `tags/list`; whole, from `/v2/`, for a list of the registry.
        let path: @Sendable (RegistryEndpoint) -> String
        /// The array's name in the answer.
        let member: String
        let pageSize: Int
        let subject: RegistrySubject
    }

    struct Page: Sendable {
        /// The entries that are texts.
        let entries: [String]
        let bytes: Int
        let next: String?
        let endpoint: RegistryEndpoint
    }

    /// Reads a list to its end and hands over each page's new entries that `isWanted`.
    func pages(
        _ request: PageRequest, at endpoints: [RegistryEndpoint], registry: String, of subject: PagedList.Subject,
        isWanted: (String) -> Bool, onPage: ([String]) throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        let first = try await page(request, at: endpoints, url: nil, registry: registry)
        var list = PagedList(limits: configuration.tagList, subject: subject, registry: first.endpoint.registry)
        var page = first
        while true {
            let new = try list.add(page.entries, bytes: page.bytes)
            try onPage(new.filter(isWanted))
            guard let next = page.next ?? nextByName(request, after: page, hasNew: !new.isEmpty) else { return }
            try list.follow(next)
            page = try await self.page(request, at: [first.endpoint], url: next, registry: registry)
        }
    }

    /// Registries without `Link` go on behind the last entry of a page. A page that is not full is the last one; so is
    /// one that brings nothing new, of a registry that knows no pages at all.
    private func nextByName(_ request: PageRequest, after page: Page, hasNew: Bool) -> String? {
        guard hasNew, page.entries.count == request.pageSize, let last = page.entries.last else { return nil }
        return "\(request.path(page.endpoint))?n=\(request.pageSize)&last=\(percentEncoded(last))"
    }

    private func page(
        _ request: PageRequest, at endpoints: [RegistryEndpoint], url: String?, registry: String
    ) async throws(RegistryError) -> Page {
        try await configuration.retry.run(registry: registry) { () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                let path = url ?? "\(request.path(endpoint))?n=\(request.pageSize)"
                let (response, body) = try await send(
                    "GET", endpoint, path, headers: ["Accept": "application/json"], subject: request.subject,
                    maximumBytes: RegistryClient.maximumPageBytes)
                guard let json = try? JSONValue.parse(body), let list = json[request.member] else {
                    throw RegistryError(
                        .malformed,
                        "\(endpoint.registry) answers with something else than \(request.member) for \(request.subject.name)",
                        registry: endpoint.registry)
                }
                return Page(
                    entries: (list.arrayValue ?? []).compactMap(\.stringValue), bytes: body.count,
                    next: try nextPage(response, endpoint), endpoint: endpoint)
            }
        }
    }

    /// The URL of the `Link` with `rel="next"` (RFC 8288), which has to be on the same host.
    func nextPage(_ response: HTTPResponse, _ endpoint: RegistryEndpoint) throws(RegistryError) -> String? {
        guard let link = response.headers.values("Link").lazy.compactMap(LinkField.next).first else { return nil }
        do {
            let base = try Target(response.url)
            let next = try base.resolving(link)
            if next.hasSameOrigin(as: base) { return next.url }
        } catch {
            // Said below, like a link to another host.
        }
        throw RegistryError(
            .malformed,
            "\(endpoint.registry) continues its list at \"\(escaped(link, limit: 120))\", not on the same host",
            registry: endpoint.registry)
    }
}

/// `Link` fields.
enum LinkField {
    /// The target of the first link with the relation `next`.
    static func next(_ field: String) -> String? {
        var rest = field[...]
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let target = rest[rest.index(after: open)..<close]
            let after = rest[rest.index(after: close)...]
            let parameters = after.prefix { $0 != "<" }
            let isNext = parameters.split(whereSeparator: { $0 == ";" || $0 == "," }).contains { parameter in
                let words = parameter.split(separator: "=", maxSplits: 1).map { String($0).trimmingSpaces() }
                guard words.count == 2, words[0].lowercased() == "rel" else { return false }
                return words[1].lowercased().split { $0 == "\"" || $0 == " " }.contains("next")
            }
            if isNext { return String(target) }
            rest = after.dropFirst(parameters.count)
        }
        return nil
    }
}
