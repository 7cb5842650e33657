import Shell
import Testing

@Suite struct EchoTests {
    static let lines = [
        Line("echo", #""""#), Line("echo a 'b  c' \"d\\te\"", #""a b  c d\te""#),
        Line("echo --all -x --", #""--all -x --""#), Line("echo --help", #""--help""#),
        Line("let n = [1, true, \"x\"]; echo $n end", #""1 true x end""#),
        Line("echo a b | length", "3"),
        Line("1 | echo a", error: "usage: echo takes nothing from the pipe"),
    ]

    @Test(arguments: lines) func gives(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
        #expect(outcome.told == [])
    }

    @Test func isAText() async { #expect(await run("echo a").shape?.kind == .text) }
}
