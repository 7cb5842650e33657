package import OCI

/// What `prune` is to remove.
package struct PruneRequest: Sendable {
    /// Images with a name, too, not only dangling ones.
    package var all: Bool
    /// Conditions that an image has to meet: labels, until, reference patterns.
    package var filters: [ImageFilter]
    /// Patterns of names that stay, as `reference` has them.
    package var keptReferences: [String]
    /// As Docker has it: images are dangling also where their names all have a digest and no tag; the digests that names
    /// were pulled with are told as names, and what layers hold unpacked is counted.
    package var isDockers: Bool
    /// Blobs that nothing needs and old partial downloads, too.
    package var leftovers: Bool
    /// Remove exactly what these steps of an earlier dry run say, or nothing.
    package var plan: [PruneStep]?
    package var dryRun: Bool

    package init(
        all: Bool = false, filters: [ImageFilter] = [], keptReferences: [String] = [], isDockers: Bool = false,
        leftovers: Bool = true, plan: [PruneStep]? = nil, dryRun: Bool = false
    ) {
        self.all = all
        self.filters = filters
        self.keptReferences = keptReferences
        self.isDockers = isDockers
        self.leftovers = leftovers
        self.plan = plan
        self.dryRun = dryRun
    }
}

/// One thing that pruning did, or under `dryRun` would do.
package struct PruneStep: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A name was taken away.
        case reference
        /// An image's documents were deleted: manifest, config, and index where it has one.
        case image
        /// A layer that no other image has was deleted.
        case layer
        /// A blob that nothing needed was deleted.
        case blob
        /// A file left over of a download, or put aside by `fsck`, was deleted.
        case file
    }

    package var kind: Kind
    /// The name, the image's Id, the layer's chain id, the blob's digest or the file.
    package var subject: String
    /// The image that it belongs to; nil for blobs and files.
    package var id: Digest?
    /// What the name pointed to, or the blob that goes; nil for files.
    package var digest: Digest?
    /// Bytes freed on disk.
    package var reclaimed: Int64
    /// Of a layer: the bytes of its files, as an engine that unpacks them would free; where it was asked for.
    package var fileBytes: Int64?

    package init(
        _ kind: Kind, _ subject: String, id: Digest? = nil, digest: Digest? = nil, reclaimed: Int64 = 0,
        fileBytes: Int64? = nil
    ) {
        self.kind = kind
        self.subject = subject
        self.id = id
        self.digest = digest
        self.reclaimed = reclaimed
        self.fileBytes = fileBytes
    }
}
