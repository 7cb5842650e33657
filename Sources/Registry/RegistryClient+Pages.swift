import HTTP
import JSON
import OCI

/// Lists that registries hand out in pages (distribution-spec, "Listing Tags"): the next page is where a `Link` says, and
/// where none does after a page that is full, behind its last entry.
extension RegistryClient {
    /// Some hundred thousand tags, for a registry that knows no pages.
    static let maximumPageBytes = 8 << 20

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
        /// How many are not.
        let others: Int
        let bytes: Int
        let next: String?
        let endpoint: RegistryEndpoint
    }

    fileprivate func page(
        _ request: PageRequest, at endpoints: [RegistryEndpoint], url: String?, registry: String
    ) async throws(RegistryError) -> Page {
        try await configuration.retry.run(registry: registry) { () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                let path = url ?? "\(request.path(endpoint))?n=\(request.pageSize)"
                let (response, body) = try await send(
                    "GET", endpoint, path, headers: ["Accept": "application/json"], subject: request.subject,
                    maximumBytes: RegistryClient.maximumPageBytes)
                guard let json = try? JSONValue.parse(body), let list = json[request.member],
                    let values = list == .null ? [] : list.arrayValue
                else {
                    throw RegistryError(
                        .malformed,
                        "\(endpoint.registry) answers with something else than \(request.member) for \(request.subject.name)",
                        registry: endpoint.registry)
                }
                let entries = values.compactMap(\.stringValue)
                return Page(
                    entries: entries, others: values.count - entries.count, bytes: body.count,
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

/// A list on its way, page by page, each entry once.
struct PageReader {
    private let client: RegistryClient
    private let request: RegistryClient.PageRequest
    private let registry: String
    private var endpoints: [RegistryEndpoint]
    private var list: PagedList
    private var next: String?
    private var isAtEnd = false
    /// What is in the list and is no name of its kind.
    var leftOut = LeftOut()

    init(
        _ client: RegistryClient, _ request: RegistryClient.PageRequest, at endpoints: [RegistryEndpoint],
        registry: String, of subject: PagedList.Subject
    ) {
        self.client = client
        self.request = request
        self.endpoints = endpoints
        self.registry = registry
        list = PagedList(limits: client.configuration.tagList, subject: subject, registry: registry)
    }

    /// The next page's new entries, perhaps none; nil behind the last page.
    mutating func page() async throws(RegistryError) -> [String]? {
        guard !isAtEnd else { return nil }
        if let next { try list.follow(next) }
        let page = try await client.page(request, at: endpoints, url: next, registry: registry)
        // Another endpoint may have the list in another order.
        endpoints = [page.endpoint]
        leftOut.count += page.others
        let new = try list.add(page.entries, bytes: page.bytes)
        next = page.next ?? nextByName(after: page, hasNew: !new.isEmpty)
        isAtEnd = next == nil
        return new
    }

    /// Registries without `Link` go on behind the last entry of a page. A page that is not full is the last one; so is
    /// one that brings nothing new, of a registry that knows no pages at all.
    private func nextByName(after page: RegistryClient.Page, hasNew: Bool) -> String? {
        guard hasNew, page.entries.count == request.pageSize, let last = page.entries.last else { return nil }
        return "\(request.path(page.endpoint))?n=\(request.pageSize)&last=\(percentEncoded(last))"
    }
}

/// What a list holds that cannot be used: counted, and the first few kept, so that nobody takes the list for whole.
struct LeftOut: Sendable {
    var count = 0
    private var examples: [String] = []

    private static let shown = 3

    mutating func add(_ name: String) {
        count += 1
        if examples.count < LeftOut.shown { examples.append("\"\(escaped(name, limit: 60))\"") }
    }

    /// `127.0.0.1:5000 lists 2 names that are no tag of team/app, left out: "UP", "a b"`; nil where nothing was.
    func text(_ registry: String, _ what: String) -> String? {
        guard count > 0 else { return nil }
        let names = count == 1 ? "1 name that is no \(what)" : "\(count) names that are no \(what)"
        let more = !examples.isEmpty && count > examples.count ? ", …" : ""
        let told = examples.isEmpty ? "" : ": " + examples.joined(separator: ", ") + more
        return "\(registry) lists \(names), left out\(told)"
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
