import Fixtures
import Foundation
import Testing

/// The editor on a pseudo terminal, typed at as a person does.
@Suite struct LineEditorTests {
    let directory = TemporaryDirectory()

    private static let probe: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("TerminalProbe").path
    }()

    private func start(history: String = "-", environment: [String: String] = [:], columns: Int = 60) -> PseudoTerminal
    {
        let base = ["PATH": "/usr/bin:/bin", "HOME": directory.path, "TERM": "xterm", "LC_ALL": "C"]
        let terminal = PseudoTerminal(
            [Self.probe, history], environment: base.merging(environment) { $1 }, columns: columns, rows: 20)
        #expect(terminal.expect("dsh>"))
        return terminal
    }

    /// Waits for the prompt below an answer: a key typed before it is the terminal's, which echoes it, not the editor's.
    private func prompted(_ terminal: PseudoTerminal, after answer: String) -> Bool {
        terminal.wait { $0.hasSuffix(answer + "\ndsh>") }
    }

    /// What is typed, and the statement that comes of it. The locale is C: the editor finds a UTF-8 one itself.
    @Test(arguments: [
        ("images\r", "<images>"), ("héllo 日本 ß\r", "<héllo 日本 ß>"), ("日本\u{1B}[D語\r", "<日語本>"),
        ("日本語\u{7F}\r", "<日本>"), ("one two\u{17}x\r", "<one x>"), ("abc\u{1}X\u{5}Y\r", "<XabcY>"),
        ("one two\u{1B}[1;5DX\r", "<one Xtwo>"), ("one two\u{1B}b\u{1B}bX\u{1B}fY\r", "<XoneY two>"),
        ("abc\u{15}x\r", "<x>"), ("abc\u{1B}[HX\u{1B}[FY\r", "<XabcY>"), ("ab\u{1B}[D\u{4}c\r", "<ac>"),
        ("abc\u{1B}[D\u{1B}[D\u{1B}[3~\r", "<ac>"), ("a {\rb\r}\r", #"<a {\nb\n}>"#), ("a |\rb\r", #"<a |\nb>"#),
        ("\u{1B}[200~one\rtwo\ntab\there\n\u{1B}[201~\r", #"<one\ntwo\ntab\there>"#),
        ("\u{1B}[200~a\u{7}é\u{1B}[201~b\r", "<aéb>"), ("nod\t\r", "<node:20 >"), ("pull nod\t\r", "<pull node:20 >"),
        ("ng\t:a\t\r", "<nginx:alpine >"), ("x üb\t\r", "<x überimage >"), ("日\tx\r", "<日本語 x>"),
        ("{\rnod\t\r}\r", #"<{\nnode:20 \n}>"#), ("no zz\u{1B}[D\u{1B}[D\u{1B}[D\t\r", "<node:20 zz>"),
    ])
    func typing(_ keys: String, _ expected: String) {
        let terminal = start()
        terminal.send(keys)
        #expect(terminal.expect(expected, timeout: 10), "\(terminal.history)")
    }

    @Test func screens() {
        let terminal = start()
        terminal.send("ng\t")
        #expect(terminal.expect("dsh> nginx"))
        terminal.send("\t")
        #expect(
            terminal.wait {
                $0.hasSuffix("nginx:1.25    an image\nnginx:alpine  an image\nnginx-unit    an image\ndsh> nginx")
            }, "\(terminal.history)")
        terminal.send("\u{15}many\t\t")
        #expect(terminal.expect("Show all 150 possibilities in "), "\(terminal.history)")
        terminal.send("n")
        #expect(terminal.wait { $0.hasSuffix("dsh> many-") }, "\(terminal.history)")
        terminal.send("\u{15}{\r")
        #expect(terminal.wait { $0.hasSuffix("dsh> {\n..>") })
        terminal.send("}\r")
        #expect(prompted(terminal, after: #"<{\n}>"#))
        terminal.send("\u{1B}[A")
        #expect(terminal.wait { $0.hasSuffix("dsh> {\n}") }, "\(terminal.history)")
    }

    @Test func interruptsAndEnds() {
        let terminal = start()
        terminal.send("half a line")
        #expect(terminal.expect("half a line"))
        for _ in 0..<3 {
            terminal.send("\u{3}")
            usleep(100_000)
        }
        #expect(
            terminal.wait { $0.components(separatedBy: "<interrupted>").count == 4 && $0.hasSuffix("dsh>") },
            "\(terminal.history)")
        terminal.send("open {\r")
        #expect(terminal.expect("..>"))
        // The end of the input in the middle of a statement leaves it to the parser.
        terminal.send("\u{4}")
        #expect(prompted(terminal, after: "<open {>"))
        terminal.send("whole\r")
        #expect(prompted(terminal, after: "<whole>"))
        terminal.send("\u{4}")
        #expect(terminal.expect("<end>"))
        #expect(terminal.waitForEnd() == 0)
        #expect(terminal.raw.contains("\u{1B}[?2004h") && terminal.raw.hasSuffix("<end>\r\n"))
    }

    @Test func history() {
        let file = directory.path + "/history"
        let first = start(history: file)
        first.send("first\rfirst\r secret by space\rlogin password=x\ra {\r}\rexit\r")
        #expect(first.waitForEnd() == 0)
        #expect(readFile(file).map { String(decoding: $0, as: UTF8.self) } == "first\na {\\n}\nexit\n")
        let second = start(history: file)
        second.send("\u{12}fir")
        #expect(second.expect("fir"))
        second.send("\r")
        #expect(prompted(second, after: "<first>"), "\(second.history)")
        second.send("\u{1B}[A\u{1B}[A\u{1B}[A\r")
        #expect(second.expect(#"<a {\n}>"#), "\(second.history)")
    }

    @Test func narrowerWindow() {
        let terminal = start()
        terminal.send("narrow\r")
        let line = "a line that will not fit into thirty"
        terminal.send(line)
        usleep(1_000_000)
        // The screen of this test stays wide; what is painted for the narrow one shows where the editor breaks lines.
        terminal.send("!\r")
        #expect(terminal.expect("<\(line)!>"), "\(terminal.history)")
        #expect(terminal.raw.contains("\r\u{1B}[J"))
    }

    @Test func plainTerminal() {
        let terminal = start(environment: ["TERM": "dumb"])
        terminal.send("images\r")
        #expect(prompted(terminal, after: "<images>"))
        terminal.send("\u{4}")
        #expect(terminal.waitForEnd() == 0)
        #expect(!terminal.raw.contains("\u{1B}"), "\(terminal.raw)")
    }
}
