import Testing

@Suite struct SleepTests {
    @Test func waitsAndGivesNothing() async {
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = await run("sleep 60ms")
        #expect(clock.now - start >= .milliseconds(60))
        #expect(outcome == Outcome())
    }

    @Test func isCancelled() async {
        let task = Task { await run("sleep 1h") }
        try? await Task.sleep(for: .milliseconds(50))
        let clock = ContinuousClock()
        let start = clock.now
        task.cancel()
        #expect(await task.value.error == "interrupted: interrupted")
        #expect(clock.now - start < .seconds(20))
    }

    @Test func refusesWhatIsNoSpan() async {
        #expect(await run("sleep soon").error == "usage: soon is no span of time")
    }
}
