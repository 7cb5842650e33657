import Backend
import Glibc
import OCI
import Shell

/// `docker save`, `docker image save`.
enum DockerSave {
    static let command = DockerCommand(
        paths: ["save", "image save"], usage: "[OPTIONS] IMAGE [IMAGE...]",
        summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
        aliases: "docker image save, docker save",
        flags: [
            .string("output", "o", "Write to a file, instead of STDOUT"),
            .string(
                "platform", nil,
                "Save only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"),
        ], arguments: .atLeast(1), names: .localImage, plain: { $0.plain("save") },
        failure: { error, _ in
            guard error.code == .notFound, let name = error.argument, let reference = try? Reference(name),
                !name.hasPrefix("sha256:")
            else { return DockerFailure.fromEngine(error) }
            // The engine looks up a tag or a digest, and searches for anything else.
            let isExact = reference.tag != nil || reference.digest != nil
            return DockerFailure.error(
                "Error response from daemon: " + (isExact ? "reference does not exist" : "No such image: \(name)"),
                code: .notFound)
        }, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let output = call.words.string("output") ?? ""
        if output.isEmpty, call.session.console.showsOutput {
            throw DockerFailure.error(
                "cowardly refusing to save to a terminal. Use the -o flag or redirect", code: .usage)
        }
        if !output.isEmpty, let complaint = complaint(about: output) {
            throw DockerFailure.error("failed to save image: \(complaint)", code: .io)
        }
        let platform = call.words.string("platform") ?? ""
        let request = SaveRequest(
            names: call.arguments, platform: platform.isEmpty ? nil : try DockerPlatform.parse(platform))
        if output.isEmpty {
            do {
                try await ArchiveSink.saveToStandardOutput(request, showsProgress: false, call.context)
            } catch let error as ShellError { throw DockerFailure.writing(error, to: "/dev/stdout") }
        } else {
            let isNew = access(output, F_OK) != 0
            let result: SaveResult
            do {
                result = try await ArchiveSink.save(request, toFile: output, showsProgress: false, call.context)
            } catch let error as ShellError { throw DockerFailure.writing(error, to: output) }
            call.meaning.add(Save.record(of: result, request, file: output, status: isNew ? "created" : "replaced"))
        }
    }

    /// Why the client writes no file there: moby's `sys/atomicwriter`. Nil where it does.
    private static func complaint(about path: String) -> String? {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var status = stat()
        if stat(directory, &status) != 0 {
            return "invalid output path: stat \(directory): \(String(cString: strerror(errno)).lowercased())"
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return "invalid output path: stat \(directory): not a directory"
        }
        guard lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return nil
        case S_IFDIR: return "cannot write to a directory"
        case S_IFCHR: return "cannot write to a character device file"
        case S_IFBLK: return "cannot write to a block device file"
        case S_IFIFO: return "cannot write to a named pipe (FIFO)"
        case S_IFSOCK: return "cannot write to a socket"
        default: return "cannot write to a symbolic link directly"
        }
    }
}
