/// Work for many values, several at a time; results are taken in the order of the values, each as soon as it and those
/// before it are there.
///
/// What waits is bounded however many values there are: no more than `width` pieces of work go on, and no more than four
/// times as many have begun whose results were not taken.
package struct SideBySide: Sendable {
    package let width: Int

    package init(width: Int) { self.width = max(1, width) }

    private enum Event<Input: Sendable, Output: Sendable>: Sendable {
        case input(Result<Input?, any Error>)
        case done(Int, Output)
    }

    /// Runs `work` for each value that `next` gives until it gives nil, and hands the results to `take`.
    ///
    /// Throws what `work` or `take` throws; the others are cancelled then, and a `next` that waits for something else than
    /// the task is woken by `stop`. What `next` throws is the end of the values: it is thrown once all before it is done.
    package func run<Input: Sendable, Output: Sendable>(
        next: @escaping @Sendable () async throws -> Input?, stop: () -> Void = {},
        work: @escaping @Sendable (Input) async throws -> Output, take: (Output) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Event<Input, Output>.self) { group in
            var running = 0
            var started = 0
            var taken = 0
            var isReading = false
            var isEnded = false
            var failure: (any Error)?
            var ready: [Int: Output] = [:]
            do {
                while true {
                    if !isEnded, !isReading, running < width, started - taken < width * 4 {
                        isReading = true
                        group.addTask { .input(await result(next)) }
                    }
                    guard let event = try await group.next() else { break }
                    switch event {
                    case .input(.failure(let error)):
                        isReading = false
                        isEnded = true
                        failure = error
                    case .input(.success(nil)):
                        isReading = false
                        isEnded = true
                    case .input(.success(let value?)):
                        isReading = false
                        let number = started
                        started += 1
                        running += 1
                        group.addTask { .done(number, try await work(value)) }
                    case .done(let number, let output):
                        running -= 1
                        ready[number] = output
                    }
                    while let output = ready.removeValue(forKey: taken) {
                        taken += 1
                        try await take(output)
                    }
                }
                if let failure { throw failure }
            } catch {
                group.cancelAll()
                stop()
                throw error
            }
        }
        try Task.checkCancellation()
    }

    private enum Ending<Input: Sendable, Output: Sendable>: Sendable {
        case input(Result<Input?, any Error>)
        case done(Output)
    }

    /// The same for work that changes things, so that none of it is done without being told: results are taken as they come,
    /// in whatever order.
    ///
    /// When the task is cancelled, or `take` throws, nothing more is begun, `stop` is called, and `take` still gets what
    /// every piece that had begun came to, cancelled or not. Then the first error is thrown; what `next` throws is the end
    /// of the values, as in `run`.
    package func runToEnd<Input: Sendable, Output: Sendable>(
        next: @escaping @Sendable () async throws -> Input?, stop: @escaping @Sendable () -> Void = {},
        work: @escaping @Sendable (Input) async -> Output, take: (Output) async throws -> Void
    ) async throws {
        let failure = await withTaskGroup(of: Ending<Input, Output>.self) { group in
            var running = 0
            var isReading = false
            var isEnded = false
            var failure: (any Error)?
            var isStopped = false
            func end(_ error: any Error) {
                guard !isStopped else { return }
                isStopped = true
                failure = failure ?? error
                isEnded = true
                stop()
                group.cancelAll()
            }
            while true {
                if !isEnded, !isReading, running < width {
                    isReading = true
                    group.addTask { .input(await result(next)) }
                }
                guard let event = await group.next() else { return failure }
                if Task.isCancelled { end(CancellationError()) }
                switch event {
                case .input(let input):
                    isReading = false
                    switch input {
                    case .success(let value?) where !isEnded:
                        running += 1
                        group.addTask { .done(await work(value)) }
                    case .success(nil): isEnded = true
                    case .success: break
                    case .failure(let error):
                        isEnded = true
                        failure = failure ?? error
                    }
                case .done(let output):
                    running -= 1
                    do { try await take(output) } catch { end(error) }
                }
            }
        }
        if let failure { throw failure }
        try Task.checkCancellation()
    }
}
