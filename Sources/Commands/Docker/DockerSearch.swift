import Backend
import JSON
import Shell

/// `docker search`.
enum DockerSearch {
    static let command = DockerCommand(
        paths: ["search"], usage: "[OPTIONS] TERM", summary: "Search Docker Hub for images",
        flags: [
            .filter("f", "Filter output based on conditions provided", keys: SearchFilter.keys),
            .listFormat(DockerSearchRow.columns, usage: "Pretty-print search using a Go template"),
            .int("limit", nil, "Max number of search results"), .bool("no-trunc", nil, "Don't truncate output"),
        ], arguments: .exactly(1), plain: { $0.plain("search") }, failure: failure, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let words = call.words
        let filters = words.list("filter")
        if filters.contains(where: { DockerPruneFilters.parts($0).key == "is-automated" }) {
            call.err(
                "WARNING: the \"is-automated\" filter is deprecated, and searching for \"is-automated=true\" will not yield "
                    + "any results in future.\n")
        }
        let filter = try filter(filters)
        // The client does not hand on what is not positive.
        let limit = words.int("limit").flatMap { $0 > 0 ? $0 : nil } ?? 25
        guard limit <= 100 else {
            throw refused("Limit \(limit) is outside the range of [1, 100]", .usage)
        }
        let results = try await call.context.registries.search(
            SearchRequest(term: call.arguments[0], limit: limit, filter: filter, goesOn: false))
        call.meaning.add(.array(results.map(\.json)))
        let source = words.string("format") ?? ""
        let format = DockerFormat.search(source.isEmpty ? "table" : source)
        var rows = results.map(DockerSearchRow.init)
        if format.writesRowsAsJSON { for place in rows.indices { rows[place].isJSON = true } }
        try await call.outLines(
            try format.dockerLines(rows, DockerRowStyle(truncates: !words.isOn("no-trunc"))))
    }

    /// The conditions as the engine reads them (moby `daemon/images/image_search.go`).
    private static func filter(_ texts: [String]) throws(ShellError) -> SearchFilter {
        var values: [String: [String]] = [:]
        for text in texts {
            let (key, value) = DockerPruneFilters.parts(text)
            if values[key]?.contains(value) != true { values[key, default: []].append(value) }
        }
        if let unknown = values.keys.sorted().first(where: { !SearchFilter.keys.contains($0) }) {
            throw refused("Invalid filter '\(unknown)'", .usage)
        }
        func truth(_ key: String) throws(ShellError) -> Bool? {
            guard let given = values[key] else { return nil }
            guard given == ["true"] || given == ["false"] else {
                throw refused("Invalid filter '\(key)=[\(given.sorted().joined(separator: " "))]'", .usage)
            }
            return given == ["true"]
        }
        var filter = SearchFilter(isOfficial: nil, isAutomated: try truth("is-automated"))
        filter.isOfficial = try truth("is-official")
        for text in values["stars"] ?? [] {
            guard let number = Int64(text) else { throw refused("Invalid filter 'stars=\(text)'", .usage) }
            filter.stars = max(filter.stars ?? 0, number)
        }
        return filter
    }

    private static func refused(_ text: String, _ code: ShellError.Code) -> ShellError {
        DockerFailure.error("Error response from daemon: " + text, code: code)
    }

    @Sendable private static func failure(_ error: BackendError, _ words: DockerWords) -> ShellError {
        if error.code == .interrupted { return ShellError(error) }
        let code = ShellError.Code(rawValue: error.code.rawValue)
        if let status = error.status { return refused("Unexpected status code \(status)", code) }
        if error.code == .corrupt { return refused("error decoding registry search results: \(error.message)", code) }
        if error.message.hasPrefix("invalid repository name") { return refused("I" + error.message.dropFirst(), code) }
        return refused(error.message, code)
    }
}

extension DockerFormat {
    /// Whether a row is written whole, as JSON.
    fileprivate var writesRowsAsJSON: Bool {
        source == "json" || source.filter { $0 != " " }.contains("{{json.}}")
    }
}
