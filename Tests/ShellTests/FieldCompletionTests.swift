import Backend
import Commands
import Shell
import Testing

/// Whose field it is that is being typed behind a command.
@Suite struct FieldCompletionTests {
    @Test(
        arguments: [
            (".[0].x", "images"), ("map(.x", "images"), ("sort_by(.Size) | .[:3] | map(select(.Size > .x", "images"),
            ("map(select(.Tag == \"a\")) | .[0].x", "images"), (".[] | {a: .x", "images"), ("map(.Si", "images"),
            (".[] as $one | [1] | map(.x", nil), ("map({a: .Size}) | .[0].x", nil), (".x", nil),
            ("map(.Size) | .[0].x", nil),
            ("map(.Labels | .x", nil), ("group_by(.Tag) | .[0].x", nil), ("def f: .; .[0].x", nil),
            // Inside a string it is not known, and what the command gives is the best guess.
            ("map(\"a \\(.x", "images"),
        ] as [(String, String?)])
    func tellsTheCommand(filter: String, expected: String?) {
        let session = Session(
            backend: FakeBackend(), commands: Builtins.table, environment: [:], pullEvents: { SilentDisplay() },
            note: { _ in })
        #expect(session.recordsRead(atEndOf: filter, behind: "images", words: [])?.name == expected)
        #expect(session.recordsRead(atEndOf: filter, behind: "docker", words: ["images"])?.name == expected)
    }
}
