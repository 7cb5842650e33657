import Layers
package import OCI

extension LayoutAddition {
    /// Whether a blob is there with its size and its digest: what another program left half written, or a disk has lost, is
    /// not. Reads all of it on the calling thread.
    ///
    /// Throws `io` for what cannot be read, `interrupted`.
    package func holds(_ blob: Descriptor, cancelled: () -> Bool) throws(StoreError) -> Bool {
        guard store.hasBlob(blob.digest, size: blob.size) else { return false }
        var hasher = DigestHasher(blob.digest.algorithm)
        do throws(StoreError) {
            let file = try store.openBlob(blob.digest)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
            defer { buffer.deallocate() }
            try file.readPieces(through: buffer, failure: StoreError.layout) { bytes throws(StoreError) in
                if cancelled() { throw .interrupted }
                hasher.update(bytes)
            }
        } catch {
            // Gone meanwhile, or no plain file: it is put there anew.
            if error.code == .notFound || error.code == .corrupt { return false }
            throw error.code == .io ? StoreError(.io, error.message) : error
        }
        return hasher.finish() == blob.digest
    }

    /// Whether a document is there, of any size, with that digest.
    package func holdsDocument(_ digest: Digest) -> Bool {
        guard let bytes = try? store.readBlob(digest, limit: Manifest.maximumBytes) else { return false }
        return Digest.of(bytes, algorithm: digest.algorithm) == digest
    }
}
