import Synchronization

/// Runs the work for a key once while several callers wait for it. A caller that is cancelled stops waiting; the work
/// goes on for the others, and is cancelled where there are none left.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    package typealias Outcome = Result<Value, RegistryError>

    private struct Flight {
        let number: Int
        let work: Task<Void, Never>
        var waiting: [Int: CheckedContinuation<Outcome, Never>]
    }

    private struct State {
        var next = 0
        var flights: [Key: Flight] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// What `make` gave to whichever caller came first.
    package func value(_ key: Key, registry: String, make: @escaping @Sendable () async -> Outcome) async -> Outcome {
        let identifier = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    if state.flights[key] == nil {
                        state.flights[key] = Flight(
                            number: identifier, work: start(key, number: identifier, make), waiting: [:])
                    }
                    state.flights[key]?.waiting[identifier] = continuation
                }
                // The handler below may have run before there was anything to remove.
                if Task.isCancelled { abandon(key, identifier, registry) }
            }
        } onCancel: {
            abandon(key, identifier, registry)
        }
    }

    private func start(
        _ key: Key, number: Int, _ make: @escaping @Sendable () async -> Outcome
    ) -> Task<Void, Never> {
        // Of its own, so that it outlives the caller that happened to be first.
        Task.detached {
            let outcome = await make()
            let flight = self.state.withLock { state -> Flight? in
                // One that nobody waited for any more may have a successor.
                guard state.flights[key]?.number == number else { return nil }
                return state.flights.removeValue(forKey: key)
            }
            for continuation in (flight?.waiting ?? [:]).values { continuation.resume(returning: outcome) }
        }
    }

    private func abandon(_ key: Key, _ identifier: Int, _ registry: String) {
        let (continuation, work) = state.withLock {
            state -> (CheckedContinuation<Outcome, Never>?, Task<Void, Never>?) in
            guard let continuation = state.flights[key]?.waiting.removeValue(forKey: identifier) else {
                return (nil, nil)
            }
            guard state.flights[key]?.waiting.isEmpty == true else { return (continuation, nil) }
            return (continuation, state.flights.removeValue(forKey: key)?.work)
        }
        work?.cancel()
        continuation?.resume(returning: .failure(.interrupted(registry)))
    }
}
