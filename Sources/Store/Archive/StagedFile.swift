import Glibc
package import Layers
package import OCI

/// A file out of an archive, whole and digested, that has no name in the store yet.
///
/// Small ones are kept in memory, large ones under the store's `ingest/`, so that giving them their name is a rename.
package final class StagedFile {
    package let digest: Digest
    package let size: Int64
    private var content: Content

    enum Content {
        case bytes([UInt8])
        case blob(NewBlob)
        /// The store has the same blob already.
        case stored
    }

    private let store: Store

    init(_ content: Content, digest: Digest, size: Int64, store: Store) {
        self.content = content
        self.digest = digest
        self.size = size
        self.store = store
    }

    /// A document made here.
    convenience init(_ bytes: [UInt8], store: Store) {
        self.init(.bytes(bytes), digest: .of(bytes), size: Int64(bytes.count), store: store)
    }

    /// The store had it before.
    package var isStored: Bool {
        if case .stored = content { true } else { false }
    }

    /// The whole content. Throws `corrupt` beyond `limit`, `io`.
    package func bytes(limit: Int) throws(StoreError) -> [UInt8] {
        guard size <= Int64(limit) else {
            throw StoreError(.corrupt, "a document of the archive is larger than \(limit) bytes")
        }
        if case .bytes(let bytes) = content { return bytes }
        let file = try open()
        do { return try file.readAll(limit: limit) } catch { throw StoreError(error) }
    }

    /// The content, open at its start. Throws `no_space`, `io`.
    package func open() throws(StoreError) -> OpenFile {
        switch content {
        case .stored: return try store.openBlob(digest)
        case .blob(let blob): return try blob.open()
        case .bytes(let bytes):
            let blob = try store.beginNewBlob(digest.algorithm)
            try bytes.withBytes { raw throws(StoreError) in try blob.append(raw) }
            try blob.seal()
            content = .blob(blob)
            return try blob.open()
        }
    }

    /// Makes it a blob of the store, durable. Throws `no_space`, `io`.
    func commit() throws(StoreError) {
        switch content {
        case .stored: return
        case .bytes(let bytes): try store.writeBlob(bytes, digest: digest)
        case .blob(let blob): try blob.commit()
        }
        content = .stored
    }
}
