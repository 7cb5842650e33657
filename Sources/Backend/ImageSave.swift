package import OCI

/// What to write into an archive.
package struct SaveRequest: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        /// What `docker save` writes since Docker 25, which older engines read as well.
        case docker
        /// An OCI image layout and nothing else.
        case oci
    }

    package enum Packing: String, Sendable, CaseIterable {
        case gzip, zstd
    }

    /// References or Ids. A repository without a tag means all of its tags, as for Docker.
    package var names: [String]
    /// Only this platform's image of those that have several.
    package var platform: Platform?
    package var format: Format
    /// How the archive is packed as a whole; nil for a plain tar.
    package var packing: Packing?
    /// Layers as plain tar streams, which every engine reads. In Docker's format, layers packed in a way that older engines
    /// do not know are unpacked whether or not this is set.
    package var unpacksLayers: Bool
    /// Blobs that the receiver has: they are left out.
    package var without: Set<Digest>
    package var dryRun: Bool

    package init(
        names: [String], platform: Platform? = nil, format: Format = .docker, packing: Packing? = nil,
        unpacksLayers: Bool = false, without: Set<Digest> = [], dryRun: Bool = false
    ) {
        self.names = names
        self.platform = platform
        self.format = format
        self.packing = packing
        self.unpacksLayers = unpacksLayers
        self.without = without
        self.dryRun = dryRun
    }
}

/// The archive that was written, or under `--dry-run` would be.
package struct SaveResult: Sendable {
    package struct Image: Sendable {
        /// None where it was named by its Id.
        package var references: [Reference]
        package var id: Digest
        /// What the archive's index points to.
        package var digest: Digest
        package var platform: Platform
    }

    package var images: [Image]
    /// Bytes of the archive; nil where it is packed and nothing was written.
    package var size: Int64?
    /// The digest of the archive's bytes; nil where nothing was written.
    package var digest: Digest?
    package var blobs: Int
    /// Blobs that were left out because the receiver has them.
    package var omitted: Int
}

/// Takes an archive's bytes, in order.
package typealias ByteSink = @Sendable (UnsafeRawBufferPointer) throws(BackendError) -> Void
