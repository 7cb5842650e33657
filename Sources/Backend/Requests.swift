package import OCI

/// What to fetch.
package struct PullRequest: Sendable {
    package var references: [Reference]
    /// The platform wanted of an index; nil for this machine's.
    package var platform: Platform?
    /// Every tag of the repositories named.
    package var allTags: Bool
    /// Every platform of an index.
    package var allPlatforms: Bool
    /// Wait until every layer was unpacked once and compared with its diff_id.
    package var verify: Bool
    /// How many layers are fetched at once.
    package var concurrency: Int
    /// Look only: resolve, and say what would be fetched.
    package var dryRun: Bool

    package init(
        references: [Reference], platform: Platform? = nil, allTags: Bool = false, allPlatforms: Bool = false,
        verify: Bool = false, concurrency: Int = 3, dryRun: Bool = false
    ) {
        self.references = references
        self.platform = platform
        self.allTags = allTags
        self.allPlatforms = allPlatforms
        self.verify = verify
        self.concurrency = concurrency
        self.dryRun = dryRun
    }
}

/// One image that was fetched.
package struct PullResult: Sendable {
    package enum Status: String, Sendable {
        /// Something was fetched, or a name was set anew.
        case downloaded
        /// The store had it all.
        case upToDate = "up_to_date"
        /// `--dry-run`: this would be fetched.
        case planned
    }

    package struct Layer: Sendable {
        package var digest: Digest
        /// Compressed bytes, as the manifest says.
        package var size: Int64
        /// `fetched`, `exists`, `missing` (`--dry-run`) or `foreign` (left where it is).
        package var status: String
    }

    package var reference: Reference
    package var digest: Digest
    package var id: Digest
    package var platform: Platform
    package var status: Status
    /// Bytes of config and layers as the manifest lists them.
    package var size: Int64
    /// Bytes that came over the network for this image.
    package var downloaded: Int64
    package var layers: [Layer]
}

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

package struct TagResult: Sendable {
    package var source: String
    package var reference: Reference
    package var id: Digest
    package var digest: Digest
    /// The image that had the name before, where it was another.
    package var replaced: Digest?

    package init(source: String, reference: Reference, id: Digest, digest: Digest, replaced: Digest?) {
        self.source = source
        self.reference = reference
        self.id = id
        self.digest = digest
        self.replaced = replaced
    }
}

package struct RemoveOptions: Sendable {
    package var force: Bool
    package var dryRun: Bool

    package init(force: Bool = false, dryRun: Bool = false) {
        self.force = force
        self.dryRun = dryRun
    }
}

/// One thing that a removal did, or under `--dry-run` would do.
package struct RemovalResult: Sendable {
    package enum Action: String, Sendable {
        /// A name was taken away.
        case untagged = "Untagged"
        /// An image's data was deleted.
        case deleted = "Deleted"
    }

    package var action: Action
    /// The name, or for a deletion the image's Id or the layer's chain id.
    package var subject: String
    package var id: Digest
    /// Bytes of blobs freed on disk.
    package var reclaimed: Int64

    package init(action: Action, subject: String, id: Digest, reclaimed: Int64) {
        self.action = action
        self.subject = subject
        self.id = id
        self.reclaimed = reclaimed
    }
}

/// What to make an image of.
package struct ImportRequest: Sendable {
    package enum Source: Sendable {
        case directory(String)
        case file(String)
        case standardInput
    }

    package var source: Source
    package var reference: Reference?
    package var platform: Platform
    package var message: String
    /// Dockerfile instructions that set up the config: `ENV A=b`, `CMD ["sh"]`.
    package var changes: [String]

    package init(
        source: Source, reference: Reference?, platform: Platform = .host, message: String = "", changes: [String] = []
    ) {
        self.source = source
        self.reference = reference
        self.platform = platform
        self.message = message
        self.changes = changes
    }
}

package struct ImportResult: Sendable {
    package var reference: Reference?
    package var id: Digest
    package var digest: Digest
    package var size: Int64
    package var layer: Digest
}
