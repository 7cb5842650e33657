import Glibc
import Layers
package import OCI

/// Blobs that were, or with a dry run would be, deleted.
package struct CollectionReport: Sendable, Hashable {
    package struct Blob: Sendable, Hashable {
        package var digest: Digest
        package var size: Int64
    }

    package var blobs: [Blob] = []
    /// Names of partial downloads that went as well.
    package var partials: [String] = []
    package var partialBytes: Int64 = 0
    /// Manifests that could not be parsed, so that what they pointed to could not be kept for their sake.
    package var unreadable: [Digest] = []

    /// Bytes of the blobs and partials.
    package var bytes: Int64 { blobs.reduce(partialBytes) { $0 + $1.size } }
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
    package func remove(
        _ selectors: [EntrySelector], leavingDangling: Bool = false, dryRun: Bool = false,
        cancelled: () -> Bool = { false }
    ) throws(StoreError) -> RemovalReport {
        if !dryRun { try prepare() }
        return try locked(!dryRun, cancelled: cancelled) { () throws(StoreError) in
            try removeLocked(selectors, leavingDangling: leavingDangling, dryRun: dryRun, cancelled: cancelled)
        }
    }

    private func removeLocked(
        _ selectors: [EntrySelector], leavingDangling: Bool, dryRun: Bool, cancelled: () -> Bool
    ) throws(StoreError) -> RemovalReport {
        var index = try readIndex()
        var report = RemovalReport()
        var taken: [Int] = []
        for selector in selectors {
            let rows = index.rows(matching: selector)
            guard !rows.isEmpty else { throw StoreError(.notFound, "the store has no image \(selector.text)") }
            for row in rows where !taken.contains(row) { taken.append(row) }
        }
        let gone = taken.sorted().map { index.rows[$0] }
        report.removed = gone.compactMap(\.entry)
        for position in taken.sorted().reversed() { index.rows.remove(at: position) }
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
        if !dryRun { try writeIndexMakingRoom(index) }
        for digest in freed.reached.subtracting(kept.reached).sorted() {
            guard let size = blobSize(digest) else { continue }
            if !dryRun { try delete(digest) }
            report.collected.blobs.append(CollectionReport.Blob(digest: digest, size: size))
        }
        report.collected.unreadable = kept.unreadable.sorted()
        if !dryRun { collectHeldBack(adding: held, kept: kept.reached, leased: leased) }
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
            try collectIngest(all: true, dryRun: false, now: Int64(time(nil)), into: &dropped)
            try writeIndex(index)
        }
    }

    /// Deletes blobs that no row and no living lease reaches. Other tools write blobs before they write `index.json` and
    /// know no leases, so that blobs younger than `minimumAge` seconds stay; likewise partial downloads, which go only
    /// where `partials` is set and no process works on them.
    package func collectGarbage(
        dryRun: Bool = false, partials: Bool = false, minimumAge: Int64 = 600, cancelled: () -> Bool = { false }
    ) throws(StoreError) -> CollectionReport {
        guard exists else { return CollectionReport() }
        return try locked(!dryRun, cancelled: cancelled) { () throws(StoreError) in
            try collectLocked(dryRun: dryRun, partials: partials, minimumAge: minimumAge, cancelled: cancelled)
        }
    }

    private func collectLocked(
        dryRun: Bool, partials: Bool, minimumAge: Int64, cancelled: () -> Bool
    ) throws(StoreError) -> CollectionReport {
        var kept = try marks(of: try readIndex(), cancelled: cancelled)
        kept.reached.formUnion(try leasedDigests(cleaning: !dryRun))
        var report = CollectionReport(unreadable: kept.unreadable.sorted())
        let now = Int64(time(nil))
        for blob in try blobs() where !kept.reached.contains(blob.digest) {
            if cancelled() { throw .interrupted }
            guard let status = try? FileStatus(path: layout.blob(blob.digest)), now - status.modified >= minimumAge
            else { continue }
            if !dryRun { try delete(blob.digest) }
            report.blobs.append(CollectionReport.Blob(digest: blob.digest, size: blob.size))
        }
        try collectIngest(all: partials, dryRun: dryRun, now: now, into: &report)
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

    /// Files that a killed process left go after an hour; partial downloads only when asked.
    private func collectIngest(
        all: Bool, dryRun: Bool, now: Int64, into report: inout CollectionReport
    ) throws(StoreError) {
        let layout = layout
        for name in try storing({ () throws(SystemError) in try Directory.names(layout.ingest) }) {
            let path = layout.ingest + "/" + name
            guard let status = try? FileStatus(path: path), status.isRegular else { continue }
            let isPartial = name.hasSuffix(".partial")
            guard path != layout.heldBack else { continue }
            guard isPartial ? all : now - status.modified > 3600 else { continue }
            guard let file = try? OpenFile(path, flags: O_RDWR | O_NOFOLLOW), try FileLock.tryLock(file) else {
                continue
            }
            if !dryRun { unlink(path) }
            report.partials.append(name)
            report.partialBytes += status.size
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
    func rows(matching selector: EntrySelector) -> [Int] {
        switch selector {
        case .reference(let reference): rows(named: reference.taggedDefault)
        case .name(let name): rows.indices.filter { rows[$0].entry?.name == name }
        case .digest(let digest): rows.indices.filter { rows[$0].entry?.digest == digest }
        case .dangling(let digest):
            rows.indices.filter { rows[$0].entry.map { $0.isDangling && $0.digest == digest } ?? false }
        }
    }
}

extension EntrySelector {
    fileprivate var text: String {
        switch self {
        case .reference(let reference): reference.familiar
        case .name(let name): name
        case .digest(let digest): digest.description
        case .dangling(let digest): "\(digest) (dangling)"
        }
    }
}
