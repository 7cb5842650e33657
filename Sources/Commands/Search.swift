package import ArgumentParser
import Backend
import JSON
package import Shell

/// `search TERM`: finds repositories on Docker Hub, or on the registry that the term names.
package struct Search: Command {
    package static let declaration = CommandDeclaration(
        name: "search", category: .registries, summary: "find repositories on Docker Hub or another registry",
        discussion: """
            A term with a host before its first slash asks that registry: few besides Docker Hub have a search. The order
            is the registry's. Values are whole; only the table shortens them. With --filter further pages are asked for
            until there are as many results as --limit says.

            --format gives texts as Docker's client prints them: a Go template for each row, `table` before one for columns
            under a header, `table` alone. `--format json` gives the records one by one.
            """,
        arguments: .text,
        result: ResultShape(
            .array,
            [
                Field("Reference", .text, "what `pull` takes; null where the name is no repository's"),
                Field("Name", .text, "as the registry calls it", column: "NAME"),
                Field("Description", .text, "the owner's words, whole", column: "DESCRIPTION"),
                Field("StarCount", .number, "how many people starred it", column: "STARS"),
                Field("IsOfficial", .boolean, "one of Docker's official images", column: "OFFICIAL"),
                Field("IsAutomated", .boolean, "built by the registry; Docker Hub no longer says so"),
                Field("PullCount", .number, "how often it was pulled; null where the registry does not say"),
                Field("Registry", .text, "the registry that was asked"),
            ]))

    @Argument(help: "what to look for: TERM, or HOST/TERM for another registry than Docker Hub") package var term:
        String
    @Option(name: [.short, .long], parsing: .singleValue, help: "KEY=VALUE: is-automated, is-official, stars")
    package var filter: [String] = []
    @Option(help: "at most so many results, 1 to 100; 0 means 25") package var limit = 0
    @Option(help: "a Go template, `table TEMPLATE`, or table, json") package var format: String?
    @Flag(help: "whole descriptions in --format's texts (values are never truncated)") package var noTrunc = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard (0...100).contains(limit) else {
            throw ShellError(
                .usage, "limit \(limit) is outside the range of [1, 100]", hint: "0, or nothing, means 25")
        }
        let request = SearchRequest(
            term: term, limit: limit == 0 ? 25 : limit, filter: try SearchFilter(parsing: filter),
            transport: try transport.choice())
        let results = try await context.registries.search(request)
        guard let format, !format.isEmpty else { return try await context.emit(.array(results.map(\.json))) }
        context.view.shape = ResultShape(.text)
        if format == "json" {
            for result in results { try await context.emit(result.json) }
            return
        }
        let lines = try DockerFormat.search(format).lines(
            results.map(DockerSearchRow.init), DockerRowStyle(truncates: !noTrunc))
        for line in lines { try await context.emit(.string(line)) }
    }
}

extension SearchResult {
    /// The record as `search` declares it.
    var json: JSONValue {
        [
            "Reference": reference.map(JSONValue.string) ?? .null, "Name": .string(name),
            "Description": .string(description), "StarCount": .number(Double(starCount)),
            "IsOfficial": .bool(isOfficial), "IsAutomated": .bool(isAutomated),
            "PullCount": pullCount.map { .number(Double($0)) } ?? .null, "Registry": .string(registry),
        ]
    }
}
