import JSON
import Language
import Query

// `for … parallel N`.
extension Interpreter {
    /// More turns at a time than this only cost memory: each has a thread with a deep stack.
    static let maximumParallel = 64

    /// Runs up to N turns at the same time, each on a thread of its own, and takes values as they come. What the turns
    /// give comes out in the order of the values.
    ///
    /// The first error ends the other turns and is thrown. With `--keep-going` all turns run, and their errors are
    /// thrown at the end, in the order of the values, as one.
    func run(_ loop: Loop, _ parallel: Parallel, output: @escaping Output) async throws {
        let count = try await parallelCount(parallel)
        let turns = ParallelTurns(keepsGoing: parallel.keepGoing)
        await withTaskGroup(of: EvaluationThread?.self) { group in
            group.addTask {
                await turns.gather { give in
                    try await produce(loop.values.stages[...]) { value in
                        for item in value.arrayValue ?? [value] { try await give(item) }
                    }
                }
                return nil
            }
            group.addTask {
                await turns.handOn(to: output)
                return nil
            }
            var running = 0
            var idle: [EvaluationThread] = []
            while let item = await turns.nextValue(), let lane = await turns.addLane() {
                while running >= count, let ended = await group.next() {
                    guard let thread = ended else { continue }
                    idle.append(thread)
                    running -= 1
                }
                let thread = idle.popLast() ?? EvaluationThread()
                running += 1
                group.addTask(executorPreference: thread) {
                    await turns.run(in: lane) { output in try await turn(loop, item, output: output) }
                    return thread
                }
            }
            turns.noMoreLanes()
            // Whatever fails is the end of one of the tasks.
            repeat {
                if turns.hasFailed { group.cancelAll() }
            } while await group.next() != nil
        }
        try Task.checkCancellation()
        try turns.outcome()
    }

    /// One turn. What it sets is its own: turns know nothing of each other.
    private func turn(_ loop: Loop, _ item: JSONValue, output: @escaping Output) async throws {
        let scope = Scope(parent: scope, isBoundary: true)
        scope.declare(loop.name, item)
        _ = try await turn(loop.body, in: scope, output: output)
    }

    private func parallelCount(_ parallel: Parallel) async throws -> Int {
        let text = try await text(of: parallel.count)
        guard let count = Int(text), (1...Interpreter.maximumParallel).contains(count) else {
            throw ShellError(
                .usage, "parallel takes a number from 1 to \(Interpreter.maximumParallel), not \(text.prefix(80))",
                hint: "as in `for image in (…) parallel 4 { … }`", span: parallel.count.span)
        }
        return count
    }
}
