package import OCI

/// Which images to list.
package struct ImageQuery: Sendable {
    /// `REPOSITORY[:TAG]`, a `reference` pattern in Docker's sense; nil for all.
    package var reference: String?
    /// Docker's `--filter` conditions, in the order given.
    package var filters: [ImageFilter]
    /// Whether sizes are needed: they may have to be counted first, layer by layer.
    package var withSizes: Bool

    package init(reference: String? = nil, filters: [ImageFilter] = [], withSizes: Bool = true) {
        self.reference = reference
        self.filters = filters
        self.withSizes = withSizes
    }
}

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

/// Everything about one image: the source of `inspect`.
package struct ImageDetail: Sendable {
    package var id: Digest
    /// Every name of the image, familiar forms, in order.
    package var references: [String]
    /// `repository@digest` for every repository and digest it is known under.
    package var repositoryDigests: [String]
    package var descriptor: Descriptor
    package var manifest: Manifest
    package var config: ImageConfig
    package var size: Int64
    package var lastTagged: String?
}

/// One row of `history`, as Docker composes it from config and layers.
package struct HistoryRow: Sendable {
    /// The image's Id for the newest step, nil for the steps below: they were built elsewhere.
    package var id: Digest?
    package var created: String?
    package var createdBy: String
    /// File bytes that the step added.
    package var size: Int64
    package var comment: String
    package var tags: [String]
    /// The layer's digest as stored; nil for steps without one.
    package var layer: Digest?
    package var isEmptyLayer: Bool
}
