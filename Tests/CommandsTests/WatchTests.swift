import Shell
import Testing

@Suite struct WatchTests {
    static let lines = [
        Line("watch 1ms --count 2 { 7 }", "7", "7"), Line("watch 1ms -c 1 { 1; [2] }", "[1,[2]]"),
        Line("watch 1ms -c 1 { empty }", "[]"),
        Line("let n = 0; watch 1ms { let n = $n + 1; $n; if ($n == 3) { break } }", "1", "2", "3"),
        Line("watch 1ms -c 2 { continue }", "[]", "[]"), Line("watch 1ms -c 2 { 7 } | . + 1", "8", "8"),
        Line("watch 1ms { fail \"over\" }", error: "failed: over"),
        Line("watch soon { 1 }", error: "usage: soon is no span of time"),
        Line("watch 1ms -c 0 { 1 }", error: "usage: --count takes a number from 1, not 0"),
        Line("watch 1ms", error: "usage: watch needs a block: watch … { statements }"),
    ]

    @Test(arguments: lines) func gives(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
    }

    @Test func eachTurnTakesThePlaceOfTheOneBefore() async {
        let shape = await run("watch 1ms -c 1 { images }").shape
        #expect(shape?.replaces == true)
        #expect(shape?.fields.contains { $0.column == "REPOSITORY" } == true)
        #expect(await run("watch 1ms -c 1 { images } | length").shape?.replaces != true)
    }

    @Test func isCancelled() async {
        let task = Task { await run("watch 1h { 1 }") }
        try? await Task.sleep(for: .milliseconds(100))
        task.cancel()
        let outcome = await task.value
        #expect(outcome.error == "interrupted: interrupted")
    }
}
