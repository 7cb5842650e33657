package import OCI
import Registry

/// What an index in a registry became.
package struct IndexResult: Sendable {
    package var reference: Reference
    package var digest: Digest
    package var mediaType: MediaType
    /// What the name pointed to before; nil where it did not exist.
    package var previous: Digest?
    package var bytes: [UInt8]
    package var isPlan: Bool

    package init(
        reference: Reference, digest: Digest, mediaType: MediaType, previous: Digest?, bytes: [UInt8], isPlan: Bool
    ) {
        self.reference = reference
        self.digest = digest
        self.mediaType = mediaType
        self.previous = previous
        self.bytes = bytes
        self.isPlan = isPlan
    }
}

/// Which entries of an index are meant.
package struct IndexSelection: Sendable {
    package var platform: Platform?
    package var digest: Digest?

    package init(platform: Platform? = nil, digest: Digest? = nil) {
        self.platform = platform
        self.digest = digest
    }

    func fits(_ descriptor: Descriptor) -> Bool {
        if let digest { return descriptor.digest == digest }
        guard let platform, let own = descriptor.platform, descriptor.isImageManifest else { return false }
        return own.os == platform.os && own.architecture == platform.architecture
            && (platform.variant == nil || own.variant == platform.variant)
    }
}

extension ImageTransfers {
    /// Makes an index of images under a name that may exist already. Images of other repositories are copied to it first;
    /// of one that is an index itself all platforms are taken.
    ///
    /// Throws `conflict` for two images of one platform, and as `copy` does.
    package func createIndex(
        _ target: Reference, of images: [Reference], annotations: [(String, String?)]
    ) async throws(BackendError) -> IndexResult {
        let previous = try await registries.find(target)?.digest
        let children = try await children(images, for: target)
        var edit = DocumentEdit(newIndexOf: children)
        if !annotations.isEmpty { _ = edit.annotate(annotations, entries: nil) }
        return try await put(edit, as: target, previous: previous)
    }

    /// Adds images to an index. Those for a platform that it has take their place.
    ///
    /// Throws `unsupported` where the name is no index, and as `copy` does.
    package func addToIndex(_ target: Reference, _ images: [Reference]) async throws(BackendError) -> IndexResult {
        let (before, edit) = try await index(target)
        var changed = edit
        for child in try await children(images, for: target) { changed.add(child) }
        return try await put(changed, as: target, previous: before)
    }

    /// Takes platforms out of an index, with the attestations about them. Throws `no_matching_platform` where there is none
    /// such, and `conflict` where nothing would be left.
    package func removeFromIndex(
        _ target: Reference, _ selections: [IndexSelection]
    ) async throws(BackendError) -> IndexResult {
        let (before, edit) = try await index(target)
        var changed = edit
        for selection in selections where changed.remove(where: selection.fits) == 0 {
            throw nothing(selection, target)
        }
        guard !changed.isEmpty else {
            throw BackendError(
                .conflict, "\(target.familiar) would list nothing any more",
                hint: "`rmi --remote \(target.familiar)` takes the name away")
        }
        return try await put(changed, as: target, previous: before)
    }

    /// Sets annotations of a manifest or index, or of an index's entries; nil takes one away. The bytes change, and with
    /// them the digest: `target` is the name that gets it.
    ///
    /// Throws `unsupported` for a manifest of Docker's own type, which has no annotations.
    package func annotate(
        _ source: Reference, as target: Reference, _ changes: [(String, String?)], entries: IndexSelection? = nil
    ) async throws(BackendError) -> IndexResult {
        let manifest = try await registries.manifest(source)
        let type = manifest.descriptor.mediaType
        guard entries != nil || type == .ociManifest || type == .ociIndex else {
            throw BackendError(
                .unsupported, "\(source.familiar) is a Docker manifest, which has no annotations",
                hint: "OCI manifests have; builders make them when told so (oci-mediatypes=true)")
        }
        var edit = try DocumentEdit(manifest.bytes)
        guard edit.annotate(changes, entries: entries.map { $0.fits }) > 0 else {
            throw nothing(entries ?? IndexSelection(), source)
        }
        let previous = source == target ? manifest.descriptor.digest : try await registries.find(target)?.digest
        if !options.dryRun, source.repository != target.repository {
            // What it is made of has to be there.
            let place = Reference(repository: target.repository, digest: manifest.descriptor.digest)
            _ = try await copy(.registry(source), to: place)
        }
        return try await put(edit, as: target, previous: previous, mediaType: type)
    }

    /// The same for a name that is an index, and stays where it is.
    ///
    /// Throws `unsupported` for a single image, and as `annotate` does.
    package func annotateIndex(
        _ target: Reference, _ changes: [(String, String?)], entries: IndexSelection? = nil
    ) async throws(BackendError) -> IndexResult {
        _ = try await registries.index(target)
        return try await annotate(target, as: target, changes, entries: entries)
    }

    private func nothing(_ selection: IndexSelection, _ target: Reference) -> BackendError {
        let what = selection.digest?.description ?? selection.platform?.description ?? "such entry"
        return BackendError(
            .noMatchingPlatform, "\(target.familiar) lists no \(what)",
            hint: "`manifest \(target.familiar) | .manifests[].platform` shows what it lists")
    }

    private func index(_ target: Reference) async throws(BackendError) -> (Digest, DocumentEdit) {
        let manifest = try await registries.index(target)
        return (manifest.descriptor.digest, try DocumentEdit(manifest.bytes))
    }

    /// The entries that images become, in the repository of `target`: what is not there is copied, once it is clear that
    /// they go together.
    ///
    /// Throws `conflict` where two of them are for one platform.
    private func children(_ images: [Reference], for target: Reference) async throws(BackendError) -> [Descriptor] {
        var children: [Descriptor] = []
        var owners: [Platform: Reference] = [:]
        var absent: [(image: Reference, digest: Digest)] = []
        for image in images {
            let root = try await registries.manifest(image)
            let entries = try await entries(of: root, image)
            let known = Set(children.map(\.digest))
            for entry in entries where !known.contains(entry.digest) {
                if let platform = entry.platform, entry.isImageManifest, let other = owners[platform] {
                    throw BackendError(
                        .conflict, "\(other.familiar) and \(image.familiar) are both for \(platform)",
                        hint: "an index has one image for a platform: leave one of them out"
                    ).about(image.familiar)
                }
                children.append(entry)
            }
            for case let platform? in entries.filter(\.isImageManifest).map(\.platform) { owners[platform] = image }
            if image.repository != target.repository { absent.append((image, root.descriptor.digest)) }
        }
        for (image, digest) in absent where !options.dryRun {
            _ = try await copy(.registry(image), to: Reference(repository: target.repository, digest: digest))
        }
        return children
    }

    /// What an index would list of an image: itself, or what it lists.
    private func entries(of root: RemoteManifest, _ image: Reference) async throws(BackendError) -> [Descriptor] {
        do throws(ManifestError) {
            if root.descriptor.mediaType.isIndex { return try Index(bytes: root.bytes).manifests }
        } catch { throw BackendError(error) }
        let manifest: Manifest
        do throws(ManifestError) {
            manifest = try Manifest(bytes: root.bytes, mediaType: root.descriptor.mediaType)
        } catch { throw BackendError(error) }
        var child = root.descriptor
        child.platform = try await registries.config(of: manifest, in: image.repository)?.platform
        child.artifactType = manifest.artifactType
        return [child]
    }

    private func put(
        _ edit: DocumentEdit, as target: Reference, previous: Digest?, mediaType: MediaType? = nil
    ) async throws(BackendError) -> IndexResult {
        let bytes = edit.bytes
        let type: MediaType
        if let mediaType {
            type = mediaType
        } else {
            do throws(ManifestError) { type = try Index(bytes: bytes).mediaType } catch { throw BackendError(error) }
        }
        if !options.dryRun {
            let client = transfer.client
            try await asking { () throws(RegistryError) in
                _ = try await client.putManifest(bytes, mediaType: type, as: target)
            }
        }
        return IndexResult(
            reference: target, digest: Digest.of(bytes), mediaType: type, previous: previous, bytes: bytes,
            isPlan: options.dryRun)
    }
}
