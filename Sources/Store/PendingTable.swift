import Glibc
import Layers
import OCI

/// A file table that is being written beside the place it will have.
struct PendingTable: ~Copyable {
    private let layout: StoreLayout
    private let temporary: String

    init?(layout: StoreLayout) {
        self.layout = layout
        let directory = layout.factsDirectory(.sha256)
        temporary = directory + "/.new-" + AtomicFile.uniqueName()
        guard (try? Directory.create(directory)) != nil else { return nil }
    }

    deinit { unlink(temporary) }

    func writer() -> FileTableWriter? {
        guard let file = try? OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL) else { return nil }
        return FileTableWriter(file)
    }

    /// The table first: a record without one would be believed.
    func commit(_ facts: LayerFacts) {
        try? Directory.create(layout.factsDirectory(facts.digest.algorithm))
        guard rename(temporary, layout.fileTable(facts.digest)) == 0 else { return }
        try? AtomicFile.write(facts.record, to: layout.facts(facts.digest), durable: false)
    }
}
