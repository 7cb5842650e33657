package import OCI

/// A name or a manifest that was deleted in a registry.
package struct RemoteRemoval: Sendable {
    package var reference: Reference
    /// What the name pointed to.
    package var digest: Digest
    /// Whether the manifest was deleted with it, rather than the tag alone; nil where a plan cannot know.
    package var isByDigest: Bool?
    /// Further tags that pointed to the same manifest, and went with it where that was deleted.
    package var others: [Reference]
    /// Tags of indexes that list the manifest, which lack it where it was deleted.
    package var indexes: [Reference] = []
}
