import Glibc
import JSON
import Layers
package import OCI

/// Something that `fsck` found.
package struct StoreFinding: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// `oci-layout` is missing or names a version that is not known.
        case badLayout
        /// `index.json` is missing or no OCI index.
        case badIndex
        /// A row of `index.json` is no descriptor.
        case badEntry
        /// A file among the blobs whose name is no digest, or that is no plain file.
        case strayFile
        /// A blob whose content has another digest than its name says.
        case digestMismatch
        /// A blob that is referenced, and absent.
        case missingBlob
        /// A blob whose size is not what its descriptor says.
        case sizeMismatch
        /// A referenced manifest, index or config that cannot be parsed.
        case badManifest
        /// A file that cannot be read.
        case unreadable
        /// A partial download. Nothing is wrong with it.
        case partial
        /// A blob that nothing references. Nothing is wrong with it.
        case unreferenced
    }

    package var kind: Kind
    package var digest: Digest?
    /// The file, relative to the store.
    package var file: String
    package var message: String
    package var size: Int64 = 0
    /// The images that need the blob, where it is damaged.
    package var images: [StoreEntry] = []
    /// The file as it was when it was read; nil for one that is not there.
    var status: FileStatus?

    var isDirectory: Bool { status?.isDirectory ?? false }

    /// Whether the store is damaged, rather than merely holding something that may go.
    package var isDamage: Bool { kind != .partial && kind != .unreferenced }
}

extension Store {
    /// Checks the whole store and changes nothing: layout, `index.json`, that every blob's name is its digest (with
    /// `hashing`), and that what is referenced is there and parses. Children of an index for other platforms and foreign
    /// layers may be absent. A store that does not exist has no findings.
    ///
    /// With `only`, the images of these manifests and indexes alone are checked, and nothing else in the store.
    ///
    /// Throws `io` for a directory that cannot be read, `interrupted`.
    package func fsck(
        hashing: Bool = true, only: Set<Digest>? = nil, cancelled: () -> Bool = { false },
        progress: (_ checkedBytes: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws(StoreError) -> [StoreFinding] {
        // Looking at registries makes the directory, and a cache in it.
        guard exists || access(layout.blobs, F_OK) == 0 else { return [] }
        var check = StoreCheck(store: self, only: only)
        check.checkLayout()
        try check.checkReferences(cancelled: cancelled)
        if only == nil { try check.checkNames() }
        try check.checkBlobs(hashing: hashing, cancelled: cancelled, progress: progress)
        if only == nil { try check.listPartials() }
        try nameUsers(in: &check.findings, cancelled: cancelled)
        return check.findings
    }

    /// Tells of each damaged blob which images need it.
    private func nameUsers(in findings: inout [StoreFinding], cancelled: () -> Bool) throws(StoreError) {
        let damaged = Set(findings.filter(\.isDamage).compactMap(\.digest))
        guard !damaged.isEmpty, let index = try? readIndex(checkingLayout: false) else { return }
        var users: [Digest: [StoreEntry]] = [:]
        for entry in index.rows.compactMap(\.entry) {
            var marks = Marks()
            try mark(entry.digest, in: &marks, cancelled: cancelled)
            for digest in marks.reached where damaged.contains(digest) { users[digest, default: []].append(entry) }
        }
        for place in findings.indices {
            if let digest = findings[place].digest { findings[place].images = users[digest] ?? [] }
        }
    }
}

private struct StoreCheck {
    let store: Store
    let only: Set<Digest>?
    var findings: [StoreFinding] = []
    private var referenced: Set<Digest> = []

    init(store: Store, only: Set<Digest>?) {
        self.store = store
        self.only = only
    }

    private mutating func add(
        _ kind: StoreFinding.Kind, _ digest: Digest? = nil, file: String? = nil, _ message: String, size: Int64 = 0,
        status: FileStatus? = nil
    ) {
        let blob = digest.map { "blobs/\($0.algorithm.rawValue)/\($0.hex)" }
        let file = file ?? blob ?? ""
        findings.append(
            StoreFinding(
                kind: kind, digest: digest, file: file, message: message, size: size,
                status: status ?? (try? FileStatus(path: store.layout.root + "/" + file))))
    }

    mutating func checkLayout() {
        if access(store.layout.layoutFile, F_OK) != 0 { return add(.badLayout, file: "oci-layout", "is missing") }
        do throws(StoreError) { try store.checkLayoutFile() } catch {
            add(.badLayout, file: "oci-layout", error.message)
        }
    }

    mutating func checkReferences(cancelled: () -> Bool) throws(StoreError) {
        let index: IndexFile
        do {
            index = try store.readIndex(checkingLayout: false)
        } catch { return add(.badIndex, file: "index.json", error.message) }
        if access(store.layout.indexFile, F_OK) != 0 { add(.badIndex, file: "index.json", "is missing") }
        for (position, row) in index.rows.enumerated() {
            if cancelled() { throw .interrupted }
            guard let entry = row.entry else {
                if only == nil { add(.badEntry, file: "index.json", "row \(position) is no descriptor") }
                continue
            }
            if let only, !only.contains(entry.digest) { continue }
            checkImage(entry.digest, size: entry.size, isRequired: true, depth: 0)
        }
    }

    /// Checks a manifest or an index and what it points to.
    private mutating func checkImage(_ digest: Digest, size: Int64, isRequired: Bool, depth: Int) {
        guard let actual = store.blobSize(digest) else {
            if isRequired { add(.missingBlob, digest, "is referenced and absent") }
            return
        }
        guard referenced.insert(digest).inserted else { return }
        if size >= 0, actual != size { add(.sizeMismatch, digest, "has \(actual) bytes, not \(size)") }
        guard depth < 8, let bytes = try? store.readBlob(digest, limit: Manifest.maximumBytes),
            let links = try? BlobLinks(bytes)
        else { return add(.badManifest, digest, "is no manifest or index that can be read") }
        for child in links.children {
            checkImage(child.digest, size: child.size, isRequired: false, depth: depth + 1)
        }
        let images = links.children.filter { !$0.isAttestation }
        if !images.isEmpty, !images.contains(where: { store.hasBlob($0.digest) }) {
            add(.missingBlob, digest, "is an index none of whose images is here")
        }
        for leaf in links.leaves {
            referenced.insert(leaf.digest)
            guard let actual = store.blobSize(leaf.digest) else {
                if !leaf.mediaType.isForeignLayer {
                    add(.missingBlob, leaf.digest, "is needed by \(digest) and absent")
                }
                continue
            }
            if leaf.size >= 0, actual != leaf.size {
                add(.sizeMismatch, leaf.digest, "has \(actual) bytes, not \(leaf.size)")
            }
        }
        if let config = links.leaves.first(where: { $0.mediaType.isImageConfig }),
            let bytes = try? store.readBlob(config.digest, limit: ImageConfig.maximumBytes),
            (try? ImageConfig(bytes: bytes)) == nil
        {
            add(.badManifest, config.digest, "is no image config that can be read")
        }
    }

    /// Looks for what is no blob among the blobs.
    mutating func checkNames() throws(StoreError) {
        let layout = store.layout
        for name in try storing({ () throws(SystemError) in try Directory.names(layout.blobs) }) {
            guard let algorithm = Digest.Algorithm(rawValue: name) else {
                add(.strayFile, file: "blobs/\(name)", "is no algorithm's directory")
                continue
            }
            let directory = layout.blobDirectory(algorithm)
            for file in try storing({ () throws(SystemError) in try Directory.names(directory) })
            where (try? Digest(name + ":" + file)) == nil {
                add(.strayFile, file: "blobs/\(name)/\(file)", "has a name that is no digest")
            }
        }
    }

    mutating func checkBlobs(
        hashing: Bool, cancelled: () -> Bool, progress: (Int64, Int64) -> Void
    ) throws(StoreError) {
        let blobs = try store.blobs().filter { only == nil || referenced.contains($0.digest) }
        let total = blobs.reduce(Int64(0)) { $0 + $1.size }
        var done: Int64 = 0
        for blob in blobs {
            if cancelled() { throw .interrupted }
            if hashing { try checkDigest(blob.digest, cancelled: cancelled) { progress(done + $0, total) } }
            done += blob.size
            progress(done, total)
            if !referenced.contains(blob.digest) {
                add(.unreferenced, blob.digest, "is referenced by nothing", size: blob.size)
            }
        }
    }

    private mutating func checkDigest(
        _ digest: Digest, cancelled: () -> Bool, progress: (Int64) -> Void
    ) throws(StoreError) {
        var hasher = DigestHasher(digest.algorithm)
        var status: FileStatus?
        var count: Int64 = 0
        do throws(StoreError) {
            let file = try store.openBlob(digest)
            status = try? file.status()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
            defer { buffer.deallocate() }
            try file.readPieces(through: buffer, failure: StoreError.init) { bytes throws(StoreError) in
                if cancelled() { throw .interrupted }
                hasher.update(bytes)
                count += Int64(bytes.count)
                progress(count)
            }
        } catch {
            if error.code == .interrupted { throw error }
            // A collector may have taken it meanwhile; where it is needed, that is found above.
            if error.code == .notFound { return }
            return add(error.code == .corrupt ? .strayFile : .unreadable, digest, error.message, status: status)
        }
        let actual = hasher.finish()
        if actual != digest { add(.digestMismatch, digest, "has the digest \(actual)", size: count, status: status) }
    }

    mutating func listPartials() throws(StoreError) {
        let layout = store.layout
        for name in try storing({ () throws(SystemError) in try Directory.names(layout.ingest) }) {
            guard layout.ingest + "/" + name != layout.heldBack,
                let status = try? FileStatus(path: layout.ingest + "/" + name), status.isRegular
            else { continue }
            add(.partial, file: "ingest/\(name)", "is a partial blob of \(status.size) bytes", size: status.size)
        }
    }
}
