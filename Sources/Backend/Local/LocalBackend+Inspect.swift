import Layers
package import OCI
import Store
import Threads

extension LocalBackend {
    package func inspect(_ name: String, platform: Platform?) async throws(BackendError) -> ImageDetail {
        let image = try find(name, platform: platform)
        let sizes = try await layerSizes(of: image.manifest)
        let rows = image.match.rows
        var digests: [String] = []
        for row in rows {
            guard let reference = row.entry.reference, row.entry.lastPulled != nil || reference.digest != nil else {
                continue
            }
            let text = "\(reference.repository.familiar)@\(row.entry.digest)"
            if !digests.contains(text) { digests.append(text) }
        }
        return ImageDetail(
            id: image.match.id,
            references: rows.compactMap { $0.entry.reference.flatMap { $0.tag == nil ? nil : $0.familiar } }.sorted(),
            repositoryDigests: digests.sorted(), descriptor: image.row.entry.descriptor, manifest: image.manifest,
            config: image.config, size: sizes.reduce(0, +), lastTagged: nil)
    }

    package func history(_ name: String, platform: Platform?) async throws(BackendError) -> [HistoryRow] {
        let image = try find(name, platform: platform)
        let sizes = try await layerSizes(of: image.manifest)
        var rows: [HistoryRow] = []
        var layer = 0
        for step in image.config.history {
            var row = HistoryRow(
                id: nil, created: step.created, createdBy: step.createdBy, size: 0, comment: step.comment, tags: [],
                layer: nil, isEmptyLayer: step.isEmptyLayer)
            if !step.isEmptyLayer, layer < sizes.count {
                row.size = sizes[layer]
                row.layer = image.manifest.layers[layer].digest
                layer += 1
            }
            rows.append(row)
        }
        // Layers that the history does not tell of are there all the same.
        for index in layer..<max(layer, sizes.count) {
            rows.append(
                HistoryRow(
                    id: nil, created: image.config.created, createdBy: "", size: sizes[index], comment: "", tags: [],
                    layer: image.manifest.layers[index].digest, isEmptyLayer: false))
        }
        rows.reverse()
        if !rows.isEmpty {
            rows[0].id = image.match.id
            rows[0].tags = image.match.rows.compactMap { $0.entry.reference?.familiar }.sorted()
        }
        return rows
    }

    private struct Found {
        let match: ImageMatch
        let row: ImageRow
        let manifest: Manifest
        let config: ImageConfig
    }

    private func find(_ name: String, platform: Platform?) throws(BackendError) -> Found {
        let match = try ImageMatch(name, in: try rows(for: [name]))
        guard let row = match.named ?? match.rows.first else { throw BackendError(.notFound, "no such image: \(name)") }
        let present = manifests(of: row.entry)
        guard let platform else {
            guard let manifest = present.first(where: { $0.config.digest == match.id }) ?? present.first else {
                throw BackendError(
                    .corrupt, "the manifest of \(name) is not in the store", hint: "`pull \(name)` fetches it again")
            }
            return Found(match: match, row: row, manifest: manifest, config: try config(of: manifest))
        }
        var platforms: [Platform?] = []
        for manifest in present { platforms.append(try config(of: manifest).platform) }
        guard let best = platform.bestMatch(in: platforms) else {
            let available = platforms.compactMap { $0?.description }.joined(separator: ", ")
            throw BackendError(
                .noMatchingPlatform,
                "image with reference \(name) was found but its platform (\(available)) does not match the specified platform (\(platform))",
                hint:
                    "available: \(available); `pull --platform \(platform) \(name)` fetches another, where there is one"
            )
        }
        let config = try config(of: present[best])
        let id = present[best].config.digest
        let shown = id == match.id ? match : ImageMatch(id: id, named: match.named, rows: match.rows)
        return Found(match: shown, row: row, manifest: present[best], config: config)
    }

    /// The manifests that an entry leads to and that are here, this machine's platform first.
    func manifests(of entry: StoreEntry) -> [Manifest] {
        guard let bytes = try? store.readBlob(entry.digest, limit: Manifest.maximumBytes) else { return [] }
        guard entry.mediaType.isIndex else {
            return (try? Manifest(bytes: bytes, mediaType: entry.mediaType, digest: entry.digest)).map { [$0] } ?? []
        }
        guard let index = try? Index(bytes: bytes, mediaType: entry.mediaType, digest: entry.digest) else { return [] }
        let present = index.images.filter { store.hasBlob($0.digest) }
        let best = Platform.host.bestMatch(in: present.map(\.platform))
        let ordered = (best.map { [present[$0]] } ?? []) + present.indices.filter { $0 != best }.map { present[$0] }
        return ordered.compactMap { child in
            (try? store.readBlob(child.digest, limit: Manifest.maximumBytes)).flatMap {
                try? Manifest(bytes: $0, mediaType: child.mediaType, digest: child.digest)
            }
        }
    }

    func config(of manifest: Manifest) throws(BackendError) -> ImageConfig { try store.config(of: manifest) }

    /// File bytes of each layer, worked out where they are not known yet. A foreign layer that is not here counts nothing.
    /// What is no image is not unpacked: its blobs count as they are.
    func layerSizes(of manifest: Manifest) async throws(BackendError) -> [Int64] {
        let layers = manifest.layers
        guard manifest.isImage else { return layers.map(\.size) }
        return try await withCancellationFlag { flag throws(BackendError) in
            let present = layers.filter { store.hasBlob($0.digest) || !$0.mediaType.isForeignLayer }
            let facts = store.layerFacts(for: present, cancelled: { flag.isCancelled })
            var sizes: [Int64] = []
            for layer in layers {
                guard let answer = facts[layer.digest] else {
                    sizes.append(0)
                    continue
                }
                do throws(StoreError) { sizes.append(try answer.get().fileBytes) } catch { throw BackendError(error) }
            }
            return sizes
        }
    }
}

extension Store {
    /// The image config of a manifest; an empty one for an artifact that is no image, whose config may be anything.
    ///
    /// Throws `not_found`, `corrupt`, `io`.
    func config(of manifest: Manifest) throws(BackendError) -> ImageConfig {
        let bytes =
            manifest.isImage
            ? try storing { () throws(StoreError) in
                try readBlob(manifest.config.digest, limit: ImageConfig.maximumBytes)
            } : Array("{}".utf8)
        do { return try ImageConfig(bytes: bytes) } catch { throw BackendError(error) }
    }
}
