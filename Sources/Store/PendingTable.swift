import CLinux
import Glibc
import Layers
import OCI

/// A file table that is being written, and gets its place only when it is whole.
///
/// Until then it has no name where the file system can do so (O_TMPFILE): however the process ends, nothing is left of
/// it. The thread that fills it runs only when nothing else wants to, and is often not there to see the end.
struct PendingTable: ~Copyable {
    private let layout: StoreLayout
    /// The name for the moment of the commit, or, where files without one cannot be had, from the beginning.
    private let temporary: String
    private let unnamed: Int32

    /// nil where the cache cannot be written.
    init?(layout: StoreLayout) {
        self.layout = layout
        let directory = layout.factsDirectory(.sha256)
        temporary = directory + "/" + AtomicFile.prefix + AtomicFile.uniqueName()
        guard (try? Directory.create(directory)) != nil else { return nil }
        // Its name is given through /proc.
        unnamed = access("/proc/self/fd", X_OK) == 0 ? dsh_open_unnamed(directory, 0o644) : -1
    }

    deinit {
        if unnamed >= 0 { close(unnamed) }
        unlink(temporary)
    }

    /// Takes the table's bytes; call it once.
    func writer() -> FileTableWriter? {
        if unnamed >= 0 {
            let copy = fcntl(unnamed, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { return nil }
            return FileTableWriter(OpenFile(adopting: copy, path: temporary))
        }
        guard let file = try? OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL) else { return nil }
        return FileTableWriter(file)
    }

    /// The table first: a record without one would be believed.
    func commit(_ facts: LayerFacts) {
        try? Directory.create(layout.factsDirectory(facts.digest.algorithm))
        if unnamed >= 0 {
            guard dsh_link_unnamed(unnamed, temporary) == 0 else { return }
        }
        guard rename(temporary, layout.fileTable(facts.digest)) == 0 else { return }
        try? AtomicFile.write(facts.record, to: layout.facts(facts.digest), durable: false)
    }
}
