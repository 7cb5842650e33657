import Layers
import OCI
import Store
import Threads

extension LocalBackend {
    package func load(
        _ request: LoadRequest, progress: @escaping @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) async throws(BackendError) -> [LoadResult] {
        let source: ArchiveSource =
            switch request.source {
            case .file(let path): .file(path)
            case .directory(let path): .directory(path)
            case .descriptor(let descriptor, let name): .descriptor(descriptor, name: name)
            }
        // Apart from the shell's thread: what is read may come from a program that stages of the same pipeline feed.
        return try await withCancellationFlag { flag throws(BackendError) in
            try await onOwnThread { () throws(BackendError) in try self.load(source, request, flag, progress) }
        }
    }

    private func load(
        _ source: ArchiveSource, _ request: LoadRequest, _ flag: CancellationFlag,
        _ progress: @escaping @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) throws(BackendError) -> [LoadResult] {
        let archive = try storing { () throws(StoreError) in
            try store.stage(
                source, platform: request.platform, acceptsEmpty: request.acceptsEmpty,
                cancelled: { flag.isCancelled }, progress: progress)
        }
        let results = try results(of: archive, dryRun: request.dryRun)
        if !request.dryRun {
            _ = try storing { () throws(StoreError) in try archive.commit(cancelled: { flag.isCancelled }) }
        }
        return results
    }

    /// A row for each name, before anything has changed.
    private func results(of archive: StagedArchive, dryRun: Bool) throws(BackendError) -> [LoadResult] {
        let names = archive.images.flatMap { $0.references.map(\.familiar) }
        let before = try rows(for: names)
        var results: [LoadResult] = []
        for image in archive.images {
            guard let manifest = try storing({ () throws(StoreError) in try image.manifest() }) else { continue }
            let config = try storing { () throws(StoreError) in try image.config(of: manifest) }
            let id = manifest.isImage ? manifest.config.digest : manifest.digest
            var result = LoadResult(
                reference: nil, id: id, digest: image.descriptor.digest, platform: config.platform,
                status: dryRun ? .planned : .loaded, size: 0, replaced: nil, layers: [])
            for (index, layer) in manifest.layers.enumerated() {
                let file = image.blobs[layer.digest]
                result.layers.append(
                    LoadResult.Layer(
                        digest: layer.digest,
                        diffID: config.diffIDs.indices.contains(index) ? config.diffIDs[index] : nil,
                        size: layer.size, status: file.map { $0.isStored ? "exists" : "loaded" } ?? "foreign"))
                result.size +=
                    archive.facts(layer.digest)?.fileBytes ?? store.cachedLayerFacts(layer.digest)?.fileBytes ?? 0
            }
            let isHere = image.blobs.values.allSatisfy(\.isStored)
            if image.references.isEmpty {
                if isHere, !dryRun { result.status = .upToDate }
                results.append(result)
            }
            for reference in image.references {
                result.reference = reference
                let row = before.first { $0.entry.reference == reference }
                if !dryRun {
                    result.status = isHere && row?.entry.digest == image.descriptor.digest ? .upToDate : .loaded
                }
                result.replaced = row.flatMap { $0.id == id ? nil : $0.id }
                results.append(result)
            }
        }
        return results
    }
}
