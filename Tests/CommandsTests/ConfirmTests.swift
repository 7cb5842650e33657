import Testing

@Suite struct ConfirmTests {
    struct Case: Sendable {
        let line: String
        var answers: [String?]? = []
        let values: [String]
        var told: [String] = ["? Sure? [y/N] "]
        var error: String?
    }

    static let cases = [
        Case(line: "confirm Sure?", answers: ["y"], values: ["true"]),
        Case(line: "confirm Sure?", answers: [" YES "], values: ["true"]),
        Case(line: "confirm Sure?", answers: ["yess"], values: ["false"]),
        Case(line: "confirm Sure?", answers: ["n"], values: ["false"]),
        Case(line: "confirm Sure?", answers: [""], values: ["false"]),
        Case(line: "confirm Sure?", answers: [nil], values: ["false"]),
        Case(line: "confirm", answers: ["y"], values: ["true"], told: ["? Go on? [y/N] "]),
        Case(line: "1, 2 | confirm Sure?", answers: ["y"], values: ["1", "2"]),
        Case(line: "1, 2 | confirm Sure?", answers: ["n"], values: []),
        Case(line: "confirm --yes Sure?", answers: nil, values: ["true"], told: []),
        Case(line: "[3] | confirm -y Sure?", answers: nil, values: ["[3]"], told: []),
        Case(
            line: "confirm Sure?", answers: nil, values: [], told: [],
            error: "unsupported: there is no terminal to ask at"),
    ]

    @Test(arguments: cases) func answers(_ item: Case) async {
        let outcome = await run(item.line, answers: item.answers)
        #expect(outcome.values == item.values)
        #expect(outcome.told == item.told)
        #expect(outcome.error == item.error)
        if item.error != nil { #expect(outcome.hint == "--yes answers beforehand") }
    }
}
