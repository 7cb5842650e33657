import Backend
import Synchronization

/// What went wrong for single subjects of a command that carries on past them, to be thrown as one at its end.
package final class PartialFailures: Sendable {
    private struct State {
        var errors: [ShellError] = []
        /// Beyond those that are kept.
        var further = 0
        var inARow = 0
        var areHopeless = false
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
            if state.inARow >= Self.longestRun { state.areHopeless = true }
            return state.inARow >= Self.longestRun
        }
        if isHopeless { try throwAny() }
    }

    /// Nothing but failures came for so long that the command was ended for it.
    package var areHopeless: Bool { state.withLock { $0.areHopeless } }

    /// Throws the failures as one: the first, the rest among its `others`, `more` behind them.
    package func throwAny(and more: [ShellError] = []) throws(ShellError) {
        let all = all + more
        guard var first = all.first else { return }
        first.others += all.dropFirst()
        throw first
    }

    /// `error`, which ended the command before its work was done, with the failures until then among its `others`. What ends
    /// it from outside stays as it is.
    package func joined(to error: any Error) -> any Error {
        var first: ShellError
        switch error {
        case let error as ShellError: first = error
        case let error as BackendError: first = ShellError(error)
        default: return error
        }
        guard first.code != .interrupted, first.code != .brokenPipe, !areHopeless else { return error }
        first.others += all
        return first
    }

    private var all: [ShellError] {
        let (errors, further) = state.withLock { ($0.errors, $0.further) }
        guard further > 0, let first = errors.first else { return errors }
        return errors + [ShellError(first.code, "\(further) more failed, which are not listed")]
    }
}
