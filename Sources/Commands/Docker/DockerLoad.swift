import Backend
import Glibc
import OCI
import Shell

/// `docker load`, `docker image load`.
enum DockerLoad {
    static let command = DockerCommand(
        paths: ["load", "image load"], usage: "[OPTIONS]", summary: "Load an image from a tar archive or STDIN",
        aliases: "docker image load, docker load",
        flags: [
            .string("input", "i", "Read from tar archive file, instead of STDIN"),
            .string(
                "platform", nil,
                "Load only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"),
            .bool("quiet", "q", "Suppress the load output"),
        ], arguments: .none, readsBytes: true, plain: { $0.plain("load") },
        failure: { error, _ in
            if error.code == .interrupted { return ShellError(error) }
            // The engine tells of it in its stream of messages, so the client shows it as it stands.
            return DockerFailure.error(
                DockerFailure.engineText(error), code: ShellError.Code(rawValue: error.code.rawValue))
        }, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let platform = try call.words.string("platform").flatMap { $0.isEmpty ? nil : $0 }.map(DockerPlatform.parse)
        // An archive whose list is empty is no failure of the engine's.
        let request = LoadRequest(
            source: try source(call.words.string("input") ?? "", call.context.bytes), platform: platform,
            acceptsEmpty: true)
        let isQuiet = call.words.isOn("quiet") || !call.session.console.showsOutput
        let results = try await Load.run(request, showsProgress: !isQuiet, call.context)
        for result in results { call.meaning.add(result.json) }
        var lines: [String] = []
        for result in results {
            guard let reference = result.reference?.familiar else { continue }
            if let old = result.replaced {
                lines.append(
                    "The image \(reference) already exists, renaming the old one with ID \(old) to empty string")
            }
            lines.append("Loaded image: \(reference)")
        }
        // An archive with a single name tells of its names alone.
        if lines.isEmpty { lines = results.map { "Loaded image ID: \($0.id)" } }
        // The engine's empty answer ends in a line end, as every answer does.
        if results.isEmpty { lines = [""] }
        try await call.outLines(lines)
    }

    private static func source(_ path: String, _ bytes: ByteInput?) throws(ShellError) -> LoadRequest.Source {
        guard !path.isEmpty else {
            guard bytes != nil || isatty(STDIN_FILENO) == 0 else {
                throw DockerFailure.error("requested load from stdin, but stdin is empty", code: .usage)
            }
            let bytes = bytes ?? .standardInput
            return .descriptor(bytes.descriptor, name: bytes.name)
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            let text = String(cString: strerror(errno)).lowercased()
            throw DockerFailure.error("open \(path): \(text)", code: errno == ENOENT ? .notFound : .io)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw DockerFailure.error("read \(path): is a directory", code: .io)
        }
        return .file(path)
    }
}
