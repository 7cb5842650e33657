import JSON
import Layers
package import OCI

extension Store {
    /// Works out what an archive of these images consists of; nothing is written.
    ///
    /// An index goes with those of its manifests that are here. A layer that is not to be distributed is left out where it
    /// is not here. Throws `not_found` for any other blob that is missing, `corrupt`, `io`, `interrupted`.
    package func archivePlan(
        for requests: [ArchiveRequest], without known: Set<Digest> = [],
        cancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(StoreError) -> ArchivePlan {
        var plan = ArchivePlan(without: known)
        for request in requests {
            let manifest: Manifest
            let descriptor: Descriptor
            if request.unpacksLayers, request.manifest.isImage {
                manifest = try planUnpacked(request.manifest, in: &plan, cancelled: cancelled)
                descriptor = manifest.descriptor
            } else if request.isSingle || !request.entry.mediaType.isIndex {
                manifest = request.manifest
                descriptor = manifest.descriptor
                try self.plan(manifest, in: &plan)
            } else {
                manifest = request.manifest
                descriptor = request.entry.descriptor
                try planIndex(request.entry.descriptor, chosen: manifest.digest, in: &plan, depth: 0)
            }
            plan.images.append(
                ArchivedImage(
                    descriptor: descriptor, references: request.references,
                    manifest: manifest.isImage ? manifest : nil))
        }
        return plan
    }

    private func plan(_ manifest: Manifest, in plan: inout ArchivePlan) throws(StoreError) {
        plan.add(manifest.digest, try stored(manifest.descriptor))
        plan.add(manifest.config.digest, try stored(manifest.config))
        for layer in manifest.layers {
            if layer.mediaType.isForeignLayer, !hasBlob(layer.digest) { continue }
            plan.add(layer.digest, try stored(layer))
        }
    }

    private func planIndex(
        _ descriptor: Descriptor, chosen: Digest, in plan: inout ArchivePlan, depth: Int
    ) throws(StoreError) {
        guard depth < 4 else { throw StoreError(.corrupt, "the index \(descriptor.digest) is nested too deeply") }
        let bytes = try readBlob(descriptor.digest, limit: Manifest.maximumBytes)
        let index: Index
        do throws(ManifestError) {
            index = try Index(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest)
        } catch { throw StoreError(.corrupt, "\(descriptor.digest): \(error)") }
        plan.add(descriptor.digest, try stored(descriptor))
        for child in index.manifests where hasBlob(child.digest) {
            if child.mediaType.isIndex {
                try planIndex(child, chosen: chosen, in: &plan, depth: depth + 1)
                continue
            }
            let bytes = try readBlob(child.digest, limit: Manifest.maximumBytes)
            let manifest: Manifest
            do throws(ManifestError) {
                manifest = try Manifest(bytes: bytes, mediaType: child.mediaType, digest: child.digest)
            } catch { throw StoreError(.corrupt, "\(child.digest): \(error)") }
            // Of another platform, or what is said about an image, there may be the manifest only: then it stays here.
            let isWhole = ([manifest.config] + manifest.layers).allSatisfy {
                $0.mediaType.isForeignLayer || hasBlob($0.digest)
            }
            if isWhole || child.digest == chosen { try self.plan(manifest, in: &plan) }
        }
    }

    /// Plain layers, and a manifest of them as Docker 25 makes one: the config, and so the Id, stays.
    private func planUnpacked(
        _ original: Manifest, in plan: inout ArchivePlan, cancelled: @escaping @Sendable () -> Bool
    ) throws(StoreError) -> Manifest {
        let facts = layerFacts(for: original.layers, cancelled: cancelled)
        if cancelled() { throw .interrupted }
        var layers: [Descriptor] = []
        for layer in original.layers {
            guard let answer = facts[layer.digest] else { continue }
            let fact = try answer.get()
            layers.append(Descriptor(mediaType: .ociLayer, digest: fact.diffID, size: fact.unpackedBytes))
            plan.add(
                fact.diffID,
                ArchivePlan.Blob(
                    size: fact.unpackedBytes,
                    content: fact.compression == .none ? .stored : .unpacked(layer.digest)))
        }
        let config = Descriptor(
            mediaType: .ociConfig, digest: original.config.digest, size: original.config.size)
        plan.add(config.digest, try stored(config))
        let document: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": .array(layers.map(\.json)),
        ]
        let bytes = Array(document.compact.utf8)
        let manifest: Manifest
        do throws(ManifestError) { manifest = try Manifest(bytes: bytes) } catch {
            throw StoreError(.corrupt, "\(original.digest): \(error)")
        }
        plan.add(manifest.digest, ArchivePlan.Blob(size: Int64(bytes.count), content: .made(bytes)))
        return manifest
    }

    private func stored(_ descriptor: Descriptor) throws(StoreError) -> ArchivePlan.Blob {
        guard let size = blobSize(descriptor.digest) else {
            throw StoreError(
                .notFound, "the store has no blob \(descriptor.digest)",
                hint: "pull the image again to fetch what is missing")
        }
        guard size == descriptor.size else {
            throw StoreError(
                .corrupt, "the store's blob \(descriptor.digest) has \(size) bytes instead of \(descriptor.size)",
                hint: "`fsck --repair` puts it aside; then pull the image again")
        }
        return ArchivePlan.Blob(size: size, content: .stored)
    }

    /// Writes what was planned and ends the archive. Every blob is digested on the way.
    ///
    /// Throws `not_found` for a blob that went meanwhile, `corrupt` and `digest_mismatch` for a damaged one,
    /// `interrupted`, `io`, and what the writer's sink throws. `progress` hears of every piece's length.
    package func write(
        _ plan: ArchivePlan, to writer: ArchiveWriter, cancelled: () -> Bool = { false },
        progress: (Int) -> Void = { _ in }
    ) throws(StoreError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        for (digest, blob) in plan.blobs.sorted(by: { $0.key < $1.key }) {
            try writer.beginBlob(digest, size: blob.size)
            func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
                if cancelled() { throw .interrupted }
                try writer.append(bytes)
                progress(bytes.count)
            }
            switch blob.content {
            case .made(let bytes): try bytes.withBytes(append)
            case .stored:
                try openBlob(digest).readPieces(through: buffer, failure: StoreError.init, append)
            case .unpacked(let layer): try unpack(layer, through: buffer, append)
            }
            do throws(StoreError) { try writer.endBlob() } catch {
                throw StoreError(
                    error.code, error.message, hint: "`fsck --repair` puts it aside; then pull the image again")
            }
        }
        try writer.finish(plan.images)
    }

    private func unpack(
        _ layer: Digest, through buffer: UnsafeMutableRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        var decompressor = Decompressor()
        var failure: StoreError?
        func pass(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
            do throws(StoreError) { try emit(bytes) } catch {
                failure = error
                throw LayerError(.io, error.message)
            }
        }
        let file = try openBlob(layer)
        do throws(LayerError) {
            try file.readPieces(through: buffer, failure: LayerError.init) { bytes throws(LayerError) in
                try decompressor.push(bytes, emit: pass)
            }
            try decompressor.finish(emit: pass)
        } catch { throw failure ?? StoreError(error) }
    }
}
