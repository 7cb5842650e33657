import Glibc
import Layers
package import OCI

/// A blob whose digest is known only at its end: a layer that is being built.
///
/// Belongs to one thread at a time; dropping it deletes what was written.
package final class NewBlob {
    private let layout: StoreLayout
    private let path: String
    private var partial: PartialFile?

    init(layout: StoreLayout) throws(SystemError) {
        self.layout = layout
        path = layout.ingest + "/new-" + AtomicFile.uniqueName()
        partial = PartialFile(
            try OpenFile(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, operation: "write"), algorithm: .sha256)
    }

    deinit {
        if partial != nil { unlink(path) }
    }

    /// How many bytes are here.
    package var size: Int64 { partial?.size ?? 0 }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        do throws(SystemError) { try partial?.append(bytes) } catch { throw StoreError(error) }
    }

    /// Makes the blob durable under its digest. `protect` is called with the digest first, so that a lease can cover it.
    package func commit(
        protect: (Digest) throws(StoreError) -> Void = { _ in }
    ) throws(StoreError) -> (digest: Digest, size: Int64) {
        do throws(SystemError) { try partial?.flush() } catch { throw StoreError(error) }
        let size = size
        guard let digest = partial?.digest() else { throw StoreError(.conflict, "the blob is written already") }
        try protect(digest)
        do throws(SystemError) {
            try partial?.file.synchronize()
            try Directory.create(layout.blobDirectory(digest.algorithm))
            try Directory.rename(path, to: layout.blob(digest))
            try Directory.synchronize(layout.blobDirectory(digest.algorithm))
        } catch { throw StoreError(error) }
        partial = nil
        return (digest, size)
    }
}

extension Store {
    /// Starts a blob of unknown digest. Throws `no_space`, `io`.
    package func beginNewBlob() throws(StoreError) -> NewBlob {
        try prepare()
        do { return try NewBlob(layout: layout) } catch { throw StoreError(error) }
    }
}
