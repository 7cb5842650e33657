package import ArgumentParser
import Backend
import Glibc
import JSON
import OCI
package import Shell

/// `import SOURCE [REFERENCE]`: makes an image of one layer.
package struct Import: Command {
    package static let declaration = CommandDeclaration(
        name: "import", category: .images, summary: "make an image of one layer from a directory or a tar archive",
        discussion: """
            The source is a directory, a tar archive (plain, gzip, bzip2, xz or zstd), or - for one
            that the program in front gives, or else standard input.
            --change takes Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL,
            USER, VOLUME, WORKDIR. Variables that an ENV before them set are replaced, as in a Dockerfile.
            """,
        arguments: .file, input: .bytes,
        result: ResultShape(
            .object,
            [
                Field("Reference", .text, "the name it got; null for none", column: "REFERENCE"),
                Field("Id", .digest, "digest of the new image's config", column: "IMAGE ID"),
                Field("Digest", .digest, "digest of its manifest"),
                Field("Layer", .digest, "digest of its layer, compressed"),
                Field("Size", .bytes, "file bytes of the layer", column: "SIZE"),
            ]),
        examples: [
            Example("import rootfs/ my/base:1 --change 'CMD [\"/bin/sh\"]'", "a directory"),
            Example("import rootfs.tar.gz my/base:1", "an archive"),
        ])

    @Argument(help: "a directory, an archive, or - for standard input", completion: .file()) package var source: String
    @Argument(help: "name for the image; no tag means latest") package var reference: String?
    @Option(
        name: [.short, .long], parsing: .singleValue, help: "a Dockerfile instruction for the image's config")
    package var change: [String] = []
    @Option(name: [.short, .long], help: "a remark for its history") package var message: String?
    @Option(help: "platform to mark it with (default: this machine's)") package var platform: String?

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let name = try reference.map(parseReference)
        if let name, name.digest != nil {
            throw ShellError(.usage, "cannot import digest reference", hint: "give a repository and a tag")
        }
        let request = ImportRequest(
            source: try resolvedSource(context.bytes ?? .standardInput), reference: name?.taggedDefault,
            platform: try platform.map(parsePlatform) ?? .host, message: message ?? "Imported from \(source)",
            changes: change)
        try await context.emit(try await context.backend.importImage(request).json)
    }

    private func resolvedSource(_ bytes: ByteInput) throws(ShellError) -> ImportRequest.Source {
        if source == "-" { return .descriptor(bytes.descriptor, name: bytes.name) }
        if source.hasPrefix("http://") || source.hasPrefix("https://") {
            // Not repeated: there may be a password in it.
            throw ShellError(
                .unsupported, "import reads files and directories, no URLs",
                hint: "fetch it first, as in `!curl … | import - NAME`")
        }
        var status = stat()
        guard stat(source, &status) == 0 else {
            throw ShellError(.notFound, "cannot read \(source): \(String(cString: strerror(errno)))")
        }
        return status.st_mode & S_IFMT == S_IFDIR ? .directory(source) : .file(source)
    }
}

extension ImportResult {
    /// The result as `import` declares it.
    var json: JSONValue {
        [
            "Reference": reference.map { .string($0.familiar) } ?? .null, "Id": .string(id.description),
            "Digest": .string(digest.description), "Layer": .string(layer.description),
            "Size": .number(Double(size)),
        ]
    }
}
