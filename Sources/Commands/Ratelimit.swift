package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `ratelimit [REFERENCE]`: how many pulls a registry still allows.
package struct Ratelimit: Command {
    package static let declaration = CommandDeclaration(
        name: "ratelimit", category: .registries, summary: "tell how many pulls a registry still allows",
        discussion: """
            Asks with HEAD, which spends none. Without a reference it is Docker Hub's limit. A registry that names no limit
            has null for Limit and Remaining.
            """,
        arguments: .remoteImage, input: .references,
        result: ResultShape(
            .stream,
            [
                Field("Registry", .text, "whose limit it is", column: "REGISTRY"),
                Field("Limit", .number, "pulls in a window", column: "LIMIT"),
                Field("Remaining", .number, "pulls that are left of them", column: "REMAINING"),
                Field("Window", .number, "the window in seconds", column: "WINDOW"),
                Field("Source", .text, "whom it counts for: an address, or an account's id", column: "SOURCE"),
            ]),
        examples: [
            Example("ratelimit", "Docker Hub's"),
            Example("ratelimit | .Remaining // 100 | select(. < 10)", "only where little is left"),
        ])

    /// What Docker's documentation has one ask for.
    private static let preview = "ratelimitpreview/test:latest"

    @Argument(help: "an image of the registry (default: Docker's own for this)") package var reference: [String] = []
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let given = reference.isEmpty && context.input == nil ? [Ratelimit.preview] : reference
        let words = try context.words(given, command: "ratelimit")
        let registries = context.registries.with(try transport.choice())
        try await context.forEachWord(of: words, width: RegistryBackend.listsAtOnce) { word in
            let reference = try parseRemoteReference(word).taggedDefault
            let limit = try await registries.pullLimit(reference)
            func number(_ value: Int?) -> JSONValue { value.map { .number(Double($0)) } ?? .null }
            return [
                "Registry": .string(reference.repository.registry), "Limit": number(limit.limit),
                "Remaining": number(limit.remaining), "Window": number(limit.window),
                "Source": limit.source.map(JSONValue.string) ?? .null,
            ]
        }
    }
}
