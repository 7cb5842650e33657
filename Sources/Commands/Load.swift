package import ArgumentParser
import Backend
import Glibc
import JSON
import OCI
package import Shell

/// `load [FILE]`: takes images out of an archive.
package struct Load: Command {
    package static let declaration = CommandDeclaration(
        name: "load", category: .images, summary: "take images from an archive or an OCI layout into the store",
        discussion: """
            Reads what `save`, `docker save`, podman and skopeo write: docker-archives old and new, OCI archives (each plain,
            gzip, bzip2, xz or zstd), and directories with an OCI image layout. Without FILE the archive comes from the program
            in front, or else on standard input. Every digest is compared, and every layer unpacked once, before anything changes; of an archive that is
            damaged nothing is taken.
            """,
        arguments: .file, input: .bytes,
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "the name it has now; null for an image without", column: "REFERENCE"),
                Field("Id", .digest, "digest of the image's config", column: "IMAGE ID"),
                Field("Digest", .digest, "digest of its manifest or index"),
                Field("Platform", .text, "os/architecture[/variant]", column: "PLATFORM"),
                Field("Status", .text, "loaded, up_to_date, or planned (--dry-run)", column: "STATUS"),
                Field("Size", .bytes, "file bytes of its layers", column: "SIZE"),
                Field("Replaced", .digest, "Id of the image that had the name before; null for none"),
                Field("Layers", .list, "{Digest, DiffId, Size, Status} each; Status is loaded, exists or foreign"),
            ]),
        examples: [
            Example("load from-docker.tar", "all images of an archive"),
            Example("!cat from-docker.tar | load", "one that a program gives"),
            Example("load -i from-docker.tar.gz --dry-run | .Reference", "what is in it"),
        ])

    @Argument(help: "an archive, a directory, or - for standard input", completion: .file()) package var file: String?
    @Option(name: [.short, .long], help: "the same as FILE", completion: .file()) package var input: String?
    @Flag(name: [.short, .long], help: "show no progress") package var quiet = false
    @Option(help: "take the images for this platform only, as linux/arm64") package var platform: String?
    @Flag(help: "read and verify everything, and change nothing") package var dryRun = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        if let file, let input {
            throw ShellError(.usage, "load takes one archive, and \(input) and \(file) were given")
        }
        let wanted = try platform.map(parsePlatform)
        let request = LoadRequest(source: try source(input ?? file, context.bytes), platform: wanted, dryRun: dryRun)
        let results: [LoadResult]
        do throws(BackendError) {
            results = try await Self.run(request, showsProgress: !quiet && !dryRun, context)
        } catch {
            guard error.code != .interrupted else { throw error }
            var named = error
            let name = input ?? file ?? (context.bytes ?? .standardInput).name
            named.message = "cannot load \(name): \(error.message)"
            throw named
        }
        for result in results { try await context.emit(result.json) }
    }

    /// Loads and shows meanwhile how much of the archive was read.
    static func run(
        _ request: LoadRequest, showsProgress: Bool, _ context: CommandContext
    ) async throws(BackendError) -> [LoadResult] {
        let display = showsProgress ? context.session.pullEvents() : nil
        defer { display?.finish() }
        let meter = ByteMeter("loading", display, state: .verifying)
        return try await context.backend.load(request) { meter.report($0, of: $1) }
    }

    private func source(_ path: String?, _ bytes: ByteInput?) throws(ShellError) -> LoadRequest.Source {
        guard let path, path != "-" else {
            guard bytes != nil || isatty(STDIN_FILENO) == 0 else {
                throw ShellError(
                    .usage, "load needs an archive, and standard input is the terminal",
                    hint: "name it, as in `load images.tar`, or redirect standard input")
            }
            let bytes = bytes ?? .standardInput
            return .descriptor(bytes.descriptor, name: bytes.name)
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ShellError(
                errno == ENOENT ? .notFound : .io, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return status.st_mode & S_IFMT == S_IFDIR ? .directory(path) : .file(path)
    }
}

extension LoadResult {
    /// The result as `load` declares it.
    var json: JSONValue {
        [
            "Reference": reference.map { .string($0.familiar) } ?? .null, "Id": .string(id.description),
            "Digest": .string(digest.description), "Platform": .string(platform.description),
            "Status": .string(status.rawValue), "Size": .number(Double(size)),
            "Replaced": replaced.map { .string($0.description) } ?? .null,
            "Layers": .array(
                layers.map { layer in
                    [
                        "Digest": .string(layer.digest.description),
                        "DiffId": layer.diffID.map { .string($0.description) } ?? .null,
                        "Size": .number(Double(layer.size)), "Status": .string(layer.status),
                    ]
                }),
        ]
    }
}
