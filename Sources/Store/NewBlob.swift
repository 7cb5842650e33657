import Glibc
package import Layers
package import OCI

/// A blob whose digest is known only at its end: a layer that is being built, a file out of an archive.
///
/// Belongs to one thread at a time; dropping it deletes what was written.
package final class NewBlob {
    private let layout: StoreLayout
    private let path: String
    private var partial: PartialFile?
    /// What it is once it takes no more bytes.
    private var sealed: (digest: Digest, size: Int64)?
    /// Keeps the collector from taking a sealed file for what a killed process left.
    private var held: OpenFile?
    private var isCommitted = false

    init(layout: StoreLayout, algorithm: Digest.Algorithm) throws(SystemError) {
        self.layout = layout
        path = layout.ingest + "/new-" + AtomicFile.uniqueName()
        partial = PartialFile(
            try OpenFile(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, operation: "write"),
            algorithm: algorithm)
    }

    deinit {
        if !isCommitted { unlink(path) }
    }

    /// How many bytes are here.
    package var size: Int64 { sealed?.size ?? partial?.size ?? 0 }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        guard partial != nil else { throw NewBlob.written }
        do throws(SystemError) { try partial?.append(bytes) } catch { throw StoreError(error) }
    }

    /// Ends the blob: it takes no more bytes, can be read, and has no name yet. Returns its digest.
    ///
    /// With `holding` a descriptor stays open for as long as the blob lives; without it a blob that waits for more than an
    /// hour may be cleaned away.
    @discardableResult
    package func seal(holding: Bool = true) throws(StoreError) -> Digest {
        if let sealed { return sealed.digest }
        guard !isCommitted, partial != nil else { throw NewBlob.written }
        do throws(SystemError) {
            try partial?.flush()
            if holding {
                let file = try OpenFile(path, flags: O_RDONLY | O_NOFOLLOW)
                _ = try? FileLock.tryLock(file)
                held = consume file
            }
        } catch { throw StoreError(error) }
        let size = size
        guard let digest = partial?.digest() else { throw NewBlob.written }
        sealed = (digest, size)
        partial = nil
        return digest
    }

    /// A sealed blob, open at its start. Throws `io`.
    package func open() throws(StoreError) -> OpenFile {
        do {
            return try OpenFile(path, flags: O_RDONLY | O_NOFOLLOW)
        } catch { throw StoreError(error) }
    }

    /// Makes the blob durable under its digest. `protect` is called with the digest first, so that a lease can cover it.
    @discardableResult
    package func commit(
        protect: (Digest) throws(StoreError) -> Void = { _ in }
    ) throws(StoreError) -> (digest: Digest, size: Int64) {
        guard !isCommitted else { throw NewBlob.written }
        let digest = try seal(holding: false)
        try protect(digest)
        do throws(SystemError) {
            let file = try OpenFile(path, flags: O_RDONLY | O_NOFOLLOW)
            try file.synchronize()
            try Directory.create(layout.blobDirectory(digest.algorithm))
            try Directory.rename(path, to: layout.blob(digest))
            isCommitted = true
            try Directory.synchronize(layout.blobDirectory(digest.algorithm))
        } catch { throw StoreError(error) }
        held = nil
        return (digest, size)
    }

    private static let written = StoreError(.conflict, "the blob is written already")
}

extension Store {
    /// Starts a blob of unknown digest. Throws `no_space`, `io`.
    package func beginNewBlob(_ algorithm: Digest.Algorithm = .sha256) throws(StoreError) -> NewBlob {
        try prepare()
        do { return try NewBlob(layout: layout, algorithm: algorithm) } catch { throw StoreError(error) }
    }
}
