import JSON
import OCI

/// The images that an OCI image layout lists (image-spec `image-layout.md`), as containerd's and Docker's exports name them.
struct LayoutImages {
    let files: any ArchiveFiles
    let platform: Platform?

    private static let maximumDepth = 4

    /// Reads `index.json`; nil where there is none.
    ///
    /// Throws `corrupt` for documents that are damaged or name what is not there, `unsupported` for a later layout,
    /// `invalid_reference`.
    func read() throws(StoreError) -> [LoadableImage]? {
        guard let document = try files.file("index.json") else { return nil }
        try checkVersion()
        let index = try documented("index.json") { () throws(StoreError) in
            let bytes = try document.bytes(limit: Manifest.maximumBytes)
            return try parsed { () throws(ManifestError) in try Index(bytes: bytes, mediaType: .ociIndex) }
        }
        var images: [LoadableImage] = []
        for row in index.manifests where row.mediaType.isIndex || row.mediaType.isManifest {
            var root = row
            root.annotations = [:]
            root.platform = nil
            let name = LayoutName(
                name: row.annotations[StoreEntry.nameKey], fullName: row.annotations[StoreEntry.fullNameKey])
            let names = references(row)
            if let place = images.firstIndex(where: { $0.descriptor.digest == row.digest }) {
                images[place].references += names.filter { !images[place].references.contains($0) }
                continue
            }
            guard let image = try image(root, names, name) else { continue }
            images.append(image)
        }
        return images
    }

    private func checkVersion() throws(StoreError) {
        guard let file = try files.file("oci-layout") else { return }
        let bytes = try file.bytes(limit: 64 << 10)
        guard let version = (try? JSONValue.parse(bytes))?["imageLayoutVersion"]?.stringValue else {
            throw StoreError(.corrupt, "the archive's oci-layout names no imageLayoutVersion")
        }
        guard version.hasPrefix("1.") else {
            throw StoreError(
                .unsupported, "the archive is an OCI image layout of version \(version.prefix(40)); dsh knows 1.0.0")
        }
    }

    /// The name that the row bears: the whole one where containerd or Docker wrote it, since beside it the other is the tag
    /// alone. A name that is no reference leaves the image without.
    private func references(_ row: Descriptor) -> [Reference] {
        let entry = StoreEntry(
            digest: row.digest, mediaType: row.mediaType, size: row.size, name: row.annotations[StoreEntry.nameKey],
            fullName: row.annotations[StoreEntry.fullNameKey])
        return entry.reference.map { [$0] } ?? []
    }

    /// nil where there is nothing of it for the platform that was asked for.
    private func image(
        _ root: Descriptor, _ names: [Reference], _ name: LayoutName
    ) throws(StoreError) -> LoadableImage? {
        var image = LoadableImage(descriptor: root, references: names, layoutName: name)
        guard try add(root, to: &image, depth: 0) else {
            throw StoreError(
                .corrupt, "the archive has no manifest \(root.digest), which its index.json names",
                hint: "it is damaged or cut short; get it again")
        }
        guard !image.manifests.isEmpty else {
            if platform != nil { return nil }
            throw StoreError(.corrupt, "the archive has no image of the index \(root.digest)")
        }
        return image
    }

    /// Adds a manifest or index and what it names; false where it is not in the archive.
    private func add(_ descriptor: Descriptor, to image: inout LoadableImage, depth: Int) throws(StoreError) -> Bool {
        guard let file = try files.blob(descriptor) else { return false }
        if image.blobs[descriptor.digest] != nil { return true }
        let bytes = try file.bytes(limit: Manifest.maximumBytes)
        if descriptor.mediaType.isIndex {
            guard depth < LayoutImages.maximumDepth else {
                throw StoreError(.corrupt, "the archive has indexes in indexes, more than \(depth) deep")
            }
            let index = try parsed { () throws(ManifestError) in
                try Index(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest)
            }
            image.blobs[descriptor.digest] = file
            for child in index.manifests where child.mediaType.isIndex || child.mediaType.isManifest {
                if let platform, !isWanted(child, platform, in: index) { continue }
                // Those for other platforms may be absent, as they may in a store.
                _ = try add(child, to: &image, depth: depth + 1)
            }
            return true
        }
        let manifest = try parsed { () throws(ManifestError) in
            try Manifest(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest)
        }
        if depth == 0, let platform, try !isFor(platform, manifest) { return true }
        image.blobs[descriptor.digest] = file
        image.blobs[manifest.config.digest] = try present(manifest.config, of: manifest)
        for layer in manifest.layers {
            if let blob = try files.blob(layer) {
                image.blobs[layer.digest] = blob
            } else if !layer.mediaType.isForeignLayer {
                throw LayoutImages.missing(layer, of: manifest)
            }
        }
        // Attestations come along; what stands for the image is one that can be run.
        if descriptor.isImageManifest { image.manifests.append(manifest) }
        return true
    }

    private func isWanted(_ child: Descriptor, _ platform: Platform, in index: Index) -> Bool {
        guard child.isImageManifest, let best = try? index.select(platform) else { return false }
        return best.digest == child.digest
    }

    private func isFor(_ platform: Platform, _ manifest: Manifest) throws(StoreError) -> Bool {
        guard manifest.isImage else { return true }
        let bytes = try present(manifest.config, of: manifest).bytes(limit: ImageConfig.maximumBytes)
        let config = try parsed { () throws(ManifestError) in try ImageConfig(bytes: bytes) }
        return platform.bestMatch(in: [config.platform]) != nil
    }

    private func present(_ blob: Descriptor, of manifest: Manifest) throws(StoreError) -> StagedFile {
        guard let file = try files.blob(blob) else { throw LayoutImages.missing(blob, of: manifest) }
        return file
    }

    private static func missing(_ blob: Descriptor, of manifest: Manifest) -> StoreError {
        StoreError(
            .corrupt, "the archive lacks the blob \(blob.digest) of the image \(manifest.digest)",
            hint: "it is damaged or cut short; get it again")
    }
}

/// Turns a document's own error into the store's.
func parsed<Value>(_ body: () throws(ManifestError) -> Value) throws(StoreError) -> Value {
    do { return try body() } catch {
        switch error.reason {
        case .schema1:
            throw StoreError(.unsupported, "the archive has an image of Docker's schema 1, which dsh does not read")
        case .malformed, .wrongMediaType, .noMatchingPlatform: throw StoreError(.corrupt, error.description)
        }
    }
}

/// Says of which document of the archive an error is.
func documented<Value>(_ name: String, _ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
    do { return try body() } catch {
        // What is no name says so itself, in Docker's words.
        if error.code == .invalidReference { throw error }
        throw StoreError(error.code, "the archive's \(name): \(error.message)", hint: error.hint)
    }
}
