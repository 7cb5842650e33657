import JSON
import Layers
import OCI

/// The images that a docker-archive lists in its `manifest.json` (moby's `image/tarexport/load.go`).
struct DockerImages {
    let files: any ArchiveFiles
    let check: LayerCheck
    let platform: Platform?

    /// One row: the files that make the image.
    struct Row {
        let config: String
        let layers: [String]
        let references: [Reference]
    }

    private static let maximumBytes = 16 << 20

    /// The rows; nil where there is no `manifest.json`. Throws `corrupt`, `invalid_reference`.
    func rows() throws(StoreError) -> [Row]? {
        guard let document = try files.file("manifest.json") else { return nil }
        return try documented("manifest.json") { () throws(StoreError) in
            let bytes = try document.bytes(limit: DockerImages.maximumBytes)
            let json: JSONValue
            do throws(JSONError) { json = try JSONValue.parse(bytes) } catch {
                throw StoreError(.corrupt, "not JSON: \(error.message)")
            }
            guard let list = json.arrayValue else { throw StoreError(.corrupt, "it is no array") }
            var rows: [Row] = []
            for item in list { rows.append(try row(item)) }
            return rows
        }
    }

    private func row(_ item: JSONValue) throws(StoreError) -> Row {
        guard let config = item["Config"]?.stringValue, let layers = texts(item["Layers"]),
            let tags = texts(item["RepoTags"])
        else { throw StoreError(.corrupt, "an image lacks Config or Layers, or has others than texts in them") }
        var references: [Reference] = []
        for tag in tags {
            let reference: Reference
            do { reference = try Reference(tag) } catch {
                throw StoreError(.invalidReference, "\(error.description): \"\(ArchiveStage.shown(tag))\"")
            }
            guard reference.tag != nil, reference.digest == nil else {
                throw StoreError(.invalidReference, "invalid tag \"\(ArchiveStage.shown(tag))\"")
            }
            if !references.contains(reference) { references.append(reference) }
        }
        return Row(config: config, layers: layers, references: references)
    }

    /// The texts of an array; none for null or nothing; nil for anything else.
    private func texts(_ json: JSONValue?) -> [String]? {
        guard let json, json != .null else { return [] }
        guard let items = json.arrayValue else { return nil }
        let texts = items.compactMap(\.stringValue)
        return texts.count == items.count ? texts : nil
    }

    /// The row's config, whose digest is the image's Id. Throws `digest_mismatch` where its name says another.
    func config(_ row: Row) throws(StoreError) -> StagedFile {
        let file = try files.required(row.config)
        let name = row.config.split(separator: "/").last.map(String.init) ?? row.config
        let stem = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
        if let named = try? Digest("sha256:" + stem), named != file.digest {
            throw StoreError(
                .digestMismatch,
                "the archive's image config \(ArchiveStage.shown(row.config)) has another digest: \(file.digest)",
                hint: "the archive is damaged; get it again")
        }
        return file
    }

    /// The image of a row, with a manifest for it; nil where it is not for the platform that was asked for.
    ///
    /// Throws `corrupt`, `digest_mismatch`, and as `LayerCheck` does.
    func image(_ row: Row) throws(StoreError) -> LoadableImage? {
        let configFile = try config(row)
        let config = try documented(ArchiveStage.shown(row.config)) { () throws(StoreError) in
            let bytes = try configFile.bytes(limit: ImageConfig.maximumBytes)
            return try parsed { () throws(ManifestError) in try ImageConfig(bytes: bytes) }
        }
        if let platform, platform.bestMatch(in: [config.platform]) == nil { return nil }
        guard row.layers.count == config.diffIDs.count else {
            throw LayerCheck.mismatch(expected: row.layers.count, got: config.diffIDs.count)
        }
        var layers: [StagedFile] = []
        for (path, diffID) in zip(row.layers, config.diffIDs) {
            let file = try files.required(path)
            let actual = try check.facts(of: file).diffID
            guard actual == diffID else { throw LayerCheck.mismatch(ArchiveStage.shown(path), actual, diffID) }
            layers.append(file)
        }
        if let known = try files.stage.known(id: configFile.digest, references: row.references) { return known }
        return try image(configFile, layers: layers, references: row.references)
    }

    /// The manifest is the one that Docker 25 writes for such an image, to the byte, so that the same image has the same
    /// digest whatever archive it comes in. Layers stay packed, or not, as they are: a plain layer's digest is its diff_id,
    /// which any tool finds again, while a packed one's would depend on the version of the library that packs it.
    func image(
        _ config: StagedFile, layers: [StagedFile], references: [Reference]
    ) throws(StoreError) -> LoadableImage {
        var descriptors: [Descriptor] = []
        var blobs = [config.digest: config]
        for layer in layers {
            let (type, file) = try distributable(layer)
            descriptors.append(Descriptor(mediaType: type, digest: file.digest, size: file.size))
            blobs[file.digest] = file
        }
        let about = Descriptor(mediaType: .ociConfig, digest: config.digest, size: config.size)
        let document: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": about.json,
            "layers": .array(descriptors.map(\.json)),
        ]
        let bytes = Array(document.compact.utf8)
        let manifest = try parsed { () throws(ManifestError) in try Manifest(bytes: bytes) }
        var image = LoadableImage(descriptor: manifest.descriptor, references: references)
        blobs[manifest.digest] = StagedFile(bytes, store: files.stage.store)
        image.blobs = blobs
        image.manifests = [manifest]
        return image
    }

    /// A layer as a manifest can list it: what is packed in a way that no media type stands for is unpacked.
    private func distributable(_ layer: StagedFile) throws(StoreError) -> (MediaType, StagedFile) {
        let facts = try check.facts(of: layer)
        switch facts.compression {
        case .none: return (.ociLayer, layer)
        case .gzip: return (.ociLayerGzip, layer)
        case .zstd: return (.ociLayerZstd, layer)
        case .bzip2, .xz:
            let blob = try unpacked(layer)
            let digest = try blob.seal()
            let plain = StagedFile(.blob(blob), digest: digest, size: blob.size, store: files.stage.store)
            _ = try check.facts(of: plain)
            return (.ociLayer, plain)
        }
    }

    private func unpacked(_ layer: StagedFile) throws(StoreError) -> NewBlob {
        let stage = files.stage
        let blob = try stage.store.beginNewBlob()
        var decompressor = Decompressor(limits: stage.limits.layers)
        var failure: StoreError?
        func emit(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
            do throws(StoreError) { try blob.append(bytes) } catch {
                failure = error
                throw LayerError(.io, error.message)
            }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        let file = try layer.open()
        do throws(LayerError) {
            try file.readPieces(through: buffer, failure: LayerError.init) { bytes throws(LayerError) in
                if stage.cancelled() { throw LayerError(.interrupted, "interrupted") }
                try decompressor.push(bytes, emit: emit)
            }
            try decompressor.finish(emit: emit)
        } catch { throw failure ?? StoreError(error) }
        return blob
    }
}
