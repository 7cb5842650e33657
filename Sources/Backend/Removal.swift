package import OCI

/// How `rmi` removes.
package struct RemoveOptions: Sendable {
    /// Images with all their names; what is not there is no failure.
    package var force: Bool
    /// Remove nothing; tell what would go.
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
