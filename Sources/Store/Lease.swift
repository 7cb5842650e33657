import Glibc
import Layers
package import OCI
import Synchronization

/// Keeps blobs that no reference names yet from the garbage collector, in this process and all others.
///
/// A file under `ingest/leases/` that lists digests and is locked as long as the lease lives: a killed process's lock
/// is gone, so its lease counts for nothing and is cleaned up. `protect` a blob before asking whether it is there.
package final class Lease: Sendable {
    private let store: Store
    private let path: String
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var file: OpenFile?
        var digests: Set<Digest> = []
    }

    fileprivate init(store: Store) throws(StoreError) {
        let layout = store.layout
        let name = AtomicFile.uniqueName()
        let temporary = layout.leases + "/.new-" + name
        path = layout.leases + "/" + name
        self.store = store
        do {
            try Directory.create(layout.leases)
            let file = try OpenFile(temporary, flags: O_RDWR | O_CREAT | O_EXCL, operation: "write")
            // Locked before it has its name, so that no collector takes it for a dead one.
            _ = try? FileLock.tryLock(file)
            try Directory.rename(temporary, to: path)
            state = Mutex(State(file: consume file))
        } catch { throw StoreError(error) }
    }

    deinit { release() }

    /// Adds blobs to the lease. When this returns, no collector deletes them.
    ///
    /// Takes the store's lock for a moment: a collector that runs has then decided, and the next one sees the lease. `cancelled`
    /// is to be given on threads that are no task's.
    package func protect(
        _ digests: [Digest], cancelled: () -> Bool = { Task.isCancelled }
    ) throws(StoreError) {
        let known = state.withLock { state in digests.allSatisfy(state.digests.contains) }
        if known { return }
        let lines = digests.map { $0.description + "\n" }.joined()
        let failure = try store.locked(cancelled: cancelled) { () throws(StoreError) -> SystemError? in
            state.withLock { state in
                do throws(SystemError) {
                    try state.file?.write(Array(lines.utf8))
                    state.digests.formUnion(digests)
                    return nil
                } catch { return error }
            }
        }
        if let failure { throw StoreError(failure) }
    }

    /// Ends the lease; blobs that got no reference meanwhile may go. Those that a removal left only because of this lease
    /// go now; the others, such as the layers of a pull that failed, stay for the next attempt.
    package func release() {
        let ended = state.withLock { state in
            guard state.file != nil else { return false }
            unlink(path)
            state.file = nil
            return true
        }
        if ended { store.collectHeldBack() }
    }
}

extension Store {
    /// A lease for a pull, an import or a copy. Throws `no_space`, `io`.
    package func beginLease() throws(StoreError) -> Lease {
        try prepare()
        sweepCache()
        return try Lease(store: self)
    }

    /// What living leases protect; dead ones are removed on the way. To be called with the lock held.
    func leasedDigests(cleaning: Bool) throws(StoreError) -> Set<Digest> {
        let layout = layout
        let names = try storing { () throws(SystemError) in try Directory.names(layout.leases) }
        var digests: Set<Digest> = []
        for name in names where !name.hasPrefix(".new-") {
            let path = layout.leases + "/" + name
            guard let file = try? OpenFile(path, flags: O_RDWR | O_NOFOLLOW) else { continue }
            if try FileLock.tryLock(file) {
                if cleaning { unlink(path) }
                continue
            }
            guard let bytes = try? file.readAll(limit: 64 << 20) else { continue }
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                if let digest = try? Digest(String(line)) { digests.insert(digest) }
            }
        }
        return digests
    }
}
