import Synchronization

/// Runs the work for a key once while several callers wait for it. A caller that is cancelled stops waiting; the work
/// goes on for the others.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    package typealias Outcome = Result<Value, RegistryError>

    private struct State {
        var next = 0
        var waiting: [Key: [Int: CheckedContinuation<Outcome, Never>]] = [:]
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
                let isFirst = state.withLock { state in
                    defer { state.waiting[key, default: [:]][identifier] = continuation }
                    return state.waiting[key] == nil
                }
                if isFirst { start(key, make) }
                // The handler below may have run before there was anything to remove.
                if Task.isCancelled { abandon(key, identifier, registry) }
            }
        } onCancel: {
            abandon(key, identifier, registry)
        }
    }

    private func start(_ key: Key, _ make: @escaping @Sendable () async -> Outcome) {
        // Of its own, so that it outlives the caller that happened to be first.
        Task.detached {
            let outcome = await make()
            let waiting = self.state.withLock { $0.waiting.removeValue(forKey: key) }
            for continuation in (waiting ?? [:]).values { continuation.resume(returning: outcome) }
        }
    }

    private func abandon(_ key: Key, _ identifier: Int, _ registry: String) {
        let continuation = state.withLock { $0.waiting[key]?.removeValue(forKey: identifier) }
        continuation?.resume(returning: .failure(.interrupted(registry)))
    }
}
