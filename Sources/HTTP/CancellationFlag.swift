import CCurl
import Synchronization

/// A flag that one thread sets and many may look at, wait on or be told by: how blocking work is cancelled.
package final class CancellationFlag: Sendable {
    private struct State {
        var next = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
    }

    private let flag = Atomic<Bool>(false)
    private let state = Mutex(State())
    private let signal = Signal()

    package init() {}

    package var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Sets the flag, wakes every wait and calls every handler, once.
    package func cancel() {
        guard !flag.exchange(true, ordering: .acquiringAndReleasing) else { return }
        signal.set()
        // Under the lock, so that a removed handler is never called after `removeHandler` came back.
        state.withLock { state in
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
    package func wait(for time: Duration) -> Bool { signal.wait(for: time) }
}

/// A one-way switch that threads can wait for.
package final class Signal: @unchecked Sendable {  // The C object locks itself; the pointer never changes.
    private let raw: OpaquePointer?

    package init() { raw = ccurl_signal_create() }

    deinit { if let raw { ccurl_signal_destroy(raw) } }

    package func set() { if let raw { ccurl_signal_set(raw) } }

    /// Blocks this thread until `set` was called, at most for `time`; returns whether it was.
    @discardableResult
    package func wait(for time: Duration? = nil) -> Bool {
        guard let raw else { return true }
        return ccurl_signal_wait(raw, time.map { max(0, $0.nanoseconds) } ?? -1)
    }
}

extension Duration {
    /// Whole nanoseconds, held within `Int64`.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, again) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return again ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole milliseconds, held within `Int`.
    var milliseconds: Int { Int(clamping: nanoseconds / 1_000_000) }
}
