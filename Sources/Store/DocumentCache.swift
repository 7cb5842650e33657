import Glibc
import Layers
package import OCI
import Synchronization

/// Manifests and configs of registries by their digest, in one file of the store's `cache`. Everything in it can be had
/// again: it may be deleted at any time, and what cannot be read or written is only fetched once more.
///
/// A file for each document would be simpler, and costs a first look at a thousand tags a fifth of its time. Any number of
/// threads and processes use the cache at once. A document is digested again whenever it is read.
package final class DocumentCache: Sendable {
    /// Larger documents are not kept: few, and soon in the way of many small ones.
    package static let largest = 256 << 10

    private let path: String
    private let maximumBytes: Int64
    private let state = Mutex(State())

    /// So often another process may hold up this one, a moment each time, before it goes on without the cache.
    private static let refusals = 20

    private struct State {
        // Only ever used with the lock held.
        nonisolated(unsafe) var table: DocumentTable?
        /// It was tried, and was not to be had.
        var isBeyondReach = false
        /// Which file the table is in, and how often one was of no use.
        var file: FileStatus?
        var failures = 0
        /// What may be written before the file's size is looked at again.
        var allowance: Int64 = 0
    }

    /// The file is made with the first document.
    init(path: String, maximumBytes: Int64 = 256 << 20) {
        self.path = path
        self.maximumBytes = maximumBytes
    }

    /// The document's bytes; nil where it is not here.
    package func read(_ digest: Digest) -> [UInt8]? {
        let found = use(creating: false) { table, _ -> [UInt8]? in
            guard let (bytes, used) = table.document(digest) else { return nil }
            // Once a day is enough to know what is used.
            let now = Int64(time(nil))
            if now - used > 86400 { table.markUsed(digest, now) }
            return bytes
        }
        guard let found else { return nil }
        if Digest.of(found, algorithm: digest.algorithm) == digest { return found }
        // A disk that was full or went away leaves other bytes than were written.
        _ = use(creating: false) { table, _ in table.remove(digest) }
        return nil
    }

    /// Keeps a document whose digest was verified.
    package func write(_ bytes: [UInt8], digest: Digest) {
        guard bytes.count <= DocumentCache.largest else { return }
        _ = use(creating: true) { table, allowance in
            table.insert(bytes, digest, used: Int64(time(nil)))
            allowance -= Int64(bytes.count)
            if allowance < 0 {
                keepToSize(table)
                allowance = maximumBytes / 64
            }
        }
    }

    /// Makes room, if there is more than there may be. Each time a little, as nobody else gets at the cache meanwhile.
    private func keepToSize(_ table: DocumentTable) {
        guard table.size > maximumBytes else { return }
        while table.size > maximumBytes / 16 * 15, table.removeOldest() {}
    }

    /// Does something with the table; nil where there is none.
    private func use<Result>(
        creating: Bool, _ body: (DocumentTable, inout Int64) -> Result?
    ) -> Result? {
        state.withLock { state -> Result? in
            if state.table == nil {
                guard !state.isBeyondReach else { return nil }
                open(&state, creating: creating)
                if creating { state.isBeyondReach = state.table == nil }
            }
            guard let table = state.table else { return nil }
            let result = body(table, &state.allowance)
            if table.refusals > DocumentCache.refusals {
                state.table = nil
                state.isBeyondReach = true
            }
            guard table.isDamaged else { return result }
            discard(&state)
            return nil
        }
    }

    private func open(_ state: inout State, creating: Bool) {
        if creating, let slash = path.lastIndex(of: "/") { try? Directory.create(String(path[..<slash])) }
        for _ in 0..<2 {
            state.table = DocumentTable(path, creating: creating, maximumBytes: maximumBytes / 4 * 5)
            state.file = try? FileStatus(path: path)
            guard let table = state.table else {
                if state.file != nil { failed(&state) }
                return
            }
            guard table.isDamaged else { return }
            discard(&state)
        }
    }

    /// Throws a damaged file away, unless another process has done so: the next document makes a new one.
    private func discard(_ state: inout State) {
        state.table = nil
        failed(&state)
        guard let file = state.file, let named = try? FileStatus(path: path), file.isSameFile(as: named) else { return }
        unlink(path + "-journal")
        unlink(path)
    }

    private func failed(_ state: inout State) {
        state.failures += 1
        if state.failures > 2 { state.isBeyondReach = true }
    }
}
