package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `tag SOURCE TARGET`: gives an image a further name.
package struct Tag: Command {
    package static let declaration = CommandDeclaration(
        name: "tag", category: .images, summary: "give an image a further name",
        discussion:
            "A name that another image had moves to this one; that image stays, as a dangling one if it had no other.",
        arguments: .localImage,
        result: ResultShape(
            .object,
            [
                Field("Source", .text, "the image as it was named", column: "SOURCE"),
                Field("Reference", .text, "the new name", column: "REFERENCE"),
                Field("Id", .digest, "digest of the image's config", column: "ID"),
                Field("Digest", .digest, "digest of its manifest or index"),
                Field(
                    "Replaced", .digest, "the image that had the name before; null where none had", column: "REPLACED"),
            ]),
        examples: [Example("tag nginx:1.25 myuser/my-app:v2.0", "name it for a registry account")])

    @Argument(help: "image to name: a reference or an Id") package var source: String
    @Argument(help: "its new name; no tag means latest") package var target: String
    @Flag(help: "change nothing; say what would change") package var dryRun = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let result = try await context.backend.tag(source, as: target, dryRun: dryRun)
        try await context.emit([
            "Source": .string(result.source), "Reference": .string(result.reference.familiar),
            "Id": .string(result.id.description), "Digest": .string(result.digest.description),
            "Replaced": result.replaced.map { .string($0.description) } ?? .null,
        ])
    }
}
