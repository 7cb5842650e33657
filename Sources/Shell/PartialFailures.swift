import Backend
import Synchronization

/// What went wrong for single subjects of a command that carries on past them, to be thrown as one at its end.
package final class PartialFailures: Sendable {
    private struct State {
        var errors: [ShellError] = []
        /// Beyond those that are kept.
        var further = 0
        var inARow = 0
    }

    /// So many errors are kept; the rest is counted.
    private static let kept = 1000
    /// So many failures with no success between them are no longer single ones.
    private static let longestRun = 100

    private let state = Mutex(State())

    package init() {}

    /// Notes that a subject was dealt with.
    package func succeeded() { state.withLock { $0.inARow = 0 } }

    /// Notes a failure; `argument` is the word that it is about, as it was given.
    ///
    /// Throws what ends the command: an interruption, and the failures together where nothing but failures has come for
    /// so long that going on would only burden the registry.
    package func add(_ error: any Error, about argument: String) throws {
        if error is CancellationError { throw error }
        var failure: ShellError
        switch error {
        case let error as ShellError: failure = error
        case let error as BackendError: failure = ShellError(error)
        default: throw error
        }
        if failure.code == .interrupted || failure.code == .brokenPipe { throw failure }
        failure.argument = failure.argument ?? argument
        let isHopeless = state.withLock { [failure] state in
            if state.errors.count < Self.kept { state.errors.append(failure) } else { state.further += 1 }
            state.inARow += 1
            return state.inARow >= Self.longestRun
        }
        if isHopeless { try throwAny() }
    }

    /// Throws the failures as one: the first, the rest among its `others`.
    package func throwAny() throws(ShellError) {
        let (errors, further) = state.withLock { ($0.errors, $0.further) }
        guard var first = errors.first else { return }
        first.others += errors.dropFirst()
        if further > 0 {
            first.others.append(ShellError(first.code, "\(further) more failed, which are not listed"))
        }
        throw first
    }
}
