import Glibc
import Layers
package import OCI

/// Blobs that were, or with a dry run would be, deleted.
package struct CollectionReport: Sendable, Hashable {
    package struct Blob: Sendable, Hashable {
        package var digest: Digest
        package var size: Int64
    }

    /// A file that is no blob: a partial download, or one that `quarantine` put aside.
    package struct File: Sendable, Hashable {
        /// Relative to the store: `ingest/sha256-….partial`.
        package var name: String
        package var size: Int64
    }

    package var blobs: [Blob] = []
    package var files: [File] = []
    /// Manifests that could not be parsed, so that what they pointed to could not be kept for their sake.
    package var unreadable: [Digest] = []

    /// Bytes of the blobs and files.
    package var bytes: Int64 { blobs.reduce(files.reduce(0) { $0 + $1.size }) { $0 + $1.size } }
}

/// What `collectGarbage` is to look for.
package struct GarbageSelection: Sendable {
    /// Other tools write blobs before they write `index.json` and know no leases: blobs younger than so many seconds
    /// stay.
    package var minimumAge: Int64
    /// Partial downloads, and files in quarantine, that are so many seconds old go, too; nil keeps them all.
    package var leftoverAge: Int64?
    /// The only ones that may go, by digest or name; nil for all.
    package var only: Set<String>?

    package init(minimumAge: Int64 = 600, leftoverAge: Int64? = nil, only: Set<String>? = nil) {
        self.minimumAge = minimumAge
        self.leftoverAge = leftoverAge
        self.only = only
    }

    fileprivate func includes(_ name: String) -> Bool { only?.contains(name) ?? true }
}

/// Which rows of `index.json` are meant.
package enum EntrySelector: Sendable, Hashable {
    /// The row of this name.
    case reference(Reference)
    /// The row whose `name` is exactly this text: for names that are no references.
    case name(String)
    /// Every row of the image, named and dangling.
    case digest(Digest)
    /// The image's dangling row.
    case dangling(Digest)
}

/// What `remove` did, or would do.
package struct RemovalReport: Sendable, Hashable {
    /// The rows that went, as they were.
    package var removed: [StoreEntry] = []
    /// Images that are dangling now.
    package var dangling: [Digest] = []
    package var collected = CollectionReport()
}

extension Store {
    /// Removes rows, and then the blobs that only they kept. `index.json` is written first, so that a process killed at
    /// any moment leaves at worst blobs that nothing names, for the next `collectGarbage`.
    ///
    /// With `leavingDangling` an image that loses its last row keeps one without a name. Blobs that a living lease
    /// protects stay. Throws `not_found` where a selector matches nothing, before anything is changed.
    ///
    /// `confirm` gets what is about to go, with the lock held and before anything is changed; what it throws ends the
    /// removal.
    package func remove(
        _ selectors: [EntrySelector], leavingDangling: Bool = false, dryRun: Bool = false,
        cancelled: () -> Bool = { Task.isCancelled }, confirm: (RemovalReport) throws(StoreError) -> Void = { _ in }
    ) throws(StoreError) -> RemovalReport {
        if !dryRun { try prepare() }
        return try locked(!dryRun, cancelled: cancelled) { () throws(StoreError) in
            try removeLocked(
                selectors, leavingDangling: leavingDangling, dryRun: dryRun, cancelled: cancelled, confirm: confirm)
        }
    }

    private func removeLocked(
        _ selectors: [EntrySelector], leavingDangling: Bool, dryRun: Bool, cancelled: () -> Bool,
        confirm: (RemovalReport) throws(StoreError) -> Void
    ) throws(StoreError) -> RemovalReport {
        var index = try readIndex()
        var report = RemovalReport()
        let taken = try index.rows(matching: selectors)
        let gone = taken.sorted().map { index.rows[$0] }
        report.removed = gone.compactMap(\.entry)
        index.rows = index.rows.indices.filter { !taken.contains($0) }.map { index.rows[$0] }
        if leavingDangling {
            for row in gone {
                guard let entry = row.entry, !index.rows.contains(where: { $0.entry?.digest == entry.digest })
                else { continue }
                index.rows.append(row.renamed(nil, lastPulled: entry.lastPulled))
                report.dangling.append(entry.digest)
            }
        }
        var freed = Marks()
        for entry in report.removed { try mark(entry.digest, in: &freed, cancelled: cancelled) }
        var kept = try marks(of: index, cancelled: cancelled)
        let leased = try leasedDigests(cleaning: !dryRun)
        let held = freed.reached.subtracting(kept.reached).intersection(leased)
        kept.reached.formUnion(leased)
        for digest in freed.reached.subtracting(kept.reached).sorted() {
            guard let size = blobSize(digest) else { continue }
            report.collected.blobs.append(CollectionReport.Blob(digest: digest, size: size))
        }
        report.collected.unreadable = kept.unreadable.sorted()
        try confirm(report)
        guard !dryRun else { return report }
        try writeIndexMakingRoom(index)
        for blob in report.collected.blobs { try delete(blob.digest) }
        collectHeldBack(adding: held, kept: kept.reached, leased: leased)
        return report
    }

    /// Writes `index.json`; on a full disk at the price of the partial downloads. Who removes images to get room must not
    /// be told that there is none.
    private func writeIndexMakingRoom(_ index: IndexFile) throws(StoreError) {
        do {
            try writeIndex(index)
        } catch {
            guard error.code == .noSpace else { throw error }
            var dropped = CollectionReport()
            try collectLeftovers(
                GarbageSelection(leftoverAge: 0), dryRun: false, now: Int64(time(nil)), into: &dropped)
            try writeIndex(index)
        }
    }

    /// Deletes blobs that no row and no living lease reaches, and what is left over of downloads, as far as `selection`
    /// says. A partial download that a process works on stays.
    package func collectGarbage(
        _ selection: GarbageSelection = GarbageSelection(), dryRun: Bool = false,
        cancelled: () -> Bool = { Task.isCancelled }
    ) throws(StoreError) -> CollectionReport {
        guard exists else { return CollectionReport() }
        return try locked(!dryRun, cancelled: cancelled) { () throws(StoreError) in
            try collectLocked(selection, dryRun: dryRun, cancelled: cancelled)
        }
    }

    private func collectLocked(
        _ selection: GarbageSelection, dryRun: Bool, cancelled: () -> Bool
    ) throws(StoreError) -> CollectionReport {
        var kept = try marks(of: try readIndex(), cancelled: cancelled)
        kept.reached.formUnion(try leasedDigests(cleaning: !dryRun))
        var report = CollectionReport(unreadable: kept.unreadable.sorted())
        let now = Int64(time(nil))
        for blob in try blobs() where !kept.reached.contains(blob.digest) {
            if cancelled() { throw .interrupted }
            guard selection.includes(blob.digest.description),
                let status = try? FileStatus(path: layout.blob(blob.digest)),
                now - status.modified >= selection.minimumAge
            else { continue }
            if !dryRun { try delete(blob.digest) }
            report.blobs.append(CollectionReport.Blob(digest: blob.digest, size: blob.size))
        }
        try collectLeftovers(selection, dryRun: dryRun, now: now, into: &report)
        if !dryRun { cleanCache(now: now) }
        return report
    }

    /// A blob and what the cache knows of it. The lock must be held.
    func delete(_ digest: Digest) throws(StoreError) {
        let path = layout.blob(digest)
        try storing { () throws(SystemError) in try Directory.remove(path) }
        unlink(layout.facts(digest))
        unlink(layout.fileTable(digest))
    }

    /// Files that a killed process left go after an hour; partial downloads and what is in quarantine only when asked.
    private func collectLeftovers(
        _ selection: GarbageSelection, dryRun: Bool, now: Int64, into report: inout CollectionReport
    ) throws(StoreError) {
        let layout = layout
        for directory in [layout.ingest, layout.quarantine] {
            for name in try storing({ () throws(SystemError) in try Directory.names(directory) }) {
                let path = directory + "/" + name
                let shown = String(path.dropFirst(layout.root.utf8.count + 1))
                guard path != layout.heldBack, selection.includes(shown),
                    let status = try? FileStatus(path: path), status.isRegular
                else { continue }
                let isKept = directory == layout.quarantine || name.hasSuffix(".partial")
                // What a process was writing goes once it has ended; where that cannot be told, after an hour.
                let isOrphan = name.hasPrefix("new-") && AtomicFile.isOwnerGone("." + name)
                guard let age = isKept ? selection.leftoverAge : isOrphan ? 0 : 3600, now - status.modified >= age
                else { continue }
                guard let file = try? OpenFile(path, flags: O_RDWR | O_NOFOLLOW), try FileLock.tryLock(file) else {
                    continue
                }
                if !dryRun { unlink(path) }
                report.files.append(CollectionReport.File(name: shown, size: status.size))
            }
        }
        guard !dryRun else { return }
        for directory in [layout.leases, layout.root] {
            for name in (try? Directory.names(directory)) ?? [] where name.hasPrefix(".new-") {
                removeStale(directory + "/" + name, now: now)
            }
        }
    }

    private func removeStale(_ path: String, now: Int64) {
        if let status = try? FileStatus(path: path), status.isRegular, now - status.modified > 3600 { unlink(path) }
    }

    /// What killed processes left in the cache. A name says whose file it is; where that process only seems to be gone,
    /// as it is in another container, it loses no more than what it would have kept for later.
    func sweepCache() {
        for directory in Digest.Algorithm.allCases.map(layout.factsDirectory) + [layout.cache] {
            for name in (try? Directory.names(directory, beginningWith: AtomicFile.prefix)) ?? []
            where AtomicFile.isOwnerGone(name) {
                unlink(directory + "/" + name)
            }
        }
    }

    /// Facts of layers that are gone, and what a killed process left.
    private func cleanCache(now: Int64) {
        sweepCache()
        for algorithm in Digest.Algorithm.allCases {
            let directory = layout.factsDirectory(algorithm)
            for name in (try? Directory.names(directory)) ?? [] {
                if name.hasPrefix(".new-") {
                    removeStale(directory + "/" + name, now: now)
                } else {
                    let hex = name.prefix { $0 != "." }
                    if let digest = try? Digest(algorithm.rawValue + ":" + hex), !hasBlob(digest) {
                        unlink(directory + "/" + name)
                    }
                }
            }
        }
        for name in (try? Directory.names(layout.cache)) ?? [] where name.hasPrefix(".new-") {
            removeStale(layout.cache + "/" + name, now: now)
        }
    }
}

extension Store {
    /// What is reached from some roots.
    struct Marks {
        var reached: Set<Digest> = []
        /// Those of `reached` that were read as manifests: a digest that some manifest calls a layer may be one too.
        var visited: Set<Digest> = []
        var unreadable: Set<Digest> = []
    }

    func marks(of index: IndexFile, cancelled: () -> Bool) throws(StoreError) -> Marks {
        var marks = Marks()
        for row in index.rows {
            guard let digest = row.entry?.digest else { continue }
            try mark(digest, in: &marks, cancelled: cancelled)
        }
        return marks
    }

    /// Marks a manifest or an index and all below it; what is absent is fine, what cannot be parsed is a leaf.
    func mark(_ root: Digest, in marks: inout Marks, cancelled: () -> Bool) throws(StoreError) {
        var waiting = [root]
        while let digest = waiting.popLast() {
            if cancelled() { throw .interrupted }
            guard marks.visited.insert(digest).inserted else { continue }
            marks.reached.insert(digest)
            guard let links = try links(of: digest, unreadable: &marks.unreadable) else { continue }
            waiting += links.children.map(\.digest)
            marks.reached.formUnion(links.leaves.map(\.digest))
        }
    }

    private func links(of digest: Digest, unreadable: inout Set<Digest>) throws(StoreError) -> BlobLinks? {
        let bytes: [UInt8]
        do {
            // A row may point to anything; only what can be a manifest is read.
            guard let size = blobSize(digest), size <= Manifest.maximumBytes else { return nil }
            bytes = try readBlob(digest, limit: Manifest.maximumBytes)
        } catch {
            // What cannot be read at all may still point to something: then nothing is deleted.
            if error.code == .io { throw error }
            return nil
        }
        do { return try BlobLinks(bytes) } catch {
            unreadable.insert(digest)
            return nil
        }
    }
}

extension IndexFile {
    /// The rows that any of the selectors means, found in one walk however many there are. Throws `not_found` where one
    /// matches nothing.
    func rows(matching selectors: [EntrySelector]) throws(StoreError) -> Set<Int> {
        var wanted: [EntrySelector: Bool] = [:]
        for selector in selectors { wanted[selector.whole] = false }
        let namesReferences = selectors.contains { if case .reference = $0 { true } else { false } }
        var found: Set<Int> = []
        for (position, row) in rows.enumerated() {
            guard let entry = row.entry else { continue }
            var meant: [EntrySelector] = [.digest(entry.digest)]
            if entry.isDangling { meant.append(.dangling(entry.digest)) }
            if let name = entry.name { meant.append(.name(name)) }
            if namesReferences, let reference = entry.reference { meant.append(.reference(reference)) }
            for selector in meant where wanted[selector] != nil {
                wanted[selector] = true
                found.insert(position)
            }
        }
        for selector in selectors where wanted[selector.whole] == false {
            throw StoreError(.notFound, "the store has no image \(selector.text)")
        }
        return found
    }
}

extension EntrySelector {
    /// With the tag that a bare repository means.
    fileprivate var whole: EntrySelector {
        if case .reference(let reference) = self { .reference(reference.taggedDefault) } else { self }
    }

    fileprivate var text: String {
        switch self {
        case .reference(let reference): reference.familiar
        case .name(let name): name
        case .digest(let digest): digest.description
        case .dangling(let digest): "\(digest) (dangling)"
        }
    }
}
