import OCI
import Registry
import Synchronization

/// Uploads that several images wait for together.
final class UploadFlights: Sendable {
    struct Key: Hashable, Sendable {
        let digest: Digest
        /// Which target it is for: an `ImageTarget`'s.
        let place: String
    }

    private struct State {
        var done: [Key: UploadOutcome] = [:]
        var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]
    }

    private static let remembered = 20_000

    private let state = Mutex(State())

    /// What `make` gives to whoever comes first; the others get the same with nothing sent, and where it failed try
    /// themselves.
    func value(
        _ key: Key, _ make: () async throws(BackendError) -> UploadOutcome
    ) async throws(BackendError) -> UploadOutcome {
        while true {
            let known = state.withLock { state -> UploadOutcome?? in
                if let done = state.done[key] {
                    return .some(UploadOutcome(how: done.how == .uploaded ? .exists : done.how, sent: 0))
                }
                if state.waiting[key] != nil { return .some(nil) }
                state.waiting[key] = []
                return nil
            }
            guard let known else { break }
            if let known { return known }
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.waiting[key] != nil else { return true }
                    state.waiting[key]?.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        }
        defer {
            for continuation in state.withLock({ $0.waiting.removeValue(forKey: key) ?? [] }) { continuation.resume() }
        }
        let outcome = try await make()
        state.withLock { state in
            // What is forgotten is asked for again, which costs a request and no more.
            if state.done.count >= UploadFlights.remembered { state.done.removeAll() }
            state.done[key] = outcome
        }
        return outcome
    }
}
