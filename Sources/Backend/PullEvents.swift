package import OCI

/// Hears how a pull goes. Called from many threads.
package protocol PullEvents: Sendable {
    func report(_ event: PullEvent)

    /// What the registry has for one reference is known; its blobs come next.
    func resolved(_ plan: PullPlan)
}

extension PullEvents {
    package func resolved(_ plan: PullPlan) {}
}

/// What a pull found for one reference, before anything of it is fetched.
package struct PullPlan: Sendable {
    package struct Layer: Sendable {
        package var digest: Digest
        /// It is in the store already.
        package var isHere: Bool

        package init(digest: Digest, isHere: Bool) {
            self.digest = digest
            self.isHere = isHere
        }
    }

    package var reference: Reference
    /// The image was in the store before, under whatever name.
    package var isKnown: Bool
    /// Base first.
    package var layers: [Layer]

    package init(reference: Reference, isKnown: Bool, layers: [Layer]) {
        self.reference = reference
        self.isKnown = isKnown
        self.layers = layers
    }
}

/// What can happen to one blob of a pull.
package struct PullEvent: Sendable {
    package enum State: Sendable, Hashable {
        case waiting, downloading, uploading, verifying, done, exists
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
