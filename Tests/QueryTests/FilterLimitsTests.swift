import JSON
import Query
import Synchronization
import Testing

/// Filters that never end, eat memory or recurse, on the thread that the shell evaluates on.
@Suite("Filter limits", .serialized)
struct FilterLimitsTests {
    @Test(arguments: [
        "[range(infinite)]", "def f: f; f", "repeat(1)", "last(repeat(1))", "\"x\" | gsub(\"\"; \"x\")",
        "def f: 1 | f | f; f",
        "[limit(1e18; repeat(1))] | length", "until(false; .)", "while(true; .) | empty",
    ])
    func cancels(_ text: String) async throws {
        let thread = EvaluationThread()
        let filter = try Filter(text)
        let clock = ContinuousClock()
        let task = Task(executorPreference: thread) {
            do {
                try filter.run(.null) { _ in }
                return "ended"
            } catch let error as FilterError { return error.code.rawValue }
        }
        try await Task.sleep(for: .milliseconds(60))
        let began = clock.now
        task.cancel()
        #expect(try await task.value == "interrupted")
        #expect(clock.now - began < .seconds(3))
        // The state is as good as new.
        #expect(try Filter(".").outputs(1) == [1])
    }

    @Test func flagCancels() throws {
        let asked = Mutex(0)
        var settings = FilterSettings()
        settings.isCancelled = {
            asked.withLock {
                $0 += 1
                return $0 > 3
            }
        }
        let filter = try Filter("if . then repeat(1) | empty else 2 end", settings: settings)
        let error = try #require(throws: FilterError.self) { try filter.outputs(true) }
        #expect(error.code == .interrupted)
        asked.withLock { $0 = -1_000_000 }
        #expect(try filter.outputs(false) == [2])
    }

    @Test func outputsOfAnEndlessFilterArriveWhileItRuns() throws {
        struct Enough: Error {}
        var count = 0
        #expect(throws: Enough.self) {
            try Filter("repeat(1)").run(.null) { _ in
                count += 1
                if count == 3000 { throw Enough() }
            }
        }
    }

    @Test(arguments: [
        "[range(infinite)]", "def f: 1 + f; f", "[repeat(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\")]",
        "def f: [., f]; f",
        "last(foreach repeat(1) as $i ([]; . + [.]; .))",
    ])
    func stopsAtTheMemoryLimit(_ text: String) async throws {
        var settings = FilterSettings()
        settings.memoryLimit = 200 << 20
        let filter = try Filter(text, settings: settings)
        let message = try await onBigStack {
            do {
                try filter.run(.null) { _ in }
                return "ended"
            } catch let error as FilterError { return error.message }
        }
        #expect(message.contains("more than 200 MB of memory"), "\(message)")
    }

    @Test(arguments: [
        "reduce range(3000000) as $i (0; [.])", "reduce range(3000000) as $i (0; [.]) | length",
        "reduce range(3000000) as $i (0; {a: .}) | tojson | length", "reduce range(3000000) as $i (0; [.]) | . == [.]",
        "reduce range(1000000) as $i (0; [.]) | [.] | sort | length",
        "[recurse(if . < 1000000 then . + 1 else empty end)] | length",
    ])
    func survivesDeepNesting(_ text: String) async throws {
        let filter = try Filter(text)
        _ = try await onBigStack {
            do {
                try filter.run(0) { _ in }
                return "ended"
            } catch let error as FilterError { return error.message }
        }
        #expect(try Filter(". + 1").outputs(1) == [2])
    }

    /// On a small stack the recursion runs out of it: an error, not the end of the process.
    @Test func survivesTheEndOfTheStack() async throws {
        let thread = EvaluationThread(stackSize: 1 << 20)
        for text in ["reduce range(1000000) as $i (0; [.])", "reduce range(100000) as $i (0; [.]) | tojson"] {
            let filter = try Filter(text)
            for _ in 0..<3 {
                let message = await Task(executorPreference: thread) {
                    do throws(FilterError) {
                        _ = try filter.outputs(.null)
                        return "ended"
                    } catch { return error.message }
                }.value
                #expect(message.contains("nested"), "\(message)")
            }
        }
        let after = try Filter(".+1")
        #expect(await Task(executorPreference: thread) { try? after.outputs(1) }.value == [2])
    }

    private func onBigStack(_ body: @escaping @Sendable () throws -> String) async throws -> String {
        try await Task(executorPreference: EvaluationThread()) { try body() }.value
    }
}
