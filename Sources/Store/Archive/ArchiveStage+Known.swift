import OCI

extension ArchiveStage {
    /// The image with this Id as the store has it, whole and protected by the lease, under further names; nil where it has
    /// none. The same config means the same layers: what a registry served keeps its digest and its packed layers, and
    /// nothing is stored twice. nil always for a stage that does not prefer what is stored.
    func known(id: Digest, references: [Reference]) throws(StoreError) -> LoadableImage? {
        guard prefersStored else { return nil }
        let found = try store.images(where: { _ in false }, idPrefixes: [id.hex]).filter { $0.record?.id == id }
        let named = found.first { image in image.entry.reference.map(references.contains) ?? false }
        for candidate in (named.map { [$0] } ?? []) + found {
            guard let record = candidate.record, record.isImage, let digest = record.manifest,
                let size = store.blobSize(digest), let file = try stored(digest, size: size),
                let root = try stored(candidate.entry.digest, size: candidate.entry.size)
            else { continue }
            let bytes = try file.bytes(limit: Manifest.maximumBytes)
            guard let manifest = try? Manifest(bytes: bytes, digest: digest) else { continue }
            var image = LoadableImage(descriptor: candidate.entry.descriptor, references: references)
            image.manifests = [manifest]
            image.blobs[root.digest] = root
            image.blobs[digest] = file
            for blob in [manifest.config] + manifest.layers {
                image.blobs[blob.digest] = try stored(blob.digest, size: blob.size)
            }
            if image.blobs.count == Set([root.digest, digest, id] + manifest.layers.map(\.digest)).count {
                return image
            }
        }
        return nil
    }
}
