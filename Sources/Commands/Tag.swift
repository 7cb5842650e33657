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
            """
            A name that another image had moves to this one; that image stays, as a dangling one if it had no other.

            --remote gives the name in the registry: the same manifest under another tag, or in another repository, with what
            the registry has mounted and nothing fetched. The store is not touched, and Id is null.
            """,
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
                Field("Status", .text, "tagged, up_to_date where the name was its own already, or planned (--dry-run)"),
            ]),
        examples: [
            Example("tag nginx:1.25 myuser/my-app:v2.0", "name it for a registry account"),
            Example("tag --remote --dry-run nginx:1.25 nginx:stable", "what would change in a registry"),
        ])

    @Argument(help: "image to name: a reference or an Id") package var source: String
    @Argument(help: "its new name; no tag means latest") package var target: String
    @Flag(help: "change nothing; say what would change") package var dryRun = false
    @Flag(help: "give the name in the registry") package var remote = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        if remote { return try await tagRemotely(context) }
        let result = try await context.backend.tag(source, as: target, dryRun: dryRun)
        try await context.emit(result.json)
    }

    private func tagRemotely(_ context: CommandContext) async throws {
        let from = try parseReference(source).taggedDefault
        let to = try parseReference(target).taggedDefault
        guard to.digest == nil else {
            throw ShellError(
                .invalidReference, "refusing to create a tag with a digest reference",
                hint: "give a repository and a tag")
        }
        let registries = context.registries.with(try transport.choice())
        let before = try await registries.find(to)
        let options = TransferOptions(dryRun: dryRun)
        let result = try await registries.withTransfers(options, events: SilentTransfer()) { transfers in
            try await transfers.copy(.registry(from), to: to)
        }
        let replaced = before.flatMap { $0.digest == result.digest ? nil : $0.digest.description }
        let status = result.status == .copied ? .tagged : TagResult.Status(rawValue: result.status.rawValue) ?? .tagged
        try await context.emit([
            "Source": .string(source), "Reference": .string(result.target), "Id": .null,
            "Digest": .string(result.digest.description), "Replaced": replaced.map { .string($0) } ?? .null,
            "Status": .string(status.rawValue),
        ])
    }
}

extension TagResult {
    /// The result as `tag` declares it.
    var json: JSONValue {
        [
            "Source": .string(source), "Reference": .string(reference.familiar), "Id": .string(id.description),
            "Digest": .string(digest.description), "Replaced": replaced.map { .string($0.description) } ?? .null,
            "Status": .string(status.rawValue),
        ]
    }
}
