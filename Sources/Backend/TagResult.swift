package import OCI

/// A further name that an image was given.
package struct TagResult: Sendable {
    /// What was tagged, as it was typed.
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
