import Fixtures
import Foundation
import Testing

/// The shell's own commands where the terminal, the process or time matters.
@Suite struct BuiltinTests {
    private let prompt = "dsh>"

    private func shell(_ sandbox: Sandbox, rows: Int = 30) throws -> PseudoTerminal {
        let terminal = sandbox.terminal(rows: rows)
        try #require(terminal.expect(prompt), "no prompt:\n\(terminal.history)")
        return terminal
    }

    @Test func watchRedrawsOnATerminalAndControlCEndsIt() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("let n = 0\r")
        terminal.send("watch 20ms { let n = $n + 1; \"turn \\($n) of many\" }\r")
        #expect(terminal.expect("turn 9 of many"), "\(terminal.history)")
        // Turns take each other's place: never two on the screen.
        #expect(terminal.screen.components(separatedBy: "of many").count <= 3, "\(terminal.screen)")
        terminal.send("\u{3}")
        #expect(terminal.expect("interrupted"), "\(terminal.history)")
        terminal.send("watch 1ms --count 3 { \"a turn\" }\r")
        terminal.send("$last | type\r")
        #expect(terminal.expect("\nstring"), "only the last turn is remembered:\n\(terminal.history)")
    }

    @Test func watchKeepsToTheScreen() throws {
        let terminal = try shell(Sandbox(registry: nil), rows: 10)
        terminal.send("watch 1h { [range(50) | {N: .}] }\r")
        #expect(terminal.expect("more lines"), "\(terminal.screen)")
        #expect(terminal.screen.contains("N\n"), "the titles have scrolled away:\n\(terminal.screen)")
    }

    @Test func watchIsAValueATurnElsewhere() throws {
        let sandbox = Sandbox(registry: nil)
        let process = sandbox.start(["-o", "jsonl", "-c", "watch 50ms { images | length; 2 }"])
        let deadline = Date().addingTimeInterval(20)
        while process.outputSoFar.split(separator: "\n").count < 3, Date() < deadline { usleep(10_000) }
        process.signal(SIGINT)
        let result = process.wait()
        #expect(result.code == 130, "\(result)")
        #expect(result.output.hasPrefix("[0,2]\n[0,2]\n[0,2]\n"), "\(result)")
    }

    /// What was made before a long wait is there before it ends, in every format.
    @Test(arguments: ["json", "jsonl", "raw", "yaml", "table"]) func resultsComeAsTheyAreMade(format: String) {
        let sandbox = Sandbox(registry: nil)
        defer { withExtendedLifetime(sandbox) {} }
        let process = sandbox.start(["-o", format, "-c", "{a: 1}, {a: 2}; \"early\"; sleep 1h"])
        let deadline = Date().addingTimeInterval(20)
        while !process.outputSoFar.contains("early"), Date() < deadline { usleep(10_000) }
        #expect(process.outputSoFar.contains("early"))
        process.signal(SIGTERM)
        #expect(process.wait().code == 143)
    }

    @Test func confirmAsksTheTerminalAlsoWhenInputIsAFile() throws {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/in", "from the file\n")
        let terminal = PseudoTerminal(
            [
                "sh", "-c", "cd \"$1\" && \"$0\" -c 'confirm \"Sure?\"' < in", Sandbox.binary,
                sandbox.directory.path + "/work",
            ],
            environment: sandbox.environment, keeping: sandbox.directory)
        try #require(terminal.expect("Sure? [y/N]"), "\(terminal.history)")
        terminal.send("yes\r")
        #expect(terminal.expect("true"), "\(terminal.history)")
        #expect(terminal.waitForEnd() == 0)
    }

    @Test func controlCEndsTheQuestion() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("confirm 'Sure?'\r")
        try #require(terminal.expect("Sure? [y/N]"), "\(terminal.history)")
        terminal.send("\u{3}")
        #expect(terminal.expect("interrupted"), "\(terminal.history)")
        terminal.send("confirm 'Again?'\r")
        try #require(terminal.expect("Again? [y/N]"), "\(terminal.history)")
        terminal.send("n\r")
        #expect(terminal.expect("false"), "\(terminal.history)")
    }

    @Test func settingsHaveEffectAtOnce() throws {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.directory("home/deep")
        let terminal = try shell(sandbox)
        terminal.send("set prompt 'at %d 100%%>'\r")
        terminal.send("cd ~/deep\r")
        #expect(terminal.expect("at ~/deep 100%>"), "\(terminal.history)")
        terminal.send("cd /\r")
        #expect(terminal.expect("at / 100%>"), "\(terminal.history)")
        terminal.send("set output jsonl\r")
        terminal.send("{a: [1]}\r")
        #expect(terminal.expect("{\"a\":[1]}"), "\(terminal.history)")
    }

    @Test(arguments: ["auto", "table", "json", "jsonl", "raw", "yaml"]) func everyOutputThereIsCanBeSet(format: String)
    {
        let sandbox = Sandbox(registry: nil)
        let set = sandbox.dsh("set output \(format); [{a: 1, b: \"x y\"}], \"t\"")
        let options = format == "auto" ? [] : ["-o", format]
        #expect(set.output == sandbox.start(options + ["-c", "[{a: 1, b: \"x y\"}], \"t\""]).wait().output, "\(set)")
        #expect(!set.output.isEmpty)
    }

    @Test func colourIsAMatterOfTheSetting() {
        let sandbox = Sandbox(registry: nil)
        #expect(sandbox.dsh("set colour always; {a: 1}").output.contains("\u{1B}["))
        #expect(!sandbox.dsh("{a: 1}").output.contains("\u{1B}["))
    }

    @Test func aTableIsATableInAPipeToo() {
        let sandbox = Sandbox(registry: nil)
        let rows = "[{Name: \"long name here\", Size: 1500}, {Name: \"b\", Size: 20}]"
        #expect(
            sandbox.dsh("\(rows) | table Name:6 Size --sort Size").output
                == "Name      Size\nb          20B\nlong …   1.5kB\n")
        #expect(
            sandbox.start(["-o", "jsonl", "-c", "\(rows) | table Name:6"]).wait().output
                == "[{\"Name\":\"long name here\"},{\"Name\":\"b\"}]\n")
    }

    @Test func timesGoToStandardError() {
        let result = Sandbox(registry: nil).dsh("time 1 + 1 | . * 2")
        #expect(result.output == "4\n")
        #expect(result.errors.contains(" s wall, ") && result.errors.contains(" s user, "), "\(result)")
    }

    @Test func standardInputIsReadAsItComes() {
        let sandbox = Sandbox(registry: nil)
        let result = sandbox.tool(
            "bash", "-c",
            "(echo '{\"a\":1}'; sleep 0.3; echo '{\"a\":2}') | \"$0\" -o jsonl -c 'read - --as jsonl | .a'",
            Sandbox.binary)
        #expect(result.output == "1\n2\n", "\(result)")
        #expect(sandbox.dsh("read - | .x", input: Array("{\"x\":\n 7}".utf8)).output == "7\n")
    }
}
