import Glibc
import Layers
package import OCI
import Synchronization

/// What is added to an OCI image layout in a directory that other programs may own: nothing but what the specification
/// names stays there (image-spec `image-layout.md`), and nothing at all of what does not come to its end.
///
/// Those who change one layout wait for each other with a lock on its `oci-layout`; where the directory is a store, its own
/// lock and a lease count as well. Blobs get their names whole and verified, and `index.json` changes last, when all that
/// an image is made of is there. Any number of threads may use it.
package final class LayoutAddition: Sendable {
    /// The layout, to be read.
    package let store: Store
    private let state = Mutex(State())

    /// So often a layout is made again that others take away.
    private static let attempts = 100

    private struct State {
        /// The directory and its index were made here, and go where nothing comes into them.
        var madeRoot = false
        var madeIndex = false
        /// Blobs that were not there before.
        var made: Set<Digest> = []
        var lease: Lease?
    }

    /// Nothing is written yet. Throws `usage` where `path` is a file.
    package init(path: String) throws(StoreError) {
        do throws(StoreError) { store = try Store(path: path) } catch {
            throw StoreError(error.code, "\(path) is no directory, so it can be no OCI image layout")
        }
    }

    /// Makes the layout where there is none. `needing` are the blobs that are to come, or are there and have to stay. May be
    /// called again with others.
    ///
    /// Throws `usage` for a directory of something else, `corrupt` and `unsupported` for a layout that cannot be added to,
    /// `timeout` where another keeps its lock, `no_space`, `io`, `interrupted`.
    package func begin(needing digests: [Digest], cancelled: () -> Bool) throws(StoreError) {
        try locked(cancelled: cancelled) { () throws(StoreError) in try prepare() }
        guard access(store.layout.ingest, F_OK) == 0 else { return }
        // A store of dsh's, with a collector that goes by leases.
        let lease: Lease
        if let old = state.withLock({ $0.lease }) { lease = old } else { lease = try store.beginLease() }
        try lease.protect(digests, cancelled: cancelled)
        state.withLock { $0.lease = lease }
    }

    /// Starts a blob that is not there; `end` it when it has all its bytes. Throws `no_space`, `io`, and as `begin` does
    /// where the layout was taken away and has to be made again.
    package func blob(_ descriptor: Descriptor, cancelled: () -> Bool = { false }) throws(StoreError) -> LayoutBlob {
        for _ in 0..<LayoutAddition.attempts {
            do throws(SystemError) { return try LayoutBlob(descriptor, layout: store.layout) } catch {
                guard error.isNotFound else { throw StoreError.layout(error) }
            }
            // There is none yet, or another addition made the layout and has taken it away.
            try locked(cancelled: cancelled) { () throws(StoreError) in
                try prepare()
                do throws(SystemError) { try Directory.create(store.layout.blobs) } catch {
                    throw StoreError.layout(error)
                }
            }
        }
        do throws(SystemError) { return try LayoutBlob(descriptor, layout: store.layout) } catch {
            throw StoreError.layout(error)
        }
    }

    /// Gives a blob its name, verified. Throws as `LayoutBlob.verify`, and as `begin` does.
    ///
    /// An addition that fails takes the layout that it made away while nothing is named in it. So the first blob is named
    /// with the lock, in a layout that is whole; from then on it keeps the layout where it is.
    package func end(
        _ blob: LayoutBlob, _ digest: Digest, cancelled: () -> Bool = { false }
    ) throws(StoreError) {
        try blob.verify()
        let isFirst = state.withLock { $0.made.isEmpty }
        let isNew: Bool
        if isFirst {
            isNew = try locked(inStore: false, cancelled: cancelled) { () throws(StoreError) in
                try prepare()
                return try blob.place()
            }
        } else {
            isNew = try blob.place()
        }
        // Of two additions that write it the one that gave it its name takes it out.
        if isNew { state.withLock { _ = $0.made.insert(digest) } }
    }

    /// A document, unless it is there with these bytes; whether it was written. Throws `digest_mismatch`, `no_space`, `io`,
    /// and as `begin` does.
    @discardableResult
    package func write(
        _ bytes: [UInt8], _ descriptor: Descriptor, cancelled: () -> Bool = { false }
    ) throws(StoreError) -> Bool {
        if let there = try? store.readBlob(descriptor.digest, limit: bytes.count), there == bytes { return false }
        let blob = try blob(descriptor, cancelled: cancelled)
        try bytes.withBytes { raw throws(StoreError) in try blob.append(raw) }
        try end(blob, descriptor.digest, cancelled: cancelled)
        return true
    }

    /// What became of a row.
    package enum Placing: Sendable, Hashable {
        case changed, unchanged
        /// Nothing was changed: these are not there (any more).
        case missing([Digest])
    }

    /// Names an image in `index.json`, in one change, if all that it needs is there: another who adds to the layout may have
    /// taken out what did not come to its end, and was taken for there.
    ///
    /// Throws as `begin` does.
    package func place(
        _ descriptor: Descriptor, as name: LayoutName, needing: [Descriptor], cancelled: () -> Bool
    ) throws(StoreError) -> Placing {
        try locked(cancelled: cancelled) { () throws(StoreError) in
            let missing = needing.filter { !store.hasBlob($0.digest, size: $0.size) }
            guard missing.isEmpty else { return .missing(missing.map(\.digest)) }
            try prepare()
            var index = try madeBefore() == nil ? store.readIndex() : IndexFile(IndexFile.empty)
            guard index.place(descriptor, as: name) else { return .unchanged }
            let layout = store.layout
            do throws(SystemError) {
                for algorithm in Set(needing.map(\.digest.algorithm)) {
                    try Directory.synchronize(layout.blobDirectory(algorithm))
                }
                try AtomicFile.write(index.encoded(), to: layout.indexFile, durable: true)
            } catch { throw StoreError.layout(error) }
            return .changed
        }
    }

    /// All is done.
    package func finish() { state.withLock { $0.lease.take() }?.release() }

    /// Takes out again what was added and no row names, and the layout itself where it was made here and is empty. Where
    /// another keeps the lock it waits so many seconds at most: what is left then is in nobody's way.
    package func discard(within seconds: Double = 1) {
        defer { finish() }
        let (made, madeIndex, madeRoot) = state.withLock { ($0.made, $0.madeIndex, $0.madeRoot) }
        guard !made.isEmpty || madeIndex || madeRoot, access(store.layout.layoutFile, F_OK) == 0 else { return }
        let deadline = Clock.now + seconds
        let isLate = { Clock.now > deadline }
        try? locked(cancelled: isLate) { () throws(StoreError) in
            let index = try store.readIndex(checkingLayout: false)
            if !made.isEmpty {
                var kept = try store.marks(of: index, cancelled: { false }).reached
                if access(store.layout.leases, F_OK) == 0 {
                    // Its own lease counts for nothing any more.
                    finish()
                    kept.formUnion(try store.leasedDigests(cleaning: false))
                }
                for digest in made.subtracting(kept) { try? store.delete(digest) }
            }
            state.withLock { $0.made = [] }
            guard index.rows.isEmpty else { return }
            // Whoever made it may have failed before, and could not take it away because of what was just deleted.
            let origin = madeBefore()
            if madeIndex || madeRoot || origin != nil { removeLayout(andRoot: madeRoot || origin == .withRoot) }
        }
    }

    // MARK: The directory

    /// An index that an addition made and nothing has come into yet. The white space at its end tells it from one that
    /// another tool made empty, which stays, and whether the directory was made with it; it goes with the first row.
    private enum MadeIndex: String, CaseIterable {
        case alone = "\n\n"
        case withRoot = "\n\n\n"

        var bytes: [UInt8] { IndexFile.empty + Array(rawValue.utf8) }
    }

    /// What the index is, if it is such a one. The lock must be held.
    private func madeBefore() -> MadeIndex? {
        guard let file = try? OpenFile(store.layout.indexFile, flags: O_RDONLY),
            let bytes = try? file.readAll(limit: IndexFile.empty.count + 8)
        else { return nil }
        return MadeIndex.allCases.first { $0.bytes == bytes }
    }

    /// Without blobs, rows and names of others there is nothing to keep.
    private func removeLayout(andRoot: Bool) {
        let layout = store.layout
        for algorithm in Digest.Algorithm.allCases { rmdir(layout.blobDirectory(algorithm)) }
        guard rmdir(layout.blobs) == 0 || errno == ENOENT else { return }
        unlink(layout.indexFile)
        unlink(layout.layoutFile)
        if andRoot { rmdir(layout.root) }
    }

    /// The lock must be held.
    private func prepare() throws(StoreError) {
        try store.checkLayoutFile()
        let layout = store.layout
        guard access(layout.indexFile, F_OK) != 0 else { return }
        try store.checkLayout()
        do throws(SystemError) {
            let made: MadeIndex = state.withLock { $0.madeRoot } ? .withRoot : .alone
            try AtomicFile.write(made.bytes, to: layout.indexFile, durable: false)
            state.withLock { $0.madeIndex = true }
            try Directory.create(layout.blobDirectory(.sha256))
        } catch { throw StoreError.layout(error) }
    }

    /// Runs `body` with the lock on `oci-layout`, which is made where it is missing, and with the store's where it is one,
    /// unless `inStore` is false.
    private func locked<Result>(
        inStore: Bool = true, cancelled: () -> Bool, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let layout = store.layout
        var attempts = LayoutAddition.attempts
        while true {
            if cancelled() { throw .interrupted }
            attempts -= 1
            let lock: FileLock
            do throws(StoreError) {
                try makeLayoutFile()
                lock = try fileLock(cancelled)
            } catch {
                // The directory may have gone in between, with an addition that failed.
                guard error.code == .io, attempts > 0, access(layout.root, F_OK) != 0 else { throw error }
                continue
            }
            // Whoever had the lock may have taken the whole layout away.
            guard let own = try? lock.file.status(), let named = try? FileStatus(path: layout.layoutFile),
                own.isSameFile(as: named)
            else { continue }
            if own.size == 0 {
                do throws(SystemError) { try lock.file.write(Store.layoutBytes) } catch {
                    throw StoreError.layout(error)
                }
            }
            let outcome = Swift.Result { () throws(StoreError) in
                try store.locked(inStore && access(layout.lockFile, F_OK) == 0, cancelled: cancelled, body)
            }
            _ = consume lock
            return try outcome.get()
        }
    }

    private func fileLock(_ cancelled: () -> Bool) throws(StoreError) -> FileLock {
        let path = store.layout.layoutFile
        do throws(StoreError) {
            return try FileLock.acquire(path, seconds: store.lockSeconds, cancelled: cancelled)
        } catch {
            // What it says of the store would mislead.
            switch error.code {
            case .io: throw StoreError(.io, error.message)
            case .timeout:
                throw StoreError(
                    .timeout,
                    "\(store.layout.root) is busy: another has held \(path) for \(Int(store.lockSeconds)) seconds",
                    hint: "wait for it to end and run it again")
            default: throw error
            }
        }
    }

    private func makeLayoutFile() throws(StoreError) {
        let layout = store.layout
        if access(layout.layoutFile, F_OK) == 0 { return }
        do throws(SystemError) {
            if access(layout.root, F_OK) != 0 {
                try Directory.create(layout.root)
                state.withLock { $0.madeRoot = true }
            }
            // A killed process leaves half a layout; an index without the file is one that another tool made.
            let known = try Directory.names(layout.root).allSatisfy {
                $0 == "blobs" || $0 == "index.json" || $0 == "oci-layout" || $0.hasPrefix(AtomicFile.prefix)
            }
            if known { return try writeLayoutFile() }
        } catch { throw StoreError.layout(error) }
        throw StoreError(
            .usage, "\(layout.root) is neither an OCI image layout nor empty",
            hint: "name a directory that is not there yet, or an empty one")
    }

    private func writeLayoutFile() throws(SystemError) {
        let temporary = store.layout.root + "/" + AtomicFile.prefix + AtomicFile.uniqueName()
        defer { unlink(temporary) }
        let file = try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, operation: "write")
        try file.write(Store.layoutBytes)
        // Where another was first its file counts; where the file system has no links, the lock's owner fills it.
        _ = link(temporary, store.layout.layoutFile)
    }
}
