package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `untag REFERENCE…`: takes names away and keeps the images.
package struct Untag: Command {
    package static let declaration = CommandDeclaration(
        name: "untag", category: .images, summary: "take names away from images, and keep the images",
        discussion: "An image that loses its last name stays as a dangling one; `rmi` would delete it.",
        arguments: .localImage, input: .references, needs: "image", result: RemovalRow.shape,
        examples: [Example("untag myuser/my-app:v2.0", "drop one name")])

    @Argument(help: "names to take away") package var reference: [String] = []
    @Flag(help: "change nothing; say what would change") package var dryRun = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.requiredReferences(reference, command: "untag")
        let results = try await context.backend.untag(names, dryRun: dryRun)
        try await context.emit(.array(results.map(RemovalRow.json)))
    }
}

/// What `untag` and `rmi` return: one record for each name taken away and each image or layer deleted.
enum RemovalRow {
    static let shape = ResultShape(
        .array,
        [
            Field("Action", .text, "Untagged or Deleted", column: "ACTION"),
            Field("Subject", .text, "the name, the image's Id or the layer's chain id", column: "SUBJECT"),
            Field("Id", .digest, "the image it belongs to", column: "ID"),
            Field("Reclaimed", .bytes, "bytes freed on disk", column: "RECLAIMED"),
        ])

    static func json(_ result: RemovalResult) -> JSONValue {
        [
            "Action": .string(result.action.rawValue), "Subject": .string(result.subject),
            "Id": .string(result.id.description), "Reclaimed": .number(Double(result.reclaimed)),
        ]
    }
}
