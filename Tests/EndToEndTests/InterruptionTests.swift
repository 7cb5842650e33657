import Fixtures
import Foundation
import Testing

/// What ends dsh from outside: Ctrl-C, SIGTERM, a reader that goes away. Nothing catches it, and no program is left behind.
@Suite struct InterruptionTests {
    /// A text that no other process has in its arguments.
    private static func mark() -> String { "0.\(UInt64.random(in: 1_000_000_000...9_000_000_000))" }

    /// Whether any process but this one was given `mark`.
    private func isRunning(_ mark: String) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { name in
            guard Int(name) != nil, let bytes = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.first == "sleep" && words.contains(mark)
        }
    }

    private func waits(until condition: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if condition() { return true }
            usleep(10_000)
        }
        return condition()
    }

    /// `SLEEP` stands for a program that sleeps for very long, with a mark to find it by.
    static let scripts: [String] = [
        #"[range(infinite)]"#,
        #"def f: f; f"#,
        "!SLEEP",
        "!SLEEP & SLEEP",
        "for x in (range(8)) parallel 4 { !SLEEP\n}",
        "for x in (range(8)) parallel 4 --keep-going { [range(infinite)] }",
        "try { !SLEEP\n} catch e { \"caught\" }\n\"after\"",
        "try { [range(infinite)] } catch e { \"caught\" }\n\"after\"",
        "def f() { try { for x in (1, 2) { while (true) { try { !SLEEP\n} } } } catch { \"caught\" } }\nf",
        "range(infinite) | !SLEEP",
        "sleep 1000s",
    ]

    @Test(arguments: scripts, [SIGINT, SIGTERM])
    func endsEverything(script: String, signal: Int32) {
        let mark = Self.mark()
        let sandbox = Sandbox(registry: nil)
        defer { withExtendedLifetime(sandbox) {} }
        let text = script.replacingOccurrences(of: "SLEEP", with: "sleep 1000 \(mark)")
        let child = sandbox.start(["-c", "\"begun\"\n" + text])
        #expect(waits { child.outputSoFar.contains("begun") })
        if script.contains("SLEEP") { #expect(waits { isRunning(mark) }, "the program did not start") }
        usleep(50_000)
        // dsh alone: its programs have groups of their own.
        kill(child.id, signal)
        let start = ContinuousClock.now
        let result = child.wait(timeout: 20)
        #expect(result.code == 128 + signal, "\(result)")
        #expect(result.output == "\"begun\"\n", "\(result)")
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(waits { !isRunning(mark) }, "a program was left behind")
    }

    @Test func aProgramThatWillNotEndIsKilled() {
        let mark = Self.mark()
        let sandbox = Sandbox(registry: nil)
        defer { withExtendedLifetime(sandbox) {} }
        let stubborn = sandbox.start(["-c", "!sh -c 'trap \"\" TERM INT; sleep 1000 \(mark)'"])
        #expect(waits { isRunning(mark) })
        kill(stubborn.id, SIGTERM)
        #expect(stubborn.wait(timeout: 20).code == 143)
        #expect(waits { !isRunning(mark) })
    }

    /// Whoever has to be waited for does nothing: a writer that writes nothing, a reader that reads nothing, a store that
    /// another process keeps. `PIPE` has a writer and no data, `NOBODY` is a named pipe that nobody has open.
    static let waiting: [String] = [
        "dsh - <PIPE", "dsh <PIPE", "dsh PIPE", "dsh NOBODY", "dsh --check NOBODY", "dsh -c 'source \"NOBODY\"'",
        "dsh -c 'read -' <PIPE", "dsh -c 'read NOBODY'", "dsh -c 'import - a:1' <PIPE", "dsh -c 'import NOBODY a:1'",
        "dsh -c '1 | write NOBODY'", "dsh -c 'range(100000) | write PIPE'", "dsh -c 'range(100000)' >PIPE",
        "dsh -c 'try { [range(100000)] } catch { 1 }' >PIPE", "dsh -c 'range(100000) | print' 2>PIPE",
        "dsh --fmt long.dsh >PIPE", "flock 9; dsh -c 'tag base:1 base:2'", "flock 9; dsh -c 'rmi base:1'",
        "flock 9; dsh -c 'untag base:1'", "flock 9; dsh -c 'import root base:2'", "flock 9; dsh -c 'import root'",
        "dsh -c 'load' <PIPE", "dsh -c '!cat PIPE | load'", "flock 9; dsh -c 'load saved.tar'",
    ]

    @Test(arguments: waiting) func endsWhatWaitsForOthers(line: String) {
        let named = line.replacingOccurrences(of: "PIPE", with: "pipe").replacingOccurrences(
            of: "NOBODY", with: "nobody")
        let script = """
            dsh() { exec "$DSH" "$@"; }
            mkdir root && mkfifo pipe nobody && exec 8<>pipe
            for number in $(seq 20000); do echo "echo $number"; done >long.dsh
            (dsh -c 'import root base:1; save base:1 -o saved.tar; rmi base:1; import root base:1') >/dev/null && exec 9>"$DSH_STORE/lock" || exit 99
            (\(named)) & child=$!
            sleep 1
            kill -TERM $child
            wait $child
            echo "status $?"
            """
        let result = Sandbox(registry: nil).tool("env", "DSH=\(Sandbox.binary)", "bash", "-c", script, timeout: 20)
        #expect(result.output.hasSuffix("status 143\n"), "\(result)")
    }

    /// At a terminal Ctrl-C is for the program that runs; dsh ends with it, or goes back to its prompt.
    @Test(arguments: ["[range(infinite)]", "!sleep 1000", "for x in (range(8)) parallel 4 { !sleep 1000\n}"])
    func controlCAtATerminal(script: String) throws {
        let terminal = Sandbox(registry: nil).terminal(
            "-c", "\"begun\"\ntry { \(script) } catch e { \"caught\" }\n\"after\"")
        try #require(terminal.expect("begun"), "\(terminal.history)")
        usleep(300_000)
        terminal.send("\u{3}")
        #expect(terminal.waitForEnd() == 130, "\(terminal.history)")
        #expect(terminal.history.contains("interrupted"))
        #expect(!terminal.history.contains("caught") && !terminal.history.contains("after"), "\(terminal.history)")
    }

    @Test func aProgramAtThePromptHasTheTerminal() throws {
        let terminal = Sandbox(registry: nil).terminal()
        try #require(terminal.expect("dsh>"))
        terminal.send("!sh -c 'head -n 1 | tr a-z A-Z'\r")
        usleep(300_000)
        terminal.send("typed\r")
        #expect(terminal.expect("TYPED"), "\(terminal.history)")
        terminal.send("!sleep 1000\r")
        usleep(300_000)
        terminal.send("\u{3}")
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
    }

    @Test(arguments: [
        "range(infinite)", "try { range(infinite) } catch e { \"caught\" }",
        "for x in (range(infinite)) parallel 4 { $x }", "for x in (range(infinite)) { $x }",
        "range(infinite) | take 1000000000",
    ])
    func aReaderThatGoesAwayIsNoError(script: String) {
        let result = Sandbox(registry: nil).tool(
            "bash", "-c", "\"$1\" -c \"$2\" | head -n 2; exit ${PIPESTATUS[0]}", "bash", Sandbox.binary, script)
        #expect(result.output == "0\n1\n", "\(result)")
        #expect(result.errors == "" && result.code == 0, "\(result)")
    }

    @Test func whatIsThereIsShownBeforeTheRestIsMade() {
        let mark = Self.mark()
        let text = "for x in (range(10000)) { if ($x > 3) { !sleep 1000 \(mark)\n}\n{x: $x} }"
        let sandbox = Sandbox(registry: nil)
        defer { withExtendedLifetime(sandbox) {} }
        let child = sandbox.start(["-o", "jsonl", "-c", text])
        #expect(waits { child.outputSoFar == "{\"x\":0}\n{\"x\":1}\n{\"x\":2}\n{\"x\":3}\n" }, "\(child.outputSoFar)")
        kill(child.id, SIGTERM)
        #expect(child.wait(timeout: 20).code == 143)
        #expect(waits { !isRunning(mark) })
    }
}
