import Glibc
import Layers

/// Tells one content of `index.json` from every other, for what is derived from it.
///
/// The file's own numbers (inode, times) would do but for two writes within one tick of the file system's clock, and a
/// hash of the content but for a collision somebody made; both together leave nothing. It costs about a
/// millisecond for ten thousand images.
struct IndexIdentity: Equatable {
    /// inode, device, size, modified, changed (seconds and nanoseconds each), hash of the content
    let words: [UInt64]
    static let wordCount = 8

    init(words: [UInt64]) { self.words = words }

    /// Of the file as it is now; nil where it is absent, cannot be read, or is being changed.
    init?(path: String) {
        guard let file = try? OpenFile(path, flags: O_RDONLY), let status = try? file.status(), status.size > 0,
            status.size <= Int64(IndexFile.maximumBytes)
        else { return nil }
        var hash = QuickHash(count: Int(status.size))
        var total = 0
        // Piece by piece through a buffer that stays in the processor's cache.
        let isRead = withUnsafeTemporaryAllocation(byteCount: 128 << 10, alignment: 16) { buffer in
            while true {
                var filled = 0
                while filled < buffer.count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                    guard let count = try? file.read(into: rest) else { return false }
                    if count == 0 { break }
                    filled += count
                }
                hash.add(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
                total += filled
                if filled < buffer.count { return true }
            }
        }
        guard isRead, total == Int(status.size) else { return nil }
        self.init(status, hash: hash.value)
    }

    /// Of a file that was found to be `bytes`.
    init(_ status: FileStatus, _ bytes: [UInt8]) {
        self.init(status, hash: bytes.withBytes { quickHash($0) })
    }

    private init(_ status: FileStatus, hash: UInt64) {
        words =
            [status.inode, status.device]
            + [
                status.size, status.modified, status.nanoseconds, status.changed, status.changedNanoseconds,
            ].map { UInt64(bitPattern: $0) } + [hash]
    }
}
