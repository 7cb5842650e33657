import HTTP
import JSON
package import OCI

extension RegistryClient {
    private static let maximumPageBytes = 16 << 20

    /// Hands over a repository's tags page by page, in the registry's order, each once; texts that are no tags are left
    /// out.
    ///
    /// Throws `notFound`, `unauthorized`, `malformed` for a registry whose pages never end, `answerTooLarge` and
    /// `timeout` beyond the configuration's `TagListLimits`, …; what `onPage` throws.
    package func tags(
        _ repository: Repository, pageSize: Int = 1000, onPage: ([String]) throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        // A tag list is by name, so mirrors for digests only are left out.
        let endpoints = try endpoints(for: repository, byDigest: false)
        let first = try await page(endpoints, repository, url: nil, pageSize)
        var list = TagList(
            limits: configuration.tagList, repository: repository, registry: first.endpoint.registry)
        try onPage(try list.add(first.tags, bytes: first.bytes))
        var next = first.next
        while let url = next {
            try list.follow(url)
            let page = try await page([first.endpoint], repository, url: url, pageSize)
            try onPage(try list.add(page.tags, bytes: page.bytes))
            next = page.next
        }
    }

    /// Every tag of a repository, in the registry's order.
    package func tags(_ repository: Repository, pageSize: Int = 1000) async throws(RegistryError) -> [String] {
        var all: [String] = []
        try await tags(repository, pageSize: pageSize) { all += $0 }
        return all
    }

    private struct Page: Sendable {
        let tags: [String]
        let bytes: Int
        let next: String?
        let endpoint: RegistryEndpoint
    }

    private func page(
        _ endpoints: [RegistryEndpoint], _ repository: Repository, url: String?, _ pageSize: Int
    ) async throws(RegistryError) -> Page {
        try await configuration.retry.run(registry: repository.registry) { () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                let path = url ?? "/v2/\(endpoint.path)/tags/list?n=\(max(1, pageSize))"
                let (response, body) = try await send(
                    "GET", endpoint, path, headers: ["Accept": "application/json"],
                    subject: RegistrySubject(kind: .tags, name: repository.familiar),
                    maximumBytes: RegistryClient.maximumPageBytes)
                return try read(response, body, endpoint, repository)
            }
        }
    }

    private func read(
        _ response: HTTPResponse, _ body: [UInt8], _ endpoint: RegistryEndpoint, _ repository: Repository
    ) throws(RegistryError) -> Page {
        guard let json = try? JSONValue.parse(body), let list = json["tags"] else {
            throw RegistryError(
                .malformed, "\(endpoint.registry) answers with something else than the tags of \(repository.familiar)",
                registry: endpoint.registry)
        }
        let tags = (list.arrayValue ?? []).compactMap(\.stringValue).filter(Reference.isTag)
        return Page(tags: tags, bytes: body.count, next: try nextPage(response, endpoint), endpoint: endpoint)
    }

    /// The URL of the `Link` with `rel="next"` (RFC 8288), which has to be on the same host.
    private func nextPage(_ response: HTTPResponse, _ endpoint: RegistryEndpoint) throws(RegistryError) -> String? {
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
