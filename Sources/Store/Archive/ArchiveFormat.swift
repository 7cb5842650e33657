import Layers
package import OCI

/// What an image archive looks like inside.
package enum ArchiveFormat: String, Sendable, CaseIterable {
    /// What `docker save` writes since Docker 25: an OCI image layout with `manifest.json` and `repositories` beside it,
    /// which older engines, podman and skopeo's `docker-archive:` read.
    case docker
    /// An OCI image layout and nothing else: skopeo's `oci-archive:`.
    case oci
}

/// An image as an archive or a layout lists it.
package struct ArchivedImage: Sendable {
    /// What `index.json` points to: a manifest or an index.
    package var descriptor: Descriptor
    /// Its names, with a tag or a digest each; none for an image that was named by its Id.
    package var references: [Reference]
    /// What `manifest.json` tells of: the image itself, or of an index the one that engines without indexes get. Nil leaves
    /// the image out of `manifest.json`.
    package var manifest: Manifest?

    package init(descriptor: Descriptor, references: [Reference], manifest: Manifest?) {
        self.descriptor = descriptor
        self.references = references
        self.manifest = manifest
    }
}

extension StoreError {
    /// A failed system call on a file that is not the store's.
    static func outside(_ error: SystemError) -> StoreError { StoreError(LayerError(error)) }
}
