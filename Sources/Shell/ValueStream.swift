package import JSON
import Synchronization

/// Values that come one at a time, from the stage before.
package struct ValueStream: Sendable {
    private let source: @Sendable () async throws -> JSONValue?

    /// Says that no more values are wanted: a `next` that waits, and every later one, is at the end.
    package let stop: @Sendable () -> Void

    package init(
        _ source: @escaping @Sendable () async throws -> JSONValue?, stop: @escaping @Sendable () -> Void = {}
    ) {
        self.source = source
        self.stop = stop
    }

    /// The next value, or nil at the end. Throws what the stages before threw.
    package func next() async throws -> JSONValue? {
        // What is made already would still be worked off otherwise, however slowly that goes.
        try Task.checkCancellation()
        return try await source()
    }
}

/// A bounded queue between two tasks: `send` waits while it is full, `next` while it is empty.
///
/// One sender and one receiver.
package final class Channel<Element: Sendable>: Sendable {
    private struct State {
        var values: [Element] = []
        var head = 0
        var end: Result<Void, any Error>?
        /// The receiver wants no more.
        var closed = false
        var receiver: CheckedContinuation<Void, Never>?
        var sender: CheckedContinuation<Void, Never>?
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// By default enough that both sides do not take turns for every value, and little enough that it holds next to
    /// nothing.
    package init(capacity: Int = 64) { self.capacity = capacity }

    /// Returns false when the receiver wants no more.
    package func send(_ value: Element) async -> Bool {
        while true {
            let (done, wake) = state.withLock { state -> (Bool?, CheckedContinuation<Void, Never>?) in
                if state.closed { return (false, nil) }
                guard state.values.count - state.head < capacity else { return (nil, nil) }
                state.values.append(value)
                return (true, state.receiver.take())
            }
            wake?.resume()
            if let done { return done }
            await withCheckedContinuation { continuation in
                let free = state.withLock { state in
                    if state.closed || state.values.count - state.head < capacity { return true }
                    state.sender = continuation
                    return false
                }
                if free { continuation.resume() }
            }
        }
    }

    /// No more values will come; `result` carries what the sender failed with. Only the first call counts.
    package func finish(_ result: Result<Void, any Error>) {
        state.withLock { state in
            state.end = state.end ?? result
            return state.receiver.take()
        }?.resume()
    }

    /// No more values are wanted.
    package func close() {
        let waiting = state.withLock { state in
            state.closed = true
            return [state.sender.take(), state.receiver.take()]
        }
        for continuation in waiting { continuation?.resume() }
    }

    package func next() async throws -> Element? {
        while true {
            let (outcome, wake) = state.withLock {
                state -> (Result<Element?, any Error>?, CheckedContinuation<Void, Never>?) in
                if state.head < state.values.count {
                    let value = state.values[state.head]
                    state.head += 1
                    if state.head == state.values.count {
                        state.values.removeAll(keepingCapacity: true)
                        state.head = 0
                    }
                    return (.success(value), state.sender.take())
                }
                if state.closed { return (.success(nil), nil) }
                return (state.end.map { $0.map { nil } }, nil)
            }
            wake?.resume()
            if let outcome { return try outcome.get() }
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.head < state.values.count || state.end != nil || state.closed { return true }
                    state.receiver = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        }
    }
}
