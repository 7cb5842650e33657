import Backend
import Commands
import Fixtures
import Language
import OCI
import Shell
import Testing

/// Lines of other shells' get a hint that says what to write here.
@Suite struct OtherShellsTests {
    static let cases: [(line: String, error: String, place: String, hint: String)] = [
        (
            "images | grep alpine", "usage: unknown command grep", "1:10",
            "`!grep alpine` runs the program; of values, `map(select(.Repository | test(\"alpine\")))`"
        ),
        (
            "images | grep -i 'al' | length", "usage: unknown command grep", "1:10",
            "`!grep -i 'al'` runs the program; of values, `map(select(.Repository | test(\"al\")))`"
        ),
        (
            "docker images | head -1", "usage: unknown command head", "1:17",
            "`.[:1]` gives the first 1 of an array, `take 1` of many values; `!head -1` runs the program"
        ),
        (
            "images | head -n 5", "usage: unknown command head", "1:10",
            "`.[:5]` gives the first 5 of an array, `take 5` of many values; `!head -n 5` runs the program"
        ),
        (
            "images | head", "usage: unknown command head", "1:10",
            "`.[:10]` gives the first 10 of an array, `take 10` of many values; `!head` runs the program"
        ),
        (
            "images | wc -l", "usage: unknown command wc", "1:10",
            "`length` counts what is in an array; `!wc -l` runs the program"
        ),
        (
            "docker images | awk '{print $1}'", "usage: unknown command awk", "1:17",
            "`!awk '{print $1}'` runs the program; a field of values is `map(.Repository)`"
        ),
        (
            "docker images -q | xargs docker rmi", "usage: unknown command xargs", "1:20",
            "commands take images from the pipe: `| docker rmi`; `each { … }` does any work with each value"
        ),
        (
            "images | sort -k2", "usage: k2/0 is not defined", "1:10",
            "`sort_by(.Size)` sorts an array by a field, `table … --sort Size` for the eye; `!sort -k2` runs the program"
        ),
        ("ls -l", "usage: unknown command ls", "1:1", "`!ls -l` runs the program"),
        (
            "docker inspect nginx | grep Env", "usage: unknown command grep", "1:24",
            "`!grep Env` runs the program; of values, `.. | strings | select(test(\"Env\"))`"
        ),
        (
            "history nginx:1.25 | grep apt", "usage: unknown command grep", "1:22",
            "`!grep apt` runs the program; of values, `map(select(.CreatedBy | test(\"apt\")))`"
        ),
        (
            "images | where Size > 3", "usage: unknown command where", "1:10",
            "`map(select(.Size > 1e9))` chooses from an array, `select(…)` from many values"
        ),
        ("x=5", "syntax: x/0 is not defined", "1:1", "`let x = …` sets a variable"),
        ("count = 3", "syntax: count/0 is not defined", "1:1", "`let count = …` sets a variable"),
        ("$x = 5", "usage: unknown variable $x", "1:1", "`let x = …` sets a variable"),
        (
            "let y = `images`", "syntax: syntax error, unexpected '`', expecting the end of the filter", "1:9",
            "backticks run nothing here: `( … )` puts the values of a pipeline in"
        ),
    ]

    @Test(arguments: cases) func saysWhatToWrite(line: String, error: String, place: String, hint: String) async {
        let (_, thrown) = await runScript(line)
        let found = thrown as? ShellError
        #expect(found.map { "\($0.code.rawValue): \($0.message)" } == error)
        #expect(found?.span.map { "\($0.position.line):\($0.position.column)" } == place)
        #expect(found?.hint == hint)
    }

    private static let failures: [(line: String, hint: String?)] = [
        ("let x = 1; $x = 5", "`let x = …` sets a variable"),
        (
            "{a: 1} | .[0]", "it is an object: `collect | .[0]` takes one of several that come one by one"
        ),
        ("def f(a) { $a + 1 }; f 5", "`5` is text, as every bare word is: `f (5)` gives the number"),
        ("def f(a, b) { . + $b }; 1 | f x 5", "`5` is text, as every bare word is: `f (5)` gives the number"),
        ("def f(n) { range($n) }; f 3", "`3` is text, as every bare word is: `f (3)` gives the number"),
        ("def f(n) { error(\"no\") }; f 3", nil), ("def f(n) { $n + 1 }; f \"5\"", nil),
        ("def f(n) { $n + 1 }; f x", nil),
    ]

    /// What shows only when it runs.
    @Test(arguments: failures) func saysWhatToWriteWhenItFails(line: String, hint: String?) async {
        let (_, thrown) = await runScript(line)
        let found = thrown as? ShellError
        #expect(found?.code == .filter && found?.hint == hint, "\(String(describing: found))")
    }

    /// What a script defines by such a name is its own.
    @Test func ownNamesAreNoHabit() async {
        let (values, error) = await runScript(
            "filter head: .[0]; def grep(text) { map(select(test($text))) }; [\"a\", \"b\"] | grep b | head")
        #expect(values == [#""b""#] && error == nil, "\(values) \(String(describing: error))")
    }

    @Test func aFilterInTheArgumentsPlace() throws {
        let refused = try #require(throws: ReferenceError.self) { try Reference(".[0].Reference") }
        let error = ShellError(BackendError(refused))
        #expect(error.code == .invalidReference && error.hint?.hasSuffix("( … ): `(.[0].Reference)`") == true)
    }

    @Test func checkTellsOnceAndBeforeAnythingRuns() {
        let session = Session(
            backend: FakeBackend(), commands: Builtins.table, environment: [:], pullEvents: { SilentDisplay() },
            note: { _ in })
        for (line, _, _, hint) in Self.cases {
            let found = ScriptLoader(session: session).check(Source(name: "a", text: line))
            #expect(found.count == 1 && found.first?.help == [hint], "\(ScriptLoader.report(found))")
        }
    }
}
