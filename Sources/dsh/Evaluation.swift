import Shell
import Synchronization

/// How a piece of work ended.
enum EvaluationOutcome: Sendable {
    case done
    /// `exit`
    case exit(Int32)
    case failed(ShellError)
    /// A signal ended it; the number.
    case interrupted(Int32)

    /// dsh's exit status for it.
    var status: Int32 {
        switch self {
        case .done: 0
        case .exit(let status): status
        case .failed(let error): error.exitStatus
        case .interrupted(let signal): 128 + signal
        }
    }
}

/// Runs work on the shell's thread while the main thread waits for it and for signals.
struct Evaluation {
    private let thread = ShellThread()

    /// Waits until `body` ends, calling `onTick` every tenth of a second. Ctrl-C and SIGTERM cancel it.
    func run(onTick: () -> Void = {}, _ body: @escaping @Sendable () async throws -> Void) -> EvaluationOutcome {
        Interruption.install()
        let shared = Shared()
        let task = thread.start {
            do {
                try await body()
            } catch let error as ShellError {
                shared.set(.failed(error))
            } catch let exit as ScriptExit {
                shared.set(.exit(exit.status))
            } catch is CancellationError {
                shared.set(.failed(ShellError(.interrupted, "interrupted")))
            } catch {
                shared.set(.failed(ShellError(.io, "\(error)")))
            }
            Interruption.finished()
        }
        let signal = Interruption.wait(onTick: onTick) { _ in task.cancel() }
        if let signal, case .failed(let error) = shared.outcome, error.code == .interrupted {
            return .interrupted(signal)
        }
        return shared.outcome
    }

    private final class Shared: Sendable {
        private let value = Mutex<EvaluationOutcome>(.done)
        var outcome: EvaluationOutcome { value.withLock { $0 } }
        func set(_ outcome: EvaluationOutcome) { value.withLock { $0 = outcome } }
    }
}
