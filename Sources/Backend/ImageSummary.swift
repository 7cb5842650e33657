package import OCI

/// One row of `images`, as a backend tells it: a reference, or an image without one.
package struct ImageSummary: Sendable {
    /// The name as it stands; nil for a dangling image.
    package var name: String?
    /// What the registry served for the tag: an index's digest where it was one.
    package var digest: Digest
    /// The config's digest.
    package var id: Digest
    /// RFC 3339; nil where the image does not say.
    package var created: String?
    /// Sum of the file bytes of all layers; nil where it was not asked for.
    package var size: Int64?
    /// The part of `size` in layers that other images have too.
    package var sharedSize: Int64?
    package var platform: Platform
    package var labels: [(key: String, value: String)]
    /// When dsh last pulled it, RFC 3339.
    package var lastPulled: String?

    package init(
        name: String?, digest: Digest, id: Digest, created: String?, size: Int64?, sharedSize: Int64?,
        platform: Platform, labels: [(key: String, value: String)], lastPulled: String?
    ) {
        self.name = name
        self.digest = digest
        self.id = id
        self.created = created
        self.size = size
        self.sharedSize = sharedSize
        self.platform = platform
        self.labels = labels
        self.lastPulled = lastPulled
    }
}
