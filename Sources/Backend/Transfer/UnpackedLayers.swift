import JSON
import Layers
import OCI
import Store
import Threads

/// An image's layers as plain tar streams, for readers that do not know how they are packed. They wait beside the store's
/// blobs, without a name, and go with this.
final class UnpackedLayers: @unchecked Sendable {  // Belongs to one thread at a time.
    private let store: Store
    private var files: [Digest: NewBlob] = [:]

    init(_ store: Store) { self.store = store }

    /// Unpacks the layers and makes a manifest of them, as `save` and Docker's own engine do: the config, and so the Id,
    /// stays. Every layer is verified.
    ///
    /// Throws `digest_mismatch`, `corrupt`, what reading throws, `no_space`, `io`, `interrupted`.
    func unpack(
        _ manifest: Manifest, from origin: any ImageOrigin, events: any PullEvents, flag: CancellationFlag
    ) throws(BackendError) -> Manifest {
        var layers: [Descriptor] = []
        for layer in manifest.layers where layer.mediaType.isLayer && !layer.mediaType.isForeignLayer {
            layers.append(try unpack(layer, from: origin, events: events, flag: flag))
        }
        let config = Descriptor(mediaType: .ociConfig, digest: manifest.config.digest, size: manifest.config.size)
        let document: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": .array(layers.map(\.json)),
        ]
        do throws(ManifestError) { return try Manifest(bytes: Array(document.compact.utf8)) } catch {
            throw BackendError(error)
        }
    }

    private func unpack(
        _ layer: Descriptor, from origin: any ImageOrigin, events: any PullEvents, flag: CancellationFlag
    ) throws(BackendError) -> Descriptor {
        func report(_ state: PullEvent.State, _ bytes: Int64) {
            events.report(
                PullEvent(
                    digest: layer.digest, label: layer.digest.short, state: state, bytes: bytes, total: layer.size))
        }
        let file = try storing { () throws(StoreError) in try store.beginNewBlob() }
        var decompressor = Decompressor()
        var hasher = DigestHasher(layer.digest.algorithm)
        var failure: StoreError?
        func emit(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
            do throws(StoreError) { try file.append(bytes) } catch {
                failure = error
                throw LayerError(.io, error.message)
            }
        }
        func unpacking(_ body: () throws(LayerError) -> Void) throws(BackendError) {
            do throws(LayerError) { try body() } catch { throw BackendError(failure ?? StoreError(error)) }
        }
        try origin.read(layer, flag: flag) { bytes throws(BackendError) in
            hasher.update(bytes)
            try unpacking { () throws(LayerError) in try decompressor.push(bytes, emit: emit) }
            report(.verifying, decompressor.bytesIn)
        }
        try unpacking { () throws(LayerError) in try decompressor.finish(emit: emit) }
        let actual = hasher.finish()
        guard actual == layer.digest else {
            throw BackendError(.digestMismatch, "the blob \(layer.digest) has another digest: \(actual)")
        }
        let digest = try storing { () throws(StoreError) in try file.seal() }
        files[digest] = file
        report(.waiting, 0)
        return Descriptor(mediaType: .ociLayer, digest: digest, size: file.size)
    }

    /// Hands out an unpacked layer; false where there is none of that digest.
    func read(
        _ digest: Digest, flag: CancellationFlag, _ take: (UnsafeRawBufferPointer) throws(BackendError) -> Void
    ) throws(BackendError) -> Bool {
        guard let file = files[digest] else { return false }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        let open = try storing { () throws(StoreError) in try file.open() }
        func pass(_ bytes: UnsafeRawBufferPointer) throws(BackendError) {
            if flag.isCancelled { throw .interrupted }
            try take(bytes)
        }
        try open.readPieces(through: buffer, failure: { BackendError(StoreError($0)) }, pass)
        return true
    }
}
