import Layers
import OCI
import Store
import Synchronization
import Threads

extension LocalBackend {
    package func save(
        _ request: SaveRequest, to sink: @escaping ByteSink, progress: @escaping @Sendable (Int64, Int64) -> Void
    ) async throws(BackendError) -> SaveResult {
        try await withCancellationFlag { flag throws(BackendError) in
            // A slow disk or reader must not hold up what else runs.
            try await onOwnThread { () throws(BackendError) in
                try SaveOperation(backend: self, request: request, flag: flag).run(to: sink, progress: progress)
            }
        }
    }
}

/// One `save`.
private struct SaveOperation {
    let backend: LocalBackend
    let request: SaveRequest
    let flag: CancellationFlag

    private var format: ArchiveFormat {
        switch request.format {
        case .docker: .docker
        case .oci: .oci
        }
    }

    private var packing: ArchivePacking? {
        switch request.packing {
        case .gzip: .gzip
        case .zstd: .zstd
        case nil: nil
        }
    }

    func run(to sink: @escaping ByteSink, progress: (Int64, Int64) -> Void) throws(BackendError) -> SaveResult {
        let (store, flag) = (backend.store, flag)
        var images: [SaveResult.Image] = []
        var requests: [ArchiveRequest] = []
        for selected in try selection() {
            let config = try backend.config(of: selected.manifest)
            requests.append(try archiveRequest(selected))
            images.append(
                SaveResult.Image(
                    references: selected.references, id: selected.manifest.config.digest,
                    digest: selected.row.entry.digest, platform: config.platform))
        }
        let plan = try storing { () throws(StoreError) in
            try store.archivePlan(for: requests, without: request.without, cancelled: { flag.isCancelled })
        }
        for place in images.indices { images[place].digest = plan.images[place].descriptor.digest }
        var result = SaveResult(
            images: images, size: nil, digest: nil, blobs: plan.blobCount, omitted: plan.omitted.count)
        if request.dryRun {
            if request.packing == nil { result.size = try storing { () throws(StoreError) in try plan.size(format) } }
            return result
        }
        // What is saved must not be collected meanwhile. A store that cannot be written to has no collector, either.
        let lease = try? store.beginLease()
        defer { lease?.release() }
        try? lease?.protect(plan.sources)
        (result.size, result.digest) = try write(plan, to: sink, progress: progress)
        return result
    }

    private func write(
        _ plan: ArchivePlan, to sink: @escaping ByteSink, progress: (Int64, Int64) -> Void
    ) throws(BackendError) -> (Int64, Digest) {
        let output = CountedSink(sink)
        let total = plan.blobBytes
        var done: Int64 = 0
        do throws(StoreError) {
            let packer = try ArchivePacker(packing, sink: output.append)
            let writer = ArchiveWriter(format, sink: packer.append)
            try backend.store.write(
                plan, to: writer, cancelled: { flag.isCancelled },
                progress: { count in
                    done += Int64(count)
                    progress(done, total)
                })
            try packer.finish()
        } catch { throw output.failure ?? BackendError(error) }
        return (output.count, output.digest())
    }

    // MARK: Which images

    private struct Selected {
        var row: ImageRow
        var references: [Reference]
        var manifest: Manifest
    }

    /// The images that the names mean, each once with all the names that were asked for, in the order of the first.
    private func selection() throws(BackendError) -> [Selected] {
        var selected: [Selected] = []
        func add(_ row: ImageRow, named reference: Reference?, id: Digest, _ name: String) throws(BackendError) {
            let names = reference.map { [$0] } ?? []
            if let place = selected.firstIndex(where: { $0.row.entry.digest == row.entry.digest }) {
                for name in names where !selected[place].references.contains(name) {
                    selected[place].references.append(name)
                }
                return
            }
            let manifest = try manifest(of: row, id: id, name)
            selected.append(Selected(row: row, references: names, manifest: manifest))
        }
        for name in request.names {
            let tagged = try rows(ofRepository: name)
            for row in tagged { try add(row, named: row.entry.reference, id: row.id, name) }
            if !tagged.isEmpty { continue }
            let match = try ImageMatch(name, in: try backend.rows(for: [name]))
            guard let row = match.named ?? match.rows.first else {
                throw BackendError(.notFound, "no such image: \(name)").about(name)
            }
            try add(row, named: match.named?.entry.reference, id: match.id, name)
        }
        return selected
    }

    /// Every tagged row of a repository, where `name` is one; in the order of the tags.
    private func rows(ofRepository name: String) throws(BackendError) -> [ImageRow] {
        guard let reference = try? Reference(name), reference.tag == nil, reference.digest == nil else { return [] }
        let stored = try storing { () throws(StoreError) in
            try backend.store.images(
                where: { $0.reference?.repository == reference.repository && $0.reference?.tag != nil }, idPrefixes: [])
        }
        return stored.map { ImageRow(entry: $0.entry, id: $0.record?.id ?? $0.entry.digest) }
            .filter { $0.entry.reference?.repository == reference.repository && $0.entry.reference?.tag != nil }
            .sorted { ($0.name ?? "") < ($1.name ?? "") }
    }

    /// The manifest that stands for a row: for the wanted platform, or the one that the row's Id is of.
    private func manifest(of row: ImageRow, id: Digest, _ name: String) throws(BackendError) -> Manifest {
        let present = backend.manifests(of: row.entry)
        guard let platform = request.platform else {
            guard let manifest = present.first(where: { $0.config.digest == id }) ?? present.first else {
                throw BackendError(
                    .corrupt, "the manifest of \(name) is not in the store", hint: "`pull \(name)` fetches it again"
                ).about(name)
            }
            return manifest
        }
        var platforms: [Platform?] = []
        for manifest in present { platforms.append(try backend.config(of: manifest).platform) }
        guard let best = platform.bestMatch(in: platforms) else {
            let available = platforms.compactMap { $0?.description }.joined(separator: ", ")
            throw BackendError(
                .noMatchingPlatform,
                "image with reference \(name) was found but its platform (\(available)) does not match the specified platform (\(platform))",
                hint: "`pull --platform \(platform) \(name)` fetches another, where there is one"
            ).about(name)
        }
        return present[best]
    }

    private func archiveRequest(_ selected: Selected) throws(BackendError) -> ArchiveRequest {
        let layers = selected.manifest.layers.filter { !$0.mediaType.isForeignLayer }
        // Docker before 23 knows no zstd.
        let isOutOfReach =
            request.format == .docker
            && layers.contains { LayerCompression.promised(by: $0.mediaType) == .zstd }
        return ArchiveRequest(
            entry: selected.row.entry, references: selected.references, manifest: selected.manifest,
            isSingle: request.platform != nil, unpacksLayers: request.unpacksLayers || isOutOfReach)
    }
}

/// Counts and digests what goes to a sink, and keeps the sink's own error.
private final class CountedSink {
    private let sink: ByteSink
    private var hasher = DigestHasher()
    private(set) var count: Int64 = 0
    private(set) var failure: BackendError?

    init(_ sink: @escaping ByteSink) { self.sink = sink }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        count += Int64(bytes.count)
        hasher.update(bytes)
        do throws(BackendError) { try sink(bytes) } catch {
            failure = error
            throw StoreError(.io, error.message)
        }
    }

    /// Of all that went through; call it once.
    func digest() -> Digest {
        var finished = DigestHasher()
        swap(&finished, &hasher)
        return finished.finish()
    }
}
