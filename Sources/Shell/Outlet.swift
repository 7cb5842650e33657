import Synchronization

/// Keeps apart what goes wrong in a stage and what goes wrong behind it, in whoever takes its values.
///
/// Values are handed on by calls, so an error behind comes up through the stage that made the value. It is no failure of
/// that stage: no `try` in it may catch it, no loop in it end by it, no command turn it into an error of its own.
final class Outlet: Sendable {
    private let failure = Mutex<(any Error)?>(nil)

    /// Hands on one value by calling `work`.
    func pass(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch {
            failure.withLock { $0 = $0 ?? error }
            throw FailedBehind()
        }
    }

    /// Runs the stage, which hands on values through `pass`. Throws what went wrong behind it, unchanged, else what the
    /// stage threw.
    func run(_ stage: () async throws -> Void) async throws {
        do {
            try await stage()
        } catch {
            throw failure.withLock { $0 } ?? error
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Stands for the error behind on its way through the stage.
    private struct FailedBehind: Error {}
}

/// The stage behind has all it wants: ends the stages before it.
struct StageStopped: Error {}
