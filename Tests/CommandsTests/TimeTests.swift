import Testing

@Suite struct TimeTests {
    @Test(arguments: [
        Line("time 1, 2 | . + 1", "2", "3"), Line("time { 1; 2 }", "1", "2"), Line("(time [1]) | length", "1"),
        Line("let x = time 5; $x", "5"), Line("time echo a b | length", "3"),
        Line("time { 1; fail \"no\" }", "1", error: "failed: no"),
    ]) func passesThrough(_ line: Line) async throws {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
        #expect(outcome.told.count == 1)
        let report = try #require(outcome.told.first)
        #expect(report.wholeMatch(of: /time: \d+\.\d{3} s wall, \d+\.\d{3} s user, \d+\.\d{3} s system/) != nil)
    }

    @Test func measures() async throws {
        let report = try #require(await run("time sleep 120ms").told.first)
        let wall = try #require(report.firstMatch(of: /time: (\d+\.\d+)/).flatMap { Double($0.1) })
        #expect(wall >= 0.12)
    }

    @Test func needsSomethingToTime() async {
        #expect(await run("time").error == "usage: time needs a block: time … { statements }")
        #expect(await run("1 | time .").error == "usage: time takes nothing from the pipe")
    }
}
