package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `exists REFERENCE…`: whether registries have images.
package struct Exists: Command {
    package static let declaration = CommandDeclaration(
        name: "exists", category: .registries, summary: "tell whether registries have images",
        discussion: """
            Asks with HEAD. What a registry says it does not have is false, and no error; a registry that cannot be asked
            is one, since the answer is not known then. Docker Hub wants a login for repositories that do not exist.
            """,
        arguments: .remoteImage, input: .references, needs: "image",
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "what was asked for", column: "REFERENCE"),
                Field("Exists", .boolean, "the registry has it", column: "EXISTS"),
                Field("Digest", .digest, "what it has; null where it has none", column: "DIGEST"),
            ]),
        examples: [
            Example("exists nginx:1.25 nginx:no-such-tag", "two tags"),
            Example("if (exists nginx:1.25 | .Exists) { echo there } else { echo not there }", "in a script"),
        ])

    @Argument(help: "images to ask for; no tag means latest") package var reference: [String] = []
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let words = try context.words(reference, command: "exists")
        let registries = context.registries.with(try transport.choice())
        try await context.forEachWord(of: words, width: RegistryBackend.requestsAtOnce) { word in
            let reference = try parseRemoteReference(word).taggedDefault
            let found = try await registries.find(reference)
            return [
                "Reference": .string(reference.familiar), "Exists": .bool(found != nil),
                "Digest": found.map { .string($0.digest.description) } ?? .null,
            ]
        }
    }
}
