package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `save IMAGE… -o FILE`: images into an archive.
package struct Save: Command {
    package static let declaration = CommandDeclaration(
        name: "save", category: .images, summary: "write images into an archive that docker load reads",
        discussion: """
            The archive is what Docker 25 and later write: an OCI image layout, with what older engines, podman and skopeo
            go by beside it; --format oci leaves that away. Several images share their layers, and equal images make equal
            archives. A repository without a tag means all of its tags; an image named by its Id gets no name in the
            archive. Of a multi-platform image, all that is here goes along, or with --platform one.

            Layers stay as they are stored, so that digests survive. --plain-layers unpacks them, as Docker's own engine
            does; for layers packed with zstd, which engines before Docker 23 do not read, that is always done in Docker's
            format. Ids are the same either way.

            Without -o, or with -o -, the bytes go to standard output and there is no result. A file appears under its name
            when all of it is written, and takes the place of one that is there.

            --without leaves out the blobs that the receiver has: an OCI image layout, its index.json, or any file with
            digests in it says which. Such an archive is for a store that has them, and an OCI image layout.
            """,
        arguments: .localImage, input: .references, needs: "image",
        result: ResultShape(
            .object,
            [
                Field("File", .text, "the file", column: "FILE"),
                Field(
                    "Status", .text, "created, replaced, written (to a pipe or device), or planned (--dry-run)",
                    column: "STATUS"),
                Field("Format", .text, "docker or oci"),
                Field("Compression", .text, "of the archive as a whole: none, gzip or zstd"),
                Field("References", .list, "the names in it"),
                Field(
                    "Images", .list, "what is in it",
                    fields: [
                        Field("References", .list, "its names; none for an image that was named by its Id"),
                        Field("Id", .digest, "digest of its config"),
                        Field("Digest", .digest, "of its manifest or index, as it is in the archive"),
                        Field("Platform", .text, "os/architecture[/variant]"),
                    ]),
                Field("Blobs", .number, "files of content in it"),
                Field("Omitted", .number, "files that --without left out"),
                Field("Size", .bytes, "bytes of the archive; null with --dry-run and --compress", column: "SIZE"),
                Field("Digest", .digest, "of the archive's bytes; null with --dry-run", column: "DIGEST"),
            ]),
        examples: [
            Example("save nginx:1.25 -o nginx.tar", "one image"),
            Example("images | map(select(.Size < 100000000)) | save -o small.tar.zst --compress zstd", "many, packed"),
            Example("save nginx:1.25 node:20 -o both.tar --dry-run | {Size, Blobs}", "how large it would be"),
            Example("save nginx:1.25 --platform linux/amd64 --format oci -o nginx-amd64.tar", "for one platform"),
        ])

    @Argument(help: "images to save: references or Ids") package var image: [String] = []
    @Option(name: [.short, .long], help: "the file; - for standard output", completion: .file())
    package var output: String?
    @Option(help: "platform to take from a multi-platform image, as linux/arm64") package var platform: String?
    @Option(help: "docker, or oci for an OCI image layout and nothing else") package var format: SaveFormat?
    @Option(help: "pack the archive as a whole: gzip or zstd") package var compress: SavePacking?
    @Flag(help: "layers as plain tar streams, as Docker's own engine writes them") package var plainLayers = false
    @Option(help: "leave out the blobs that this layout has or file names", completion: .file())
    package var without: String?
    @Flag(help: "write nothing; say what would be written") package var dryRun = false
    @Flag(name: [.short, .long], help: "show no progress") package var quiet = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.requiredReferences(image, command: "save")
        guard !names.isEmpty else {
            throw ShellError(.usage, "nothing came through the pipe, so there is nothing to save")
        }
        if without != nil, format == .docker {
            throw ShellError(
                .usage, "--without makes an archive that Docker cannot load",
                hint: "leave out --format, or say --format oci")
        }
        let format: SaveRequest.Format = without != nil || self.format == .oci ? .oci : .docker
        let packing: SaveRequest.Packing? =
            switch compress {
            case .gzip: .gzip
            case .zstd: .zstd
            case nil: nil
            }
        let request = SaveRequest(
            names: names, platform: try platform.map(parsePlatform), format: format, packing: packing,
            unpacksLayers: plainLayers, without: try await known(), dryRun: dryRun)
        if let output, output != "-" { return try await save(request, to: output, context) }
        if dryRun { return try await context.emit(try await plan(request, context)) }
        try await stream(request, context)
    }

    private func known() async throws -> Set<Digest> {
        guard let without else { return [] }
        return try await KnownBlobs.read(without)
    }

    private func save(_ request: SaveRequest, to path: String, _ context: CommandContext) async throws {
        let old = try OutputFile.status(path)
        if dryRun { return try await context.emit(try await plan(request, context)) }
        let result = try await ArchiveSink.save(request, toFile: path, showsProgress: !quiet, context)
        let isRegular = old.map(OutputFile.isRegular) ?? true
        let status = !isRegular ? "written" : old == nil ? "created" : "replaced"
        try await context.emit(json(result, request, status: status))
    }

    private func plan(_ request: SaveRequest, _ context: CommandContext) async throws -> JSONValue {
        json(
            try await context.backend.save(request, to: { _ throws(BackendError) in }, progress: { _, _ in }), request,
            status: "planned")
    }

    private func stream(_ request: SaveRequest, _ context: CommandContext) async throws {
        guard !context.session.console.showsOutput else {
            throw ShellError(
                .usage, "an archive is not written to a terminal", hint: "give a file, -o FILE, or redirect the output")
        }
        try await ArchiveSink.saveToStandardOutput(request, showsProgress: !quiet, context)
    }

    private func json(_ result: SaveResult, _ request: SaveRequest, status: String) -> JSONValue {
        Self.record(of: result, request, file: output, status: status)
    }

    /// The record of what was saved to `file`, or standard output.
    static func record(of result: SaveResult, _ request: SaveRequest, file: String?, status: String) -> JSONValue {
        func texts(_ references: [Reference]) -> JSONValue { .array(references.map { .string($0.familiar) }) }
        let images: [JSONValue] = result.images.map { image in
            [
                "References": texts(image.references), "Id": .string(image.id.description),
                "Digest": .string(image.digest.description), "Platform": .string(image.platform.description),
            ]
        }
        return [
            "File": file.map { $0 == "-" ? .null : .string($0) } ?? .null, "Status": .string(status),
            "Format": .string(request.format.rawValue), "Compression": .string(request.packing?.rawValue ?? "none"),
            "References": texts(result.images.flatMap(\.references)), "Images": .array(images),
            "Blobs": .number(Double(result.blobs)), "Omitted": .number(Double(result.omitted)),
            "Size": result.size.map { .number(Double($0)) } ?? .null,
            "Digest": result.digest.map { .string($0.description) } ?? .null,
        ]
    }
}

/// `--format` of `save`.
package enum SaveFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case docker, oci
}

/// `--compress` of `save`.
package enum SavePacking: String, CaseIterable, ExpressibleByArgument, Sendable {
    case gzip, zstd
}
