package import OCI

/// Hears how a pull goes. Called from many threads.
package protocol PullEvents: Sendable {
    func report(_ event: PullEvent)
}

/// What can happen to one blob of a pull.
package struct PullEvent: Sendable {
    package enum State: Sendable, Hashable {
        case waiting, downloading, verifying, done, exists
        /// An earlier attempt's bytes are used.
        case resumed
        /// A new attempt follows; the reason is for people.
        case retrying(String)
        case failed
    }

    package var digest: Digest
    /// What to call it: a short digest, or what the blob is.
    package var label: String
    package var state: State
    /// Bytes that are there so far.
    package var bytes: Int64
    package var total: Int64

    package init(digest: Digest, label: String, state: State, bytes: Int64, total: Int64) {
        self.digest = digest
        self.label = label
        self.state = state
        self.bytes = bytes
        self.total = total
    }
}
