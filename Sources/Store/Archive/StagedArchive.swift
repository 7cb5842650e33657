package import Layers
package import OCI

/// An archive or a layout that was read and verified as a whole. Nothing of it is visible in the store until `commit`;
/// dropping it leaves nothing behind.
///
/// Belongs to one thread at a time.
package final class StagedArchive {
    /// What it holds, in its order. No two images bear the same name.
    package let images: [LoadableImage]
    private let store: Store
    private let lease: Lease
    private let check: LayerCheck

    fileprivate init(images: [LoadableImage], store: Store, lease: Lease, check: LayerCheck) {
        self.images = images
        self.store = store
        self.lease = lease
        self.check = check
    }

    deinit { lease.release() }

    /// What is known of a layer, which was unpacked once.
    package func facts(_ layer: Digest) -> LayerFacts? { check.facts[layer] }

    /// Puts every image into the store and sets its names, all in one change of `index.json`. Returns what the names meant
    /// before. Where it fails the store is as it was.
    ///
    /// Throws `no_space`, `io`, `timeout`, `interrupted`.
    package func commit(cancelled: () -> Bool = { false }) throws(StoreError) -> [ReferenceChange] {
        var blobs: [Digest: StagedFile] = [:]
        for image in images { blobs.merge(image.blobs) { first, _ in first } }
        let new = blobs.values.filter { !$0.isStored }.map(\.digest)
        do throws(StoreError) {
            try lease.protect(blobs.keys.sorted(), cancelled: cancelled)
            for digest in blobs.keys.sorted() {
                if cancelled() { throw .interrupted }
                try blobs[digest]?.commit()
            }
            check.remember()
            var updates: [ReferenceUpdate] = []
            var nameless: [Descriptor] = []
            for image in images {
                updates += image.references.map { ReferenceUpdate(reference: $0, descriptor: image.descriptor) }
                if image.references.isEmpty { nameless.append(image.descriptor) }
            }
            let changes = try store.setReferences(updates, nameless: nameless, cancelled: cancelled)
            lease.release()
            return changes
        } catch {
            lease.release()
            _ = try? store.collectGarbage(GarbageSelection(minimumAge: 0, only: Set(new.map(\.description))))
            throw error
        }
    }
}

extension Store {
    /// Reads a docker-archive of any age, an OCI archive (each packed in any way that layers are) or an OCI image layout, and
    /// verifies it whole: every digest, every size, every layer against its diff_id. Blobs that an archive leaves out may be
    /// in the store already. With `platform`, of an image for several platforms only that one is taken, and other images
    /// are left out. With `prefersStored` an image whose config the store has comes with the store's manifest and layers;
    /// without it the same archive is the same images on every machine. Blocks: call it on a thread that may wait.
    ///
    /// Throws `corrupt` for what is damaged or hostile, `digest_mismatch`, `no_matching_platform`, `invalid_reference`,
    /// `not_found` for a source that is not there, `unsupported`, `no_space`, `io`, `interrupted`.
    package func stage(
        _ source: ArchiveSource, platform: Platform? = nil, acceptsEmpty: Bool = false, prefersStored: Bool = true,
        limits: ArchiveLimits = ArchiveLimits(), cancelled: @escaping () -> Bool = { false },
        progress: @escaping (_ done: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws(StoreError) -> StagedArchive {
        let lease = try beginLease()
        let stage = ArchiveStage(
            store: self, lease: lease, limits: limits, prefersStored: prefersStored, cancelled: cancelled)
        let check = LayerCheck(stage: stage)
        let files: any ArchiveFiles
        switch source {
        case .file(let path): files = try TarFiles(try ArchiveInput(path: path), stage: stage, progress: progress)
        case .descriptor(let descriptor, let name):
            files = try TarFiles(ArchiveInput(descriptor: descriptor, name: name), stage: stage, progress: progress)
        case .directory(let path): files = DirectoryFiles(stage: stage, root: path)
        }
        let reader = ArchiveReader(
            layout: LayoutImages(files: files, platform: platform),
            docker: DockerImages(files: files, check: check, platform: platform), check: check, platform: platform,
            acceptsEmpty: acceptsEmpty)
        return StagedArchive(images: try reader.images(), store: self, lease: lease, check: check)
    }
}

/// Puts together what the lists of an archive say.
private struct ArchiveReader {
    let layout: LayoutImages
    let docker: DockerImages
    let check: LayerCheck
    let platform: Platform?
    let acceptsEmpty: Bool

    /// The layout first, where there is one: it keeps manifests as they were built, with packed layers and platforms.
    /// `manifest.json` adds names to its images, and images that it does not list.
    func images() throws(StoreError) -> [LoadableImage] {
        let listed = try layout.read()
        let rows = try docker.rows()
        var images = listed ?? []
        for image in images {
            for manifest in image.manifests {
                try check.check(manifest, config: try image.config(of: manifest), blobs: image.blobs)
            }
        }
        for row in rows ?? [] {
            let id = try docker.config(row).digest
            let place = images.firstIndex { $0.manifests.contains { $0.config.digest == id } }
            if let place {
                images[place].references += row.references.filter { !images[place].references.contains($0) }
            } else if let image = try docker.image(row) {
                images.append(image)
            }
        }
        let legacy = listed == nil && rows == nil ? try LegacyImages(docker: docker).read() : nil
        images += legacy ?? []
        guard listed != nil || rows != nil || legacy != nil else {
            throw StoreError(
                .corrupt, "this is no image archive: it has no manifest.json, index.json or repositories",
                hint: "`import` makes an image of an archive of files")
        }
        if images.isEmpty, acceptsEmpty, platform == nil { return [] }
        guard !images.isEmpty else {
            guard let platform else { throw StoreError(.corrupt, "the archive lists no image") }
            throw StoreError(.noMatchingPlatform, "no image of the archive is for \(platform)")
        }
        try checkNames(images)
        return images
    }

    private func checkNames(_ images: [LoadableImage]) throws(StoreError) {
        var owners: [Reference: Digest] = [:]
        for image in images {
            for reference in image.references {
                let other = owners.updateValue(image.descriptor.digest, forKey: reference)
                guard other == nil else {
                    throw StoreError(.corrupt, "the archive gives the name \(reference) to two images")
                }
            }
        }
    }
}
