package import OCI

/// What a backend's images take: the source of `df`.
package struct DiskUsage: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package var count: Int
        package var bytes: Int64

        package init(count: Int, bytes: Int64) {
            self.count = count
            self.bytes = bytes
        }
    }

    /// Images, each once however many names it has.
    package var imageCount: Int
    /// Of those, the ones that a container uses.
    package var activeCount: Int
    /// File bytes of all layers, each counted once: Docker's number.
    package var layerBytes: Int64
    /// What of that no container needs.
    package var reclaimable: Int64
    /// What is really on this disk; nil where the backend does not say.
    package var disk: Disk?

    package init(imageCount: Int, activeCount: Int, layerBytes: Int64, reclaimable: Int64, disk: Disk?) {
        self.imageCount = imageCount
        self.activeCount = activeCount
        self.layerBytes = layerBytes
        self.reclaimable = reclaimable
        self.disk = disk
    }

    /// Files of a store, by what they are for.
    package struct Disk: Sendable, Hashable {
        /// Blobs that images need, layers compressed as registries have them.
        package var blobs: Part
        /// Blobs that nothing needs: `prune` removes them.
        package var unreferenced: Part
        package var partials: Part
        package var quarantine: Part
        package var cache: Part
        /// All of the store, with its index.
        package var bytes: Int64
    }
}

/// What one image takes: the source of `df --verbose`.
package struct ImageUsage: Sendable, Hashable {
    /// Familiar names, in order; none for a dangling image.
    package var names: [String]
    package var id: Digest
    package var created: String?
    package var size: Int64?
    package var sharedSize: Int64?
    package var containers: Int
    /// Bytes of its blobs on this disk; nil where the backend does not say.
    package var diskSize: Int64?
}
