import Shell
import Testing

@Suite struct TableTests {
    private static let rows = #"[{a: 2, b: {c: "x"}}, {a: 1, b: {c: "y"}}, {a: 2, b: {c: "w"}}]"#

    static let lines = [
        Line("\(rows) | table a", #"[{"a":2},{"a":1},{"a":2}]"#),
        Line("\(rows) | table b.c=Name a:5", #"[{"Name":"x","a":2},{"Name":"y","a":1},{"Name":"w","a":2}]"#),
        Line("\(rows) | table b.c --sort a", #"[{"b.c":"y"},{"b.c":"x"},{"b.c":"w"}]"#),
        Line("\(rows) | table b.c --sort -a --sort b.c", #"[{"b.c":"w"},{"b.c":"x"},{"b.c":"y"}]"#),
        Line("\(rows) | table -s -b.c | map(.b.c)", #"["y","x","w"]"#),
        Line("\(rows) | .[] | table a", #"[{"a":2},{"a":1},{"a":2}]"#),
        Line("{a: 1}, {b: 2} | table b a", #"[{"b":null,"a":1},{"b":2,"a":null}]"#),
        Line("[] | table a --sort b", "[]"),
        Line("\(rows) | table aa", error: "usage: no record has the field aa"),
        Line("\(rows) | table --sort z", error: "usage: no record has the field z"),
        Line("1 | table", error: "usage: table takes records, not number"),
        Line("table a", error: "usage: table needs records from the pipe"),
        Line("\(rows) | table a:0", error: "usage: a:0 is no column"),
        Line("\(rows) | table =x", error: "usage: =x is no column"),
        Line("\(rows) | table '' ", error: "usage:  is no column"),
        Line("\(rows) | table a, b", error: "usage: a, is no column"),
        Line("\(rows) | table a --width 0", error: "usage: --width takes 1 to 10000, not 0"),
    ]

    @Test(arguments: lines) func gives(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
    }

    @Test func asksForWidths() async {
        let outcome = await run("\(TableTests.rows) | table a:5 b.c=Name:7 --width 40")
        #expect(outcome.shape?.table == TableRequest(widths: ["a": 5, "Name": 7], width: 40))
        #expect(await run("\(TableTests.rows) | table a | length").shape?.table == nil)
    }
}
