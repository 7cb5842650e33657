import Shell
import Testing

@Suite struct EachTests {
    static let lines = [
        Line("1, 2 | each { . * 10 }", "10", "20"),
        Line("[1, [2], {a: 3}] | each { . }", "1", "[2]", #"{"a":3}"#),
        Line("[[1, 2], 3] | each { each { . } }", error: "usage: each needs values from the pipe"),
        Line("empty | each { 1 }"), Line("[] | each { 1 }"),
        Line("1, 2 | each { .; . + 1 } | . * 2", "2", "4", "4", "6"),
        Line("[1, 2, 3, 4] | each { if (. == 2) { continue }; if (. == 4) { break }; . }", "1", "3"),
        Line("let n = 0; 1, 2, 3 | each { let n = $n + . }; $n", "6"),
        Line("1 | each { let inner = . }; try { $inner } catch e { $e.code }", #""usage""#),
        Line("def half { . / 2 }; 4, 6 | each { half (.) }", error: "usage: half takes 0 arguments, not 1"),
        Line("def half { . / 2 }; 4, 6 | each { . | half }", "2", "3"),
        Line("def first { 1, 2 | each { return (.) }; 9 }; first", "1"),
        Line("1, 2 | each { fail \"at \\(.)\" }", error: "failed: at 1"),
        Line("each { 1 }", error: "usage: each needs values from the pipe"),
        Line("1 | each", error: "usage: each needs a block: each … { statements }"),
        Line("1 | collect { 2 }", error: "usage: collect takes no block"),
        Line("def f { 1 }; f { 2 }", error: "usage: f takes no block"),
        // Endless upstream: what is not wanted is not made.
        Line("range(infinite) | each { if (. == 2) { break }; . }", "0", "1"),
    ]

    @Test(arguments: lines) func gives(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
    }

    @Test func showsWhatTheCommandInsideDeclared() async {
        let outcome = await run("1 | each { images }")
        #expect(outcome.shape?.fields.contains { $0.column == "REPOSITORY" } == true)
    }
}
