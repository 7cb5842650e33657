import Fixtures
import Foundation
import Testing

/// The laboratory itself, with tools that are right by definition as its subjects.
@Suite struct FixtureTests {
    @Test func aRecipeGivesTheSameBytesEveryTime() {
        #expect(StandardImages.alpine().build().root.digest == StandardImages.alpine().build().root.digest)
        #expect(
            StandardImages.alpine().build().root.digest != StandardImages.alpine(label: "x").build().root.digest)
    }

    @Test(arguments: StandardImages.all.map { ($0.repository, $0.tags[0]) })
    func theRegistryServesWhatSkopeoCanCopy(repository: String, tag: String) {
        let registry = RegistryServer.shared
        let directory = TemporaryDirectory()
        let result = runTool(
            "skopeo", "copy", "--quiet", "--all", "--src-tls-verify=false",
            "docker://\(registry.host)/\(repository):\(tag)", "dir:\(directory.path)/copy")
        #expect(result.code == 0, "\(result)")
    }

    @Test(.enabled(if: EngineServer.isAvailable), arguments: ["nginx", "nginx:alpine", "lab/odd:1", "lab/many:120"])
    func theEnginePullsThroughTheMirror(reference: String) {
        let result = EngineServer.shared.docker("pull", "--quiet", reference)
        #expect(result.code == 0, "\(result)")
    }

    @Test func theLayoutIsOneThatOthersRead() {
        let directory = TemporaryDirectory()
        ImageLayout.write([("one", StandardImages.alpine().build())], to: directory.path)
        let result = runTool("skopeo", "inspect", "oci:\(directory.path):one")
        #expect(result.code == 0, "\(result)")
        #expect(result.output.contains("\"Architecture\": \"amd64\""))
    }
}

@Suite struct PseudoTerminalTests {
    @Test func aShellAnswersAndEnds() {
        let terminal = PseudoTerminal(["bash", "--norc", "-i"], environment: ["PS1": "ready> ", "TERM": "xterm"])
        #expect(terminal.expect("ready>"))
        terminal.send("echo $((40 + 2)) zażółć; stty size\r")
        #expect(terminal.expect("42 zażółć\n30 100\nready>"), "\(terminal.screen)")
        terminal.send("exit 3\r")
        #expect(terminal.waitForEnd() == 3)
    }

    @Test(arguments: [
        ("abc\rX", "Xbc"), ("one\r\ntwo", "one\ntwo"), ("abc\u{1b}[2D\u{1b}[K!", "a!"), ("a\u{8}b", "b"),
        ("1\r\n2\r\n3\r\n4", "2\n3\n4"), ("x\u{1b}[31mred\u{1b}[0m", "xred"), ("a\u{1b}[H\u{1b}[2Jb", "b"),
        ("12345678901", "1234567890\n1"), ("bar\r\u{1b}[2Knew\u{1b}]0;title\u{7}!", "new!"), ("日本\u{8}\u{8}x", "日x"),
    ])
    func theScreenShowsWhatATerminalWould(bytes: String, expected: String) {
        var screen = TerminalScreen(columns: 10, rows: 3)
        for byte in bytes.utf8 { screen.feed([byte]) }
        #expect(screen.text == expected)
    }
}

@Suite struct ChildProcessTests {
    @Test func aChildGetsTheThreeStandardStreamsAndNoMore() throws {
        let pipe = TemporaryDirectory()
        // Left open over an exec on purpose, as many a library does it.
        let descriptor = open(pipe.write("leak", "x"), O_RDONLY)
        defer { close(descriptor) }
        let listed = runTool("ls", "/proc/self/fd")
        // `ls` itself has the directory open.
        #expect(listed.output == "0\n1\n2\n3\n", "\(listed)")
    }

    @Test func aChildThatDoesNotEndIsEnded() {
        let result = runTool("sleep", "60", timeout: 0.2)
        #expect(result.timedOut)
        #expect(result.code == 128 + SIGKILL)
    }
}
