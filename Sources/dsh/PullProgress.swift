import Backend
import Glibc
import OCI
import Shell
import Terminal

/// Shows a pull on standard error: a bar for each layer on a terminal, plain lines elsewhere.
struct PullProgress: PullDisplay {
    private let display = ProgressDisplay()
    private let output: ResultOutput

    /// Bars and results share the terminal.
    private let holdsResults = isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1

    /// Results that go to the same terminal wait until the bars are gone.
    init(output: ResultOutput) {
        self.output = output
        if holdsResults { output.hold() }
    }

    func report(_ event: PullEvent) {
        if case .retrying(let reason) = event.state { display.note("\(event.label): \(reason); trying again") }
        display.report(
            ProgressEvent(
                id: event.digest.description, label: event.label, state: ProgressEvent.State(event.state),
                bytes: event.bytes, total: event.total))
    }

    func finish() {
        display.finish()
        if holdsResults { output.release() }
    }
}

/// Shows nothing.
struct NoProgress: PullDisplay {
    func report(_ event: PullEvent) {}
    func finish() {}
}

extension ProgressEvent.State {
    fileprivate init(_ state: PullEvent.State) {
        switch state {
        case .waiting: self = .waiting
        case .downloading, .retrying: self = .downloading
        case .uploading: self = .uploading
        case .verifying: self = .verifying
        case .done: self = .done
        case .exists: self = .exists
        case .resumed: self = .resumed
        case .failed: self = .failed
        }
    }
}
