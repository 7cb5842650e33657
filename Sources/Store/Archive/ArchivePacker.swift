import Layers

/// How an archive is packed as a whole.
package enum ArchivePacking: String, Sendable, CaseIterable {
    case gzip, zstd
}

/// Packs an archive on its way to where it is written.
package final class ArchivePacker {
    private var gzip: GzipDeflater?
    private var zstd: ZstdDeflater?
    private let sink: (UnsafeRawBufferPointer) throws(StoreError) -> Void
    /// What the sink threw, on its way through the packer, which knows other errors only.
    private var failure: StoreError?

    /// Nil packs nothing. Throws `io` where there is no memory for it.
    package init(
        _ packing: ArchivePacking?, sink: @escaping (UnsafeRawBufferPointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        self.sink = sink
        do throws(LayerError) {
            switch packing {
            case nil: break
            case .gzip: gzip = try GzipDeflater()
            case .zstd: zstd = try ZstdDeflater()
            }
        } catch { throw StoreError(error) }
    }

    /// Takes the next bytes. Throws what the sink throws.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        guard gzip != nil || zstd != nil else { return try sink(bytes) }
        do throws(LayerError) {
            try gzip?.push(bytes, emit: emit)
            try zstd?.push(bytes, emit: emit)
        } catch { throw failure ?? StoreError(error) }
    }

    /// Hands out the rest; call it once.
    package func finish() throws(StoreError) {
        do throws(LayerError) {
            try gzip?.finish(emit: emit)
            try zstd?.finish(emit: emit)
        } catch { throw failure ?? StoreError(error) }
    }

    private func emit(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
        do throws(StoreError) { try sink(bytes) } catch {
            failure = error
            throw LayerError(.io, error.message)
        }
    }
}
