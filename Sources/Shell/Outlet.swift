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

    /// Whether a value could not be handed on.
    var hasFailed: Bool { failure.withLock { $0 != nil } }

    /// Runs the stage, which hands on values through `pass`. Throws what went wrong behind it, unchanged, else what the
    /// stage threw. That nobody takes its values any more is no failure behind: a stage that was cut short by it says so
    /// (`incomplete`).
    func run(_ stage: () async throws -> Void) async throws {
        do {
            try await stage()
        } catch {
            guard let behind = failure.withLock({ $0 }) else { throw error }
            if (error as? ShellError)?.code == .incomplete, Outlet.isQuiet(behind) { throw error }
            throw behind
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private static func isQuiet(_ behind: any Error) -> Bool {
        behind is any QuietEnding || (behind as? ShellError)?.code == .brokenPipe
    }

    /// Stands for the error behind on its way through the stage. What it is the outlet knows that threw it.
    private struct FailedBehind: QuietEnding {}
}

/// Thrown where nobody wants more values, and nothing is wrong.
protocol QuietEnding: Error {}

/// The stage behind has all it wants: ends the stages before it.
struct StageStopped: QuietEnding {}

/// Whether the stages behind have left: what they do not read any more is cancelled, as it is by Ctrl-C, which means
/// another thing to a command that changes something.
final class StagesBehind: Sendable {
    @TaskLocal static var current: StagesBehind?

    private let further: StagesBehind?
    private let left = Atomic<Bool>(false)

    /// `further` are those behind these.
    init(before further: StagesBehind?) { self.further = further }

    var haveLeft: Bool { left.load(ordering: .acquiring) || further?.haveLeft == true }

    func leave() { left.store(true, ordering: .releasing) }
}
