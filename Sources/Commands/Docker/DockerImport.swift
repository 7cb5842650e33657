import Backend
import Glibc
import OCI
import Shell

/// `docker import`, `docker image import`.
enum DockerImport {
    static let command = DockerCommand(
        paths: ["import", "image import"], usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        summary: "Import the contents from a tarball to create a filesystem image",
        aliases: "docker image import, docker import",
        flags: [
            .list("change", "c", "Apply Dockerfile instruction to the created image"),
            .string("message", "m", "Set commit message for imported image"),
            .string("platform", nil, "Set platform if server is multi-platform capable"),
        ], arguments: .atLeast(1), names: .file, readsBytes: true,
        plain: { words in
            // Docker takes further arguments, and leaves them alone.
            var words = words
            words.arguments = Array(words.arguments.prefix(2))
            return words.plain("import")
        }, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let words = call.words
        var reference: Reference?
        if call.arguments.count > 1 {
            do throws(ReferenceError) { reference = try Reference(call.arguments[1]) } catch {
                throw DockerFailure.reference(error)
            }
        }
        let source = try source(call.arguments[0], call.context.bytes ?? .standardInput)
        if let reference, reference.digest != nil {
            throw DockerFailure.error("Error response from daemon: cannot import digest reference", code: .usage)
        }
        let message = words.string("message") ?? ""
        let request = ImportRequest(
            source: source, reference: reference?.taggedDefault,
            platform: try words.string("platform").map(DockerPlatform.parse) ?? .host,
            message: message.isEmpty ? "Imported from \(call.arguments[0])" : message, changes: words.list("change"))
        let result = try await call.context.backend.importImage(request)
        call.meaning.add(result.json)
        try await call.out("\(result.id)\n")
    }

    private static func source(_ path: String, _ bytes: ByteInput) throws(ShellError) -> ImportRequest.Source {
        if path == "-" { return .descriptor(bytes.descriptor, name: bytes.name) }
        if path.hasPrefix("http://") || path.hasPrefix("https://") {
            throw DockerFailure.error(
                "docker: importing from a URL is out of reach: fetch it first, and import the file", code: .unsupported)
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw DockerFailure.error("open \(path): \(Self.text(of: errno))", code: .notFound)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw DockerFailure.error("read \(path): is a directory", code: .io)
        }
        return .file(path)
    }

    /// Go's words for the system's errors begin in lower case.
    private static func text(of code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
