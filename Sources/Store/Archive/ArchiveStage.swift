import Glibc
package import Layers
import OCI

/// How much of an archive is taken in before it is refused.
package struct ArchiveLimits: Sendable {
    /// The most entries of the archive. An image has four for a layer at most.
    package var entries = 65_536
    /// Files up to so many bytes are kept in memory, all together up to `memory` bytes.
    package var smallFile: Int64 = 128 << 10
    package var memory: Int64 = 32 << 20
    /// How far the packing around the archive may unfold. Free disk space bounds it as well.
    package var packing = LayerLimits(ratioFrom: 256 << 20)
    package var layers = LayerLimits()

    package init() {}
}

/// Takes the files of an archive in, one after the other, each digested and bounded on its way.
final class ArchiveStage {
    let store: Store
    let limits: ArchiveLimits
    let cancelled: () -> Bool
    /// Whether an image whose config the store has is the store's, with its packed layers.
    let prefersStored: Bool
    private let lease: Lease
    private(set) var files: [String: StagedFile] = [:]
    private var memory: Int64 = 0
    private var heldFiles = 0
    private var current: Current?

    private struct Current {
        let path: String
        /// The digest that the file's name says.
        let named: Digest?
        let size: Int64
        var bytes: [UInt8] = []
        var blob: NewBlob?
        var hasher: StreamDigest?
    }

    /// As many descriptors may stay open; of later files a collector could take one in a load of more than an hour.
    private static let maximumHeldFiles = 256

    init(
        store: Store, lease: Lease, limits: ArchiveLimits, prefersStored: Bool, cancelled: @escaping () -> Bool
    ) {
        self.store = store
        self.lease = lease
        self.limits = limits
        self.cancelled = cancelled
        self.prefersStored = prefersStored
    }

    /// The next file is `path`, of `size` bytes. Throws `corrupt` for one that was there before, `no_space` where the
    /// disk has no room for it, `io`.
    func begin(_ path: String, size: Int64) throws(StoreError) {
        try end()
        guard files[path] == nil else {
            throw StoreError(.corrupt, "the archive has two files named \(ArchiveStage.shown(path))")
        }
        var file = Current(path: path, named: ArchiveStage.digest(of: path), size: size)
        if let named = file.named, try isStored(named, size: size) {
            file.hasher = StreamDigest(named.algorithm)
        } else if size <= limits.smallFile, memory + size <= limits.memory {
            memory += size
            file.bytes.reserveCapacity(Int(size))
        } else {
            let free = try freeBytes()
            guard size <= free else {
                throw StoreError(
                    .noSpace,
                    "\(ArchiveStage.shown(path)) has \(size) bytes, and the store's disk has room for \(free)",
                    hint: "free some space, or set DSH_STORE to another disk")
            }
            file.blob = try store.beginNewBlob(file.named?.algorithm ?? .sha256)
        }
        current = file
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        if let hasher = current?.hasher {
            hasher.update(bytes)
        } else if let blob = current?.blob {
            try blob.append(bytes)
        } else {
            current?.bytes.append(contentsOf: bytes)
        }
    }

    /// The file has all its bytes. Throws `digest_mismatch` where they are not what its name says.
    func end() throws(StoreError) {
        guard let file = current else { return }
        current = nil
        let content: StagedFile.Content
        let digest: Digest
        var size = file.size
        if let hasher = file.hasher {
            digest = hasher.finish()
            content = .stored
        } else if let blob = file.blob {
            heldFiles += 1
            digest = try blob.seal(holding: heldFiles <= ArchiveStage.maximumHeldFiles)
            size = blob.size
            content = .blob(blob)
        } else {
            digest = Digest.of(file.bytes, algorithm: file.named?.algorithm ?? .sha256)
            size = Int64(file.bytes.count)
            content = .bytes(file.bytes)
        }
        if let named = file.named, named != digest {
            throw StoreError(
                .digestMismatch, "the archive's blob \(named) has another digest: \(digest)",
                hint: "the archive is damaged; get it again")
        }
        files[file.path] = StagedFile(content, digest: digest, size: size, store: store)
    }

    /// The blob of the store, protected by the lease; nil where it has none of that size.
    func stored(_ digest: Digest, size: Int64) throws(StoreError) -> StagedFile? {
        try isStored(digest, size: size) ? StagedFile(.stored, digest: digest, size: size, store: store) : nil
    }

    private func isStored(_ digest: Digest, size: Int64) throws(StoreError) -> Bool {
        guard store.hasBlob(digest, size: size) else { return false }
        try lease.protect([digest], cancelled: cancelled)
        return store.hasBlob(digest, size: size)
    }

    private func freeBytes() throws(StoreError) -> Int64 {
        var status = statvfs()
        while statvfs(store.path, &status) != 0 {
            if errno != EINTR { throw StoreError(SystemError("look at", store.path, isReading: true)) }
        }
        return Int64(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
    }

    /// `blobs/sha256/…`: the digest that a layout's file is named by.
    private static func digest(of path: String) -> Digest? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "blobs" else { return nil }
        return try? Digest("\(parts[1]):\(parts[2])")
    }

    /// A path of the archive, fit for a message.
    static func shown(_ path: String) -> String {
        let clean = path.prefix(120).unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : Character($0) }
        return String(clean)
    }
}
