package import OCI

/// A further name that an image was given.
package struct TagResult: Sendable {
    package enum Status: String, Sendable {
        case tagged
        /// The image had that name already.
        case upToDate = "up_to_date"
        /// `--dry-run`: it would be tagged.
        case planned
    }

    /// What was tagged, as it was typed.
    package var source: String
    package var reference: Reference
    package var id: Digest
    package var digest: Digest
    /// The image that had the name before, where it was another.
    package var replaced: Digest?
    package var status: Status

    package init(source: String, reference: Reference, id: Digest, digest: Digest, replaced: Digest?, status: Status) {
        self.source = source
        self.reference = reference
        self.id = id
        self.digest = digest
        self.replaced = replaced
        self.status = status
    }
}
