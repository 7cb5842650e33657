import Glibc
import Layers
import OCI
import Synchronization

/// The local image store: an OCI image layout that stays valid whatever happens to the process that writes it.
///
/// Any number of processes and threads may use one store. Readers take no lock: `index.json` and blobs appear under
/// their names whole. Writers of `index.json` and the garbage collector take `lock`, a file lock.
package final class Store: Sendable {
    let layout: StoreLayout
    /// What registries served, kept for the next time it is asked for.
    package let documents: DocumentCache
    /// How long a writer waits for another one.
    let lockSeconds: Double
    /// Hears of what is wrong in the store and does not stop it from being used, each thing once.
    private let warn: @Sendable (String) -> Void
    private let told = Mutex<Set<String>>([])

    /// The store's directory, without a trailing slash.
    package var path: String { layout.root }

    /// A directory for notes of uploads that go on; it may not be there.
    package var uploadNotes: String { layout.uploadNotes }

    /// Opens the store at `path`, which need not exist yet: it is made with the first write.
    ///
    /// Throws `usage` where `path` is a file.
    package init(
        path: String, lockSeconds: Double = 30, warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(StoreError) {
        self.warn = warn
        var root = path.isEmpty ? "." : path
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        layout = StoreLayout(root: root)
        documents = DocumentCache(path: layout.documents)
        self.lockSeconds = lockSeconds
        var status = stat()
        if stat(root, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            throw StoreError(.usage, "\(root) is no directory, so it can be no store")
        }
    }

    /// Whether there is a layout at all; without one the store is empty.
    package var exists: Bool { access(layout.indexFile, F_OK) == 0 || access(layout.layoutFile, F_OK) == 0 }

    func warnOnce(_ text: String) {
        if told.withLock({ $0.insert(text).inserted }) { warn(text) }
    }

    /// Makes what a layout needs and is missing. Cheap where all is there.
    ///
    /// Throws `usage` for a directory of something else, `corrupt` and `unsupported` as `checkLayout` does.
    func prepare() throws(StoreError) {
        try checkLayout()
        if access(layout.layoutFile, F_OK) == 0, access(layout.indexFile, F_OK) == 0,
            access(layout.ingest, F_OK) == 0, access(layout.blobDirectory(.sha256), F_OK) == 0
        {
            return
        }
        let layout = layout
        try storing { () throws(SystemError) in try Directory.create(layout.root) }
        if !exists {
            let names = try storing { () throws(SystemError) in try Directory.names(layout.root) }
            // A lock or half a layout is what a process that was killed here leaves.
            let ours: Set<String> = ["lock", "blobs", "ingest", "cache", "quarantine"]
            guard names.allSatisfy({ ours.contains($0) || $0.hasPrefix(".new-") }) else {
                throw StoreError(
                    .usage, "\(layout.root) is neither an OCI image layout nor empty",
                    hint: "set DSH_STORE to a directory of its own")
            }
        }
        try locked { () throws(StoreError) in
            try storing { () throws(SystemError) in
                try Directory.create(layout.blobDirectory(.sha256))
                try Directory.create(layout.ingest)
                if access(layout.indexFile, F_OK) != 0 {
                    try AtomicFile.write(IndexFile.empty, to: layout.indexFile, durable: true)
                }
                if access(layout.layoutFile, F_OK) != 0 {
                    try AtomicFile.write(Store.layoutBytes, to: layout.layoutFile, durable: true)
                }
            }
        }
    }

    /// Runs `body` with the store's lock held; without it where `isNeeded` is false.
    func locked<Result>(
        _ isNeeded: Bool = true, cancelled: () -> Bool = { Task.isCancelled }, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        guard isNeeded else { return try body() }
        let lock = try FileLock.acquire(layout.lockFile, seconds: lockSeconds, cancelled: cancelled)
        let result = Swift.Result { () throws(StoreError) in try body() }
        _ = consume lock
        return try result.get()
    }
}
