import Backend
import OCI
import Shell

/// Shows how far a reading or writing of many bytes is, as one line of a pull's display.
struct ByteMeter: Sendable {
    private let label: String
    private let display: (any PullDisplay)?
    private let state: PullEvent.State
    private static let digest = Digest.of([])

    init(_ label: String, _ display: (any PullDisplay)?, state: PullEvent.State = .downloading) {
        self.label = label
        self.display = display
        self.state = state
    }

    func report(_ done: Int64, of total: Int64) {
        display?.report(
            PullEvent(digest: ByteMeter.digest, label: label, state: state, bytes: done, total: total))
    }
}
