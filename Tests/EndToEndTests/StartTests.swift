import Fixtures
import Foundation
import Testing

/// What dsh does before its first line: the start file, where a script comes from, and its arguments.
@Suite struct StartTests {
    private func sandbox(startFile: String? = nil) -> Sandbox {
        let sandbox = Sandbox(registry: nil)
        if let startFile { sandbox.directory.write("home/config/dsh/rc.dsh", startFile) }
        return sandbox
    }

    // MARK: The start file

    @Test func theStartFileIsReadAtThePrompt() throws {
        let sandbox = sandbox(
            startFile:
                "set prompt 'mine>'\nlet limit = 41\ndef plus(n) { $limit + ($n | tonumber) }\nfilter twice: . * 2;\n")
        let terminal = sandbox.terminal()
        try #require(terminal.expect("mine>"), "\(terminal.history)")
        terminal.send("plus 1\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
        terminal.send("21.5 | twice\r")
        #expect(terminal.expect("\n43"), "\(terminal.history)")
    }

    @Test func theStartFileIsReadNowhereElse() {
        let sandbox = sandbox(startFile: "echo from the start file\nset output yaml\n")
        #expect(sandbox.dsh("{a: 1}").output == "{\n  \"a\": 1\n}\n")
        #expect(sandbox.script("2").output == "2\n")
        #expect(sandbox.run("-", input: Array("3\n".utf8)).output == "3\n")
        #expect(sandbox.run(input: Array("4\n".utf8)).output == "4\n")
    }

    @Test func norcPassesItOver() throws {
        let terminal = sandbox(startFile: "set prompt 'mine>'\n").terminal("--norc")
        try #require(terminal.expect("dsh>"), "\(terminal.history)")
        #expect(!terminal.history.contains("mine>"))
    }

    @Test func aMistakeInItIsToldAndThePromptComesUp() throws {
        let terminal = sandbox(startFile: "let a = 1\nimages | nothing-like-it 'x'\n").terminal()
        try #require(terminal.expect("dsh>"), "\(terminal.history)")
        #expect(terminal.history.contains("rc.dsh:2:"), "\(terminal.history)")
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
    }

    @Test func theCommandLineComesBeforeIt() throws {
        let terminal = sandbox(startFile: "set output yaml\n").terminal("-o", "jsonl")
        try #require(terminal.expect("dsh>"), "\(terminal.history)")
        terminal.send("{a: [1, 2]}\r")
        #expect(terminal.expect("{\"a\":[1,2]}"), "\(terminal.history)")
    }

    // MARK: Scripts and their arguments

    @Test func anInterpreterLineWorks() throws {
        let sandbox = sandbox()
        let path = sandbox.directory.write(
            "work/hello.dsh", "#!/usr/bin/env dsh\nparams name, --loud\n\"\\($name) \\($loud)\"\n")
        #expect(chmod(path, 0o755) == 0)
        sandbox.directory.directory("bin")
        try FileManager.default.createSymbolicLink(
            atPath: sandbox.directory.path + "/bin/dsh", withDestinationPath: Sandbox.binary)
        let path2 = "\(sandbox.directory.path)/bin:\(sandbox.environment["PATH"] ?? "")"
        let environment = sandbox.environment.merging(["PATH": path2]) { $1 }
        let result = ChildProcess([path, "you", "--loud"], environment: environment).wait()
        #expect(result.output == "\"you true\"\n", "\(result)")
    }

    @Test func standardInputIsAScriptAndTheRestItsArguments() {
        let result = sandbox().run("-", "a", "--b", input: Array("$args\n".utf8))
        #expect(result.output.filter { !$0.isWhitespace } == #"["a","--b"]"#, "\(result)")
        let named = sandbox().run("-", "7", input: Array("params n\n$n | tonumber + 1\n".utf8))
        #expect(named.output == "8\n", "\(named)")
        expectFailure(sandbox().run("-", input: Array("1 +\n".utf8)), code: "syntax", exit: 2)
    }

    @Test(arguments: [
        (["-c", "$args", "a", "b c"], #"["a","b c"]"#), (["-c", "$args"], "[]"),
        (["-c", "$args", "--", "-x"], #"["-x"]"#), (["-c", "$args", "-o", "yaml"], #"["-o","yaml"]"#),
        (["-c", "params n, --twice; if ($twice) { $n, $n } else { $n }", "7", "--twice"], #""7""7""#),
    ]) func argumentsFollowTheLine(arguments: [String], output: String) {
        let sandbox = sandbox()
        defer { withExtendedLifetime(sandbox) {} }
        let result = sandbox.start(arguments).wait()
        #expect(
            result.output.split(separator: "\n").map { $0.drop { $0 == " " } }.joined() == output, "\(result)")
    }

    @Test func helpAndVersionNeedNoOption() {
        let sandbox = sandbox()
        defer { withExtendedLifetime(sandbox) {} }
        let help = sandbox.start(["-o", "raw", "help", "pull"]).wait()
        #expect(help.code == 0 && help.output == sandbox.start(["-o", "raw", "-c", "help pull"]).wait().output)
        #expect(help.output.contains("--platform"))
        #expect(sandbox.start(["version"]).wait().output.contains("\"Version\""))
        #expect(sandbox.start(["help", "no-such"]).wait().code == 1)
        sandbox.directory.write("work/help", "1 + 1")
        #expect(sandbox.start(["help"]).wait().output == "2\n")
    }

    @Test(arguments: [
        (["pull", "nginx"], "to run a command: dsh -c 'pull nginx'"), (["images"], "to run a command: dsh -c 'images'"),
        (["tag", "a b", "c"], #"to run a command: dsh -c 'tag '\''a b'\'' c'"#),
        (["no-such.dsh"], "a script is a file; dsh -c 'TEXT' runs a line"),
        (["imagse"], "a script is a file; dsh -c 'TEXT' runs a line; did you mean dsh -c 'images …'?"),
    ]) func aScriptThatDoesNotExistSaysWhatWasMeant(arguments: [String], hint: String) {
        let sandbox = sandbox()
        defer { withExtendedLifetime(sandbox) {} }
        let result = sandbox.start(arguments).wait()
        #expect(result.code == 2)
        #expect(result.errors == "error[usage]: no such script: \(arguments[0])\n  = help: \(hint)\n", "\(result)")
    }

    /// `cd` must not change where the store is.
    @Test func relativePathsInTheEnvironmentAreThoseOfTheStart() {
        let sandbox = sandbox()
        sandbox.directory.write("work/root/data", "x")
        let result = sandbox.dsh(
            "cd /; import '\(sandbox.directory.path)/work/root' a:1 | .Reference",
            environment: ["DSH_STORE": "here"])
        #expect(result.text == "\"a:1\"", "\(result)")
        #expect(FileManager.default.fileExists(atPath: sandbox.directory.path + "/work/here/index.json"))
    }
}
