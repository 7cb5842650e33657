import Backend
import OCI
import Shell
import Terminal

/// Shows a pull on standard error: a bar for each layer on a terminal, plain lines elsewhere.
struct PullProgress: PullDisplay {
    private let display = ProgressDisplay()

    func report(_ event: PullEvent) {
        if case .retrying(let reason) = event.state { display.note("\(event.label): \(reason); trying again") }
        display.report(
            ProgressEvent(
                id: event.digest.description, label: event.label, state: ProgressEvent.State(event.state),
                bytes: event.bytes, total: event.total))
    }

    func finish() { display.finish() }
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
        case .verifying: self = .verifying
        case .done: self = .done
        case .exists: self = .exists
        case .resumed: self = .resumed
        case .failed: self = .failed
        }
    }
}
