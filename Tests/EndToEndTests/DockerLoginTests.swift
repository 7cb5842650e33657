import Fixtures
import Foundation
import Testing

/// `docker login` and `docker logout` as Docker's own client words them, against a registry with a password.
@Suite(.enabled(if: EngineServer.isAvailable, "needs root and dockerd"))
struct DockerLoginTests {
    private static let registry = RegistryServer(access: .password(username: "me", password: "right"))

    /// Lines in their order, what they read, and the file of logins behind them.
    private static let lines: [(words: [String], input: String)] = [
        (["login", "-u", "me", "-p", "wrong", "HOST"], ""),
        (["login", "-u", "me", "--password-stdin", "HOST"], "bad\n"),
        (["login", "HOST"], ""), (["login", "-u", "me", "HOST"], ""), (["login", "--password-stdin", "HOST"], "x"),
        (["login", "-u", "me", "-p", "right", "--password-stdin", "HOST"], ""), (["login", "-u", "", "-p", "x"], ""),
        (["login", "-u", "me", "--password-stdin", "HOST"], ""), (["login", "HOST", "HOST"], ""),
        (["login", "-u", "me", "-p", "right", "HOST"], ""), (["login", "HOST"], ""),
        (["login", "-u", "me", "--password-stdin", "HOST"], "right\n"), (["logout", "HOST"], ""),
        (["logout", "HOST"], ""), (["login", "-u", "me", "--password-stdin", "http://HOST/v2/"], "right\r\n"),
        (["logout", "https://HOST/v1/"], ""), (["logout"], ""), (["logout", "HOST", "HOST"], ""),
        (["login", "--help"], ""), (["logout", "--help"], ""),
    ]

    @Test func saysWhatDockerSays() {
        let engine = EngineServer.shared
        let (theirs, ours) = (TemporaryDirectory(), Sandbox(registry: nil))
        let ourDirectory = ours.directory.directory("docker")
        func neutral(_ text: String) -> String {
            text.replacingOccurrences(of: theirs.path, with: "CONFIG").replacingOccurrences(
                of: ourDirectory, with: "CONFIG")
        }
        for (words, input) in Self.lines {
            let line = words.map { $0.replacingOccurrences(of: "HOST", with: Self.registry.host) }
            var environment = ProcessInfo.processInfo.environment
            environment["DOCKER_CONFIG"] = theirs.path
            let wanted = ChildProcess(
                ["docker", "--host", engine.address] + line, environment: environment, input: Array(input.utf8)
            ).wait()
            let text = line.map { $0.isEmpty ? "''" : $0 }.joined(separator: " ")
            let found = ours.dsh(
                "docker " + text, input: Array(input.utf8), environment: ["DOCKER_CONFIG": ourDirectory])
            #expect(neutral(found.output) == neutral(wanted.output), "docker \(text)")
            #expect(neutral(found.errors) == neutral(wanted.errors), "docker \(text)")
            #expect(found.code == wanted.code, "docker \(text)")
            let files = [theirs.path, ourDirectory].map { readFile($0 + "/config.json") ?? [] }
            let (kept, own) = (String(decoding: files[0], as: UTF8.self), String(decoding: files[1], as: UTF8.self))
            // Whether the file ends in a line's end is all they differ in.
            #expect(
                own.trimmingCharacters(in: .newlines) == kept.trimmingCharacters(in: .newlines), "docker \(text)")
        }
    }
}
