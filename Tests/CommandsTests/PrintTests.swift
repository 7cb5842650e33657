import Testing

@Suite struct PrintTests {
    struct Case: Sendable {
        let line: String
        let values: [String]
        let told: [String]
    }

    static let cases = [
        Case(line: "print looking at --all", values: [], told: ["looking at --all"]),
        Case(line: "print", values: [], told: [""]),
        Case(
            line: "1, \"a b\", {c: [2]} | print | length", values: ["1", "3", "1"], told: ["1", "a b", #"{"c":[2]}"#]),
        Case(line: "[1] | print sizes: | add", values: ["1"], told: ["sizes:", "[1]"]),
        Case(line: "let x = (print inside | 5); $x", values: ["null"], told: ["inside"]),
        Case(line: "def f { print in f; 7 }; let x = f; $x", values: ["7"], told: ["in f"]),
    ]

    @Test(arguments: cases) func tells(_ item: Case) async {
        let outcome = await run(item.line)
        #expect(outcome.error == nil)
        #expect(outcome.values == item.values)
        #expect(outcome.told == item.told)
    }
}
