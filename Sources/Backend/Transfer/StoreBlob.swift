import Glibc
import Layers
import OCI
import Registry
import Store
import Synchronization

/// A blob of a store, or beside it, as it is uploaded: read from its file as fast as the registry takes it.
final class StoreBlob: UploadSource {
    private let file: OpenFile
    private let position = Mutex<Int64>(0)

    /// Throws `not_found` where the store has it no more, `corrupt`, `io`.
    convenience init(_ digest: Digest, in store: Store) throws(StoreError) {
        self.init(try store.openBlob(digest))
    }

    /// Reads `file` from its start, wherever it stands.
    init(_ file: consuming OpenFile) {
        self.file = file
        _ = posix_fadvise(self.file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    func seek(to offset: Int64) { position.withLock { $0 = offset } }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try position.withLock { position in
            while true {
                let count = pread(file.descriptor, buffer.baseAddress, buffer.count, off_t(position))
                if count >= 0 {
                    position += Int64(count)
                    return count
                }
                if errno != EINTR { throw StoreError(SystemError("read", file.path, isReading: true)) }
            }
        }
    }

    /// The file is closed with the last reference.
    func close() {}
}
