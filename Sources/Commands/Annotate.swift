package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `annotate REFERENCE KEY=VALUE…`: annotations of a manifest in a registry.
package struct Annotate: Command {
    package static let declaration = CommandDeclaration(
        name: "annotate", category: .registries, summary: "set annotations of an image in its registry",
        discussion: """
            The manifest (or index) is written with the annotations added, changed, or with `KEY=` taken away; all else stays as
            it is. Annotations are part of what the digest is of: the tag points to a new one then, and the manifest of before
            stays under its own. --as gives another name to it. Layers are not touched.
            """,
        arguments: .remoteImage,
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "the name that points to it", column: "REFERENCE"),
                Field("Digest", .digest, "of the manifest with its annotations", column: "DIGEST"),
                Field("MediaType", .text, "of the manifest"),
                Field("Previous", .digest, "what the name pointed to before"),
                Field("Status", .text, "written, unchanged, or planned (--dry-run)", column: "STATUS"),
                Field("Manifests", .list, "of an index: what it lists"),
            ]),
        examples: [
            Example("annotate registry.example.com/app:1 org.opencontainers.image.revision=1f3a9c", "where it is from"),
            Example(
                "annotate registry.example.com/app:1 stage=live --as registry.example.com/app:live", "as another tag"),
        ])

    @Argument(
        help: ArgumentHelp(
            "the image, then annotations as key=value; key= takes one away", valueName: "reference key=value"))
    package var words: [String] = []
    @Option(name: .customLong("as"), help: "another name for the result") package var alias: String?
    @Flag(help: "write nothing; say what would be written") package var dryRun = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard words.count >= 2 else {
            throw ShellError(
                .usage, "annotate needs an image and at least one annotation",
                hint: "as in `annotate registry.example.com/app:1 key=value`")
        }
        let source = try parseReference(words[0]).taggedDefault
        let target = try alias.map { name throws(ShellError) in try parseReference(name).taggedDefault } ?? source
        guard target.digest == nil else {
            throw ShellError(
                .usage, "an annotated manifest has another digest: name a tag",
                hint: "--as gives one to what was named by its digest")
        }
        let changes = try AnnotationArgument.parse(Array(words.dropFirst()))
        let registries = context.registries.with(try transport.choice())
        let result = try await registries.withTransfers(
            TransferOptions(dryRun: dryRun), events: SilentTransfer()
        ) { transfers in
            try await transfers.annotate(source, as: target, changes)
        }
        try await context.emit(IndexRecord.json(result))
    }
}
