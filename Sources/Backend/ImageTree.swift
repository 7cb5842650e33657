package import OCI

/// One image of the list with what its name leads to for each platform: the source of `images --tree`.
package struct ImageTree: Sendable {
    package struct Variant: Sendable {
        package var platform: Platform
        /// The config's digest; nil where the manifest is not here.
        package var id: Digest?
        /// The manifest's digest.
        package var digest: Digest
        /// File bytes of the layers; 0 where the manifest is not here.
        package var size: Int64
        /// Bytes of manifest, config and layers that are on this disk.
        package var contentSize: Int64
        /// Whether everything of it is here, so that it can be used.
        package var isAvailable: Bool

        package init(
            platform: Platform, id: Digest?, digest: Digest, size: Int64, contentSize: Int64, isAvailable: Bool
        ) {
            self.platform = platform
            self.id = id
            self.digest = digest
            self.size = size
            self.contentSize = contentSize
            self.isAvailable = isAvailable
        }
    }

    /// Familiar names, in order; none for a dangling image.
    package var names: [String]
    /// What the registry served: an index's digest where it was one.
    package var digest: Digest
    /// The Id that `images` shows for the names.
    package var id: Digest
    /// RFC 3339; nil where the image does not say.
    package var created: String?
    /// In the index's order, one where there is no index; attestations are left out.
    package var variants: [Variant]

    package init(names: [String], digest: Digest, id: Digest, created: String?, variants: [Variant]) {
        self.names = names
        self.digest = digest
        self.id = id
        self.created = created
        self.variants = variants
    }
}
