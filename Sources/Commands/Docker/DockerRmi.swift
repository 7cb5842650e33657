import Backend
import OCI
import Shell
import Synchronization

/// `docker rmi`, `docker image rm`.
enum DockerRmi {
    static let command = DockerCommand(
        paths: ["rmi", "image rm"], synonyms: ["image remove": "image rm"], usage: "[OPTIONS] IMAGE [IMAGE...]",
        summary: "Remove one or more images", aliases: "docker image rm, docker image remove, docker rmi",
        flags: [
            .bool("force", "f", "Force removal of the image"),
            .bool("no-prune", nil, "Do not delete untagged parents"),
            .strings(
                "platform",
                "Remove only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"),
        ], arguments: .atLeast(1), names: .localImage, plain: { $0.plain("rmi", leavingOut: ["no-prune"]) }, run: run)

    /// As the client: one image after the other, past those that fail (docker/cli `cli/command/image/remove.go`).
    @Sendable private static func run(_ call: DockerCall) async throws {
        let force = call.words.isOn("force")
        if call.words.isGiven("platform") {
            throw DockerFailure.error(
                "docker: 'docker rmi --platform' is out of reach: an image is removed with all its platforms",
                code: .unsupported)
        }
        var failures: [BackendError] = []
        for name in call.arguments {
            do throws(BackendError) {
                let lines = try await remove(name, force: force, call)
                try await { () async throws(BackendError) in
                    do { try await call.outLines(lines) } catch { throw .interrupted }
                }()
            } catch {
                if error.code == .interrupted { throw error }
                failures.append(error)
            }
        }
        guard let first = failures.first else { return }
        let texts = failures.map { "Error response from daemon: " + text($0) }
        // With --force what is not there is told, and is no failure.
        if force, failures.allSatisfy({ $0.code == .notFound }) {
            return call.err(texts.joined(separator: "\n") + "\n")
        }
        throw DockerFailure.error(
            texts.joined(separator: "\n"), code: ShellError.Code(rawValue: first.code.rawValue))
    }

    private static func text(_ error: BackendError) -> String {
        // An empty name is no path of the engine's API.
        error.argument == "" ? "page not found" : DockerFailure.engineText(error)
    }

    /// What went, as the engine lists it: names, a repository's digests with the last of its tags, then the data.
    private static func remove(
        _ name: String, force: Bool, _ call: DockerCall
    ) async throws(BackendError) -> [String] {
        let backend = call.context.backend
        // The digests that go with a name are not among what the store itself removes.
        let before: ImageDetail?
        do throws(BackendError) { before = try await backend.inspect(name, platform: nil) } catch {
            if [.notFound, .invalidReference].contains(error.code) { throw error.about(name) }
            before = nil
        }
        let results = Mutex<[RemovalResult]>([])
        try await backend.remove([name], options: RemoveOptions(force: force)) { result in
            results.withLock { $0.append(result) }
        }
        let done = results.withLock { $0 }
        call.meaning.add(rows: done.map(RemovalRow.json))
        let tags = done.filter { $0.action == .untagged }.map(\.subject)
        let remaining = (before?.references ?? []).filter { !tags.contains($0) }.compactMap(repository)
        let digests = (before?.repositoryDigests ?? []).filter { digest in
            guard let gone = repository(digest) else { return false }
            return !tags.contains(digest) && tags.contains { repository($0) == gone } && !remaining.contains(gone)
        }
        let names = (tags + digests).sorted { canonical($0).utf8.lexicographicallyPrecedes(canonical($1).utf8) }
        return names.map { "Untagged: \($0)" }
            + done.filter { $0.action == .deleted }.map { "Deleted: \($0.subject)" }
    }

    private static func repository(_ name: String) -> Repository? { (try? Reference(name))?.repository }
    private static func canonical(_ name: String) -> String { (try? Reference(name))?.canonical ?? name }
}
