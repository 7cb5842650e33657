/// One piece of news about a blob that is on its way.
package struct ProgressEvent: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case waiting
        case downloading
        case uploading
        /// Downloading goes on where an earlier run stopped; `bytes` starts with what is there.
        case resumed
        /// An attempt failed; the next one is due.
        case retrying
        case verifying
        case done
        /// It was there already: nothing is transferred.
        case exists
        case failed

        /// Nothing more will come of it.
        package var isFinal: Bool { self == .done || self == .exists || self == .failed }
        var isActive: Bool { !isFinal && self != .waiting }

        var word: String {
            switch self {
            case .waiting: "waiting"
            case .downloading: "downloading"
            case .uploading: "uploading"
            case .resumed: "resuming"
            case .retrying: "retrying"
            case .verifying: "verifying"
            case .done: "done"
            case .exists: "exists"
            case .failed: "failed"
            }
        }
    }

    /// What tells one blob from another; its digest.
    package var id: String
    /// What is shown for it; a short digest.
    package var label: String
    package var state: State
    /// Bytes there by now, those of earlier runs among them.
    package var bytes: Int64
    /// Bytes there will be; nil where that is not known.
    package var total: Int64?

    package init(id: String, label: String, state: State, bytes: Int64 = 0, total: Int64? = nil) {
        self.id = id
        self.label = label
        self.state = state
        self.bytes = bytes
        self.total = total
    }
}
