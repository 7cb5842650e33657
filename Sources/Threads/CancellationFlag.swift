import Synchronization

/// A flag that one thread sets and many may look at, wait on or be told by: how blocking work is cancelled.
///
/// Making one costs next to nothing: what waiting needs is made by the first wait.
package final class CancellationFlag: Sendable {
    private struct State {
        var next = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
        var signal: Signal?
    }

    private let flag = Atomic<Bool>(false)
    private let state = Mutex(State())

    package init() {}

    package var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Sets the flag, wakes every wait and calls every handler, once.
    package func cancel() {
        guard !flag.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // Under the lock, so that a removed handler is never called after `removeHandler` came back.
        state.withLock { state in
            state.signal?.set()
            for handler in state.handlers.values { handler() }
            state.handlers = [:]
        }
    }

    /// Calls `handler` when the flag is set (at once if it is), on the thread that sets it; it must not block, and
    /// must not add or remove handlers. Returns what `removeHandler` takes.
    package func onCancel(_ handler: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.next += 1
            if isCancelled { handler() } else { state.handlers[state.next] = handler }
            return state.next
        }
    }

    package func removeHandler(_ identifier: Int) {
        state.withLock { _ = $0.handlers.removeValue(forKey: identifier) }
    }

    /// Blocks this thread for that time or until the flag is set; returns whether it is set.
    package func wait(for time: Duration) -> Bool {
        let signal = state.withLock { state in
            let signal = state.signal ?? Signal()
            state.signal = signal
            return signal
        }
        // `cancel` sets the flag first: whoever set it before this wait had its signal shows here, later ones set it.
        return isCancelled || signal.wait(for: time)
    }
}

/// Runs `body` with a flag that is set when the task is cancelled: blocking work asks it.
package func withCancellationFlag<Value: Sendable, Failure: Error>(
    _ body: @Sendable (CancellationFlag) async throws(Failure) -> Value
) async throws(Failure) -> Value {
    let flag = CancellationFlag()
    let outcome = await withTaskCancellationHandler {
        do throws(Failure) { return Result<Value, Failure>.success(try await body(flag)) } catch {
            return .failure(error)
        }
    } onCancel: {
        flag.cancel()
    }
    return try outcome.get()
}
