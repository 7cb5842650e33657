import Glibc
import Layers
package import OCI
import Synchronization

/// Manifests and configs of registries by their digest, in the store's `cache/documents`. Everything in it can be had
/// again: it may be deleted at any time, and what cannot be read or written is only fetched once more.
///
/// Any number of threads and processes use it at once. A document appears whole under its name, and is digested again
/// whenever it is read. The directory is split by the first two digits of the digests; each part keeps to its share of
/// the bytes by itself, oldest use first.
package final class DocumentCache: Sendable {
    /// Larger documents are not kept: few, and soon in the way of many small ones.
    package static let largest = 256 << 10
    private static let parts: Int64 = 256

    private let directory: String
    private let bytesPerPart: Int64
    /// About how much is in the parts that this process wrote to.
    private let sizes = Mutex<[Substring: Int64]>([:])

    init(directory: String, maximumBytes: Int64 = 256 << 20) {
        self.directory = directory
        bytesPerPart = maximumBytes / DocumentCache.parts
    }

    private func part(_ digest: Digest) -> String { directory + "/" + digest.hex.prefix(2) }
    private func path(_ digest: Digest) -> String {
        "\(part(digest))/\(digest.algorithm.rawValue)-\(digest.hex)"
    }

    /// The document's bytes; nil where it is not here.
    package func read(_ digest: Digest) -> [UInt8]? {
        let path = path(digest)
        guard let file = try? OpenFile(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
            let status = try? file.status(), status.isRegular,
            let bytes = try? file.readAll(limit: DocumentCache.largest)
        else { return nil }
        guard Digest.of(bytes, algorithm: digest.algorithm) == digest else {
            // A disk that was full or went away leaves less than was written.
            unlink(path)
            return nil
        }
        // Once a day is enough to know what is used.
        if Int64(time(nil)) - status.modified > 86400 { futimens(file.descriptor, nil) }
        return bytes
    }

    /// Keeps a document whose digest was verified.
    package func write(_ bytes: [UInt8], digest: Digest) {
        guard bytes.count <= DocumentCache.largest, access(path(digest), F_OK) != 0 else { return }
        do throws(SystemError) {
            try Directory.create(part(digest))
            try AtomicFile.write(bytes, to: path(digest), durable: false)
        } catch {
            return
        }
        let name = digest.hex.prefix(2)
        let known = sizes.withLock { sizes -> Int64? in
            guard let size = sizes[name] else { return nil }
            sizes[name] = size + Int64(bytes.count)
            return size + Int64(bytes.count)
        }
        if let known, known <= bytesPerPart { return }
        let left = trim(part(digest))
        sizes.withLock { $0[name] = left }
    }

    /// Removes the documents of a part that were used longest ago, until a fourth of its share is free, if it has more
    /// than that; how many bytes are left. What a killed process left goes as well.
    private func trim(_ part: String) -> Int64 {
        var files: [(path: String, size: Int64, used: Int64)] = []
        for name in (try? Directory.names(part)) ?? [] {
            let path = part + "/" + name
            if name.hasPrefix(AtomicFile.prefix) {
                if AtomicFile.isOwnerGone(name) { unlink(path) }
                continue
            }
            guard let status = try? FileStatus(path: path) else { continue }
            files.append((path, status.size, status.modified))
        }
        var total = files.reduce(0) { $0 + $1.size }
        guard total > bytesPerPart else { return total }
        for file in files.sorted(by: { $0.used < $1.used }) where total > bytesPerPart / 4 * 3 {
            unlink(file.path)
            total -= file.size
        }
        return total
    }
}
