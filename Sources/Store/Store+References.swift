import Glibc
import Layers
package import OCI

/// A name that is to point to an image from now on.
package struct ReferenceUpdate: Sendable, Hashable {
    /// With a tag, a digest or both; without either `latest` is meant.
    package var reference: Reference
    package var descriptor: Descriptor
    /// RFC 3339; nil keeps what the name's row says.
    package var lastPulled: String?

    package init(reference: Reference, descriptor: Descriptor, lastPulled: String? = nil) {
        self.reference = reference
        self.descriptor = descriptor
        self.lastPulled = lastPulled
    }
}

/// What a change of names did.
package struct ReferenceChange: Sendable, Hashable {
    package var reference: Reference
    /// What the name pointed to before; nil for a new name.
    package var previous: Digest?
    /// The image that lost its last name by this and is dangling now.
    package var dangling: Digest?
}

extension Store {
    /// The rows of `index.json`, in its order; rows that are no descriptors are left out, and warned of once. Takes no
    /// lock.
    ///
    /// A store that does not exist has none. Throws `corrupt`, `unsupported` for a later layout, `io`.
    package func entries() throws(StoreError) -> [StoreEntry] {
        try IndexFile.entries(try readIndexBytes(), onUnknown: warnOfRow)
    }

    /// Another tool may know what the row is: it stays as it stands.
    func warnOfRow(_ position: Int, _ raw: ArraySlice<UInt8>) {
        warnOnce(
            "\(layout.indexFile): manifests[\(position)] is no descriptor that dsh understands, and is passed over: "
                + String(decoding: raw.prefix(160), as: UTF8.self) + (raw.count > 160 ? "…" : ""))
    }

    /// The row of a name; nil where there is none.
    package func entry(named reference: Reference) throws(StoreError) -> StoreEntry? {
        let wanted = reference.taggedDefault
        return try entries().first { $0.isNamed(wanted) }
    }

    func readIndex(checkingLayout: Bool = true) throws(StoreError) -> IndexFile {
        try IndexFile(try readIndexBytes(checkingLayout: checkingLayout))
    }

    private func readIndexBytes(checkingLayout: Bool = true) throws(StoreError) -> [UInt8] {
        try readIndexFile(checkingLayout: checkingLayout)?.bytes ?? IndexFile.empty
    }

    /// The entries, and which content of `index.json` they are from; nil where there is none, and where rows were passed
    /// over, which is to be told each time.
    func entriesAndIdentity() throws(StoreError) -> (entries: [StoreEntry], identity: IndexIdentity?) {
        guard let (bytes, status) = try readIndexFile() else { return ([], nil) }
        var isWhole = true
        let entries = try IndexFile.entries(bytes) { position, raw in
            isWhole = false
            warnOfRow(position, raw)
        }
        return (entries, isWhole ? IndexIdentity(status, bytes) : nil)
    }

    /// nil where there is none.
    private func readIndexFile(
        checkingLayout: Bool = true
    ) throws(StoreError) -> (bytes: [UInt8], status: FileStatus)? {
        if checkingLayout { try checkLayout() }
        do {
            let file = try OpenFile(layout.indexFile, flags: O_RDONLY)
            let status = try file.status()
            return (try file.readAll(limit: IndexFile.maximumBytes), status)
        } catch {
            if error.isNotFound { return nil }
            throw StoreError(error)
        }
    }

    /// Writes `index.json`; the lock must be held.
    func writeIndex(_ index: IndexFile) throws(StoreError) {
        let path = layout.indexFile
        try storing { () throws(SystemError) in try AtomicFile.write(index.encoded(), to: path, durable: true) }
    }

    /// Points names to images, in one atomic change of `index.json`.
    ///
    /// As Docker does, an image that thereby loses its last name stays as a dangling one, and a dangling image that gets
    /// a name is dangling no more. Every blob that the descriptors name should be in the store, or the index of an
    /// index's descriptor with the wanted children. Images of `nameless` that have no row yet get one in the same change.
    @discardableResult
    package func setReferences(
        _ updates: [ReferenceUpdate], nameless: [Descriptor] = [], cancelled: () -> Bool = { Task.isCancelled }
    ) throws(StoreError) -> [ReferenceChange] {
        guard !updates.isEmpty || !nameless.isEmpty else { return [] }
        try prepare()
        return try locked(cancelled: cancelled) { () throws(StoreError) in
            var index = try readIndex()
            var changes: [ReferenceChange] = []
            for update in updates {
                guard hasBlob(update.descriptor.digest) else {
                    throw StoreError(.notFound, "the store has no blob \(update.descriptor.digest)")
                }
                changes.append(index.set(update))
            }
            for descriptor in nameless { index.addNameless(descriptor) }
            try writeIndex(index)
            return changes
        }
    }

    /// Adds an image without a name, unless `index.json` has a row of it already.
    package func addDangling(
        _ descriptor: Descriptor, cancelled: () -> Bool = { Task.isCancelled }
    ) throws(StoreError) {
        try prepare()
        try locked(cancelled: cancelled) { () throws(StoreError) in
            var index = try readIndex()
            guard index.addNameless(descriptor) else { return }
            try writeIndex(index)
        }
    }
}

extension IndexFile {
    /// Which rows bear the name (with its tag or digest): as dsh writes it, or as another tool did.
    func rows(named reference: Reference) -> [Int] {
        rows.indices.filter { rows[$0].entry?.isNamed(reference) ?? false }
    }

    /// Adds a row without a name, unless there is a row of the image; whether it did.
    @discardableResult
    mutating func addNameless(_ descriptor: Descriptor) -> Bool {
        guard !rows.contains(where: { $0.entry?.digest == descriptor.digest }) else { return false }
        rows.append(Row(descriptor, name: nil, lastPulled: nil))
        return true
    }

    mutating func set(_ update: ReferenceUpdate) -> ReferenceChange {
        let reference = update.reference.taggedDefault
        let name = reference.canonical
        var change = ReferenceChange(reference: update.reference.taggedDefault)
        var kept: Row?
        for index in rows(named: reference).reversed() {
            guard let entry = rows[index].entry else { continue }
            change.previous = entry.digest
            let row = rows.remove(at: index)
            if entry.digest == update.descriptor.digest {
                // The same image again: the row's own fields stay.
                kept = row.renamed(name, lastPulled: update.lastPulled ?? entry.lastPulled)
            } else if !rows.contains(where: { $0.entry?.digest == entry.digest }) {
                rows.insert(row.renamed(nil, lastPulled: entry.lastPulled), at: index)
                change.dangling = entry.digest
            }
        }
        let dangling = rows.firstIndex { row in
            row.entry.map { $0.isDangling && $0.digest == update.descriptor.digest } ?? false
        }
        if let dangling {
            let row = rows.remove(at: dangling)
            if kept == nil { kept = row.renamed(name, lastPulled: update.lastPulled ?? row.entry?.lastPulled) }
        }
        rows.append(kept ?? Row(update.descriptor, name: name, lastPulled: update.lastPulled))
        return change
    }
}
