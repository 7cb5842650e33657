import Glibc
package import Layers
package import OCI

extension Store {
    /// Whether the blob is there, as a plain file of `size` bytes (of any size where nil).
    package func hasBlob(_ digest: Digest, size: Int64? = nil) -> Bool {
        guard let status = try? FileStatus(path: layout.blob(digest)) else { return false }
        return status.isRegular && (size == nil || status.size == size)
    }

    /// The blob's size in bytes; nil where it is absent.
    package func blobSize(_ digest: Digest) -> Int64? {
        (try? FileStatus(path: layout.blob(digest))).flatMap { $0.isRegular ? $0.size : nil }
    }

    /// Opens a blob for reading. Throws `not_found`, `corrupt` for what is no plain file, `io`.
    package func openBlob(_ digest: Digest) throws(StoreError) -> OpenFile {
        let file: OpenFile
        do {
            file = try OpenFile(layout.blob(digest), flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            if error.isNotFound {
                throw StoreError(
                    .notFound, "the store has no blob \(digest)", hint: "pull the image again to fetch what is missing")
            }
            if error.number == ELOOP { throw Store.notPlain(digest) }
            throw StoreError(error)
        }
        let status: FileStatus
        do { status = try file.status() } catch { throw StoreError(error) }
        guard status.isRegular else { throw Store.notPlain(digest) }
        return file
    }

    private static func notPlain(_ digest: Digest) -> StoreError {
        StoreError(.corrupt, "the store's blob \(digest) is no plain file")
    }

    /// A small blob's bytes, of at most `limit`. They are not digested again: `fsck` does that.
    ///
    /// Throws `not_found`, `corrupt` (also beyond `limit`), `io`.
    package func readBlob(_ digest: Digest, limit: Int = 4 << 20) throws(StoreError) -> [UInt8] {
        let file = try openBlob(digest)
        do { return try file.readAll(limit: limit) } catch {
            if error.number == EFBIG {
                throw StoreError(.corrupt, "the blob \(digest) is larger than \(limit) bytes")
            }
            throw StoreError(error)
        }
    }

    /// Writes a small blob, durable when this returns. Throws `digest_mismatch` where `bytes` are not `digest`'s.
    package func writeBlob(_ bytes: [UInt8], digest: Digest) throws(StoreError) {
        guard Digest.of(bytes, algorithm: digest.algorithm) == digest else {
            throw StoreError(.digestMismatch, "the bytes given for \(digest) have another digest")
        }
        if hasBlob(digest, size: Int64(bytes.count)) { return }
        try prepare()
        let layout = layout
        try storing { () throws(SystemError) in
            try Directory.create(layout.blobDirectory(digest.algorithm))
            let temporary = layout.ingest + "/new-" + AtomicFile.uniqueName()
            do throws(SystemError) {
                let file = try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, operation: "write")
                try file.write(bytes)
                try file.synchronize()
                try Directory.rename(temporary, to: layout.blob(digest))
            } catch {
                unlink(temporary)
                throw error
            }
            try Directory.synchronize(layout.blobDirectory(digest.algorithm))
        }
    }

    /// The digests of all blobs that the store has, with their sizes, in the order of their names; names that are no
    /// digest are left out (`fsck` reports them).
    package func blobs() throws(StoreError) -> [(digest: Digest, size: Int64)] {
        let layout = layout
        return try storing { () throws(SystemError) in
            var found: [(digest: Digest, size: Int64)] = []
            for algorithm in Digest.Algorithm.allCases {
                for name in try Directory.names(layout.blobDirectory(algorithm)) {
                    guard let digest = try? Digest(algorithm.rawValue + ":" + name),
                        let status = try? FileStatus(path: layout.blob(digest))
                    else { continue }
                    found.append((digest, status.size))
                }
            }
            return found
        }
    }
}
