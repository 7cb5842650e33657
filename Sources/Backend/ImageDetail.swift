package import OCI

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

    package init(
        id: Digest, references: [String], repositoryDigests: [String], descriptor: Descriptor, manifest: Manifest,
        config: ImageConfig, size: Int64, lastTagged: String?
    ) {
        self.id = id
        self.references = references
        self.repositoryDigests = repositoryDigests
        self.descriptor = descriptor
        self.manifest = manifest
        self.config = config
        self.size = size
        self.lastTagged = lastTagged
    }
}
