package import OCI

/// An image out of an archive or a layout, all of whose files are there and have the digests that name them.
package struct LoadableImage {
    /// What a name is to point to: a manifest or an index.
    package var descriptor: Descriptor
    package var references: [Reference]
    /// What the layout calls it, as it stands there; else its first reference.
    package var layoutName: LayoutName
    /// The image manifests that are here; of an index there may be several.
    package var manifests: [Manifest] = []
    /// Everything it needs, the documents too.
    package var blobs: [Digest: StagedFile] = [:]

    init(descriptor: Descriptor, references: [Reference], layoutName: LayoutName? = nil) {
        self.descriptor = descriptor
        self.references = references
        self.layoutName = layoutName ?? references.first.map { LayoutName($0) } ?? LayoutName()
    }

    /// The manifest for `platform`, or the next best.
    package func manifest(for platform: Platform = .host) throws(StoreError) -> Manifest? {
        guard manifests.count > 1 else { return manifests.first }
        var platforms: [Platform?] = []
        for manifest in manifests { platforms.append(try config(of: manifest).platform) }
        return platform.bestMatch(in: platforms).map { manifests[$0] } ?? manifests.first
    }

    /// The config of one of its manifests; an empty one for what is no image. Throws `corrupt`.
    package func config(of manifest: Manifest) throws(StoreError) -> ImageConfig {
        let bytes =
            manifest.isImage
            ? try blobs[manifest.config.digest]?.bytes(limit: ImageConfig.maximumBytes) ?? [] : Array("{}".utf8)
        return try parsed { () throws(ManifestError) in try ImageConfig(bytes: bytes) }
    }
}
