import Glibc
import Layers
package import OCI

/// How much `images` is to find out.
package enum ImageDetail: Sendable, Hashable {
    /// What manifests and configs say.
    case records
    /// Sizes too, without reading a layer: images with a layer nobody has looked into have none.
    case knownSizes
    /// Sizes too; layers that nobody has looked into are unpacked for it, which may take long.
    case sizes
}

extension Store {
    /// All images: a row of `index.json` each, in its order, with what the summary file knows. Blobs are read only for
    /// images that are new to it, layers only with `sizes`.
    ///
    /// An index stands for the child that fits `platform` best, of those that are present; else for any that is.
    /// Images that cannot be read carry their error. Throws `corrupt` for a damaged `index.json`, `io`, `interrupted`.
    /// Blocks: call it on a thread that may wait.
    package func images(
        platform: Platform = .host, detail: ImageDetail = .records,
        cancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(StoreError) -> [StoredImage] {
        try images(of: try entries(), platform: platform, detail: detail, cancelled: cancelled, progress: progress)
            .images
    }

    /// The images of these entries, and the children of indexes that would stand for them if they were here.
    func images(
        of entries: [StoreEntry], platform: Platform, detail: ImageDetail,
        cancelled: @escaping @Sendable () -> Bool, progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void
    ) throws(StoreError) -> (images: [StoredImage], absent: Set<Digest>) {
        var (resolver, rows) = try resolved(entries, platform: platform, cancelled: cancelled)
        var table = resolver.table
        if detail != .records {
            let found = measure(
                table, rows: rows, unpacking: detail == .sizes, cancelled: cancelled, progress: progress)
            if cancelled() { throw .interrupted }
            if !found.isEmpty, let measured = resolver.rebuilt(for: entries, extra: found) {
                save(measured)
                table = measured
                var again = SummaryResolver(store: self, table: table)
                again.failures = resolver.failures
                rows = try again.resolve(entries, platform: platform, cancelled: cancelled)
            }
        }
        var images: [StoredImage] = []
        images.reserveCapacity(entries.count)
        for (entry, row) in zip(entries, rows) {
            switch row {
            case .success(let row):
                images.append(StoredImage(entry: entry, record: ImageRecord(table: table, row: row), error: nil))
            case .failure(let error): images.append(StoredImage(entry: entry, record: nil, error: error))
            }
        }
        if detail != .records { ImageSizes(table).fill(&images) }
        return (images, resolver.absent)
    }

    /// One row's image, as `images` has it, without sizes. Throws `not_found` where it is absent, `corrupt`, `io`.
    package func image(_ entry: StoreEntry, platform: Platform = .host) throws(StoreError) -> ImageRecord {
        var resolver = SummaryResolver(store: self, table: loadTable())
        _ = try resolver.resolve([entry], platform: platform, cancelled: { false })
        if resolver.hasNew, let table = resolver.rebuilt(for: [entry], extra: [:]) {
            var again = SummaryResolver(store: self, table: table)
            again.failures = resolver.failures
            resolver = again
        }
        guard let row = try resolver.resolve([entry], platform: platform, cancelled: { false }).first else {
            throw StoreError(.notFound, "the store has no image \(entry.digest)")
        }
        return ImageRecord(table: resolver.table, row: try row.get())
    }

    /// The images whose row `isWanted` or whose Id begins with one of `idPrefixes` (hexadecimal; a whole manifest digest
    /// does as well), with every row of theirs, in the order of `index.json`. Nothing is made of the others.
    ///
    /// Images that cannot be read carry their error, and go by their manifest's digest. Throws as `images` does.
    package func images(
        where isWanted: (StoreEntry) -> Bool, idPrefixes: [String], platform: Platform = .host
    ) throws(StoreError) -> [StoredImage] {
        let entries = try entries()
        let (resolver, rows) = try resolved(entries, platform: platform, cancelled: { false })
        let table = resolver.table
        let prefixes = idPrefixes.map { Array($0.utf8) }
        var wanted: Set<String> = []
        var isPicked = [Bool](repeating: false, count: entries.count)
        table.bytes.withBytes { bytes in
            func withId<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
                if case .success(let row) = rows[index] { return body(row.config.bytes(in: bytes)) }
                return Array(entries[index].digest.description.utf8).withBytes(body)
            }
            var keys: Set<UInt64> = []
            for index in entries.indices {
                withId(index) { id in
                    let hex = id.dropFirst("sha256:".utf8.count)
                    guard
                        isWanted(entries[index]) || prefixes.contains(where: { hex.starts(with: $0) })
                            || (!idPrefixes.isEmpty && idPrefixes.contains(entries[index].digest.hex))
                    else { return }
                    keys.insert(DigestKey.of(hex: UnsafeRawBufferPointer(rebasing: hex)))
                    wanted.insert(String(decoding: id, as: UTF8.self))
                }
            }
            guard !wanted.isEmpty else { return }
            for index in entries.indices {
                isPicked[index] = withId(index) { id in
                    keys.contains(
                        DigestKey.of(hex: UnsafeRawBufferPointer(rebasing: id.dropFirst("sha256:".utf8.count))))
                        && wanted.contains(String(decoding: id, as: UTF8.self))
                }
            }
        }
        return entries.indices.filter { isPicked[$0] }.map { index in
            switch rows[index] {
            case .success(let row):
                StoredImage(entry: entries[index], record: ImageRecord(table: table, row: row), error: nil)
            case .failure(let error): StoredImage(entry: entries[index], record: nil, error: error)
            }
        }
    }

    /// Each entry's row of the summary file, which is written anew if it lacked some.
    private func resolved(
        _ entries: [StoreEntry], platform: Platform, cancelled: () -> Bool
    ) throws(StoreError) -> (SummaryResolver, [Result<ImageTable.Row, StoreError>]) {
        var resolver = SummaryResolver(store: self, table: loadTable())
        let rows = try resolver.resolve(entries, platform: platform, cancelled: cancelled)
        guard resolver.hasNew, let table = resolver.rebuilt(for: entries, extra: [:]) else { return (resolver, rows) }
        save(table)
        var again = SummaryResolver(store: self, table: table)
        again.failures = resolver.failures
        let complete = try again.resolve(entries, platform: platform, cancelled: cancelled)
        return (again, complete)
    }

    private func loadTable() -> ImageTable {
        guard let file = try? OpenFile(layout.summaries, flags: O_RDONLY | O_NOFOLLOW),
            let bytes = try? file.readAll(limit: ImageTable.maximumBytes)
        else { return .empty }
        return ImageTable(bytes) ?? .empty
    }

    /// A cache that cannot be written is only slow. Of two writers the last one wins; what it lacks is read again.
    private func save(_ table: ImageTable) {
        guard exists else { return }
        try? Directory.create(layout.cache)
        try? AtomicFile.write(table.bytes, to: layout.summaries, durable: false)
    }

    /// The file bytes of layers that the table has none for and that can be had.
    private func measure(
        _ table: ImageTable, rows: [Result<ImageTable.Row, StoreError>], unpacking: Bool,
        cancelled: @escaping @Sendable () -> Bool, progress: @escaping @Sendable (Int, Int) -> Void
    ) -> [String: Int64] {
        var found: [String: Int64] = [:]
        var wanted: [Descriptor] = []
        var seen: Set<Int> = []
        for case .success(let row) in rows where row.isImage {
            for layer in table.layers(of: row) where table.layers[layer].fileBytes == nil {
                guard seen.insert(layer).inserted, let descriptor = table.descriptor(layer) else { continue }
                if let facts = cachedLayerFacts(descriptor.digest) {
                    found[descriptor.digest.description] = facts.fileBytes
                } else if unpacking, hasBlob(descriptor.digest) {
                    wanted.append(descriptor)
                }
            }
        }
        for (digest, answer) in layerFacts(for: wanted, cancelled: cancelled, progress: progress) {
            if case .success(let facts) = answer { found[digest.description] = facts.fileBytes }
        }
        return found
    }
}

/// Finds the rows of entries in a table, and reads what it lacks from the blobs.
private struct SummaryResolver {
    let store: Store
    let table: ImageTable
    var failures: [Digest: StoreError] = [:]
    /// Children that fit better than the one that was chosen, but are not here.
    private(set) var absent: Set<Digest> = []
    private var new: [Digest: ImageTableEntry] = [:]

    init(store: Store, table: ImageTable) {
        self.store = store
        self.table = table
    }

    var hasNew: Bool { !new.isEmpty }

    /// A row for each entry. Rows of summaries that are not in the table yet come as failures: `rebuilt` then has them.
    mutating func resolve(
        _ entries: [StoreEntry], platform: Platform, cancelled: () -> Bool
    ) throws(StoreError) -> [Result<ImageTable.Row, StoreError>] {
        var rows: [Result<ImageTable.Row, StoreError>] = []
        rows.reserveCapacity(entries.count)
        for entry in entries {
            if cancelled() { throw .interrupted }
            rows.append(resolve(entry.digest, platform: platform, depth: 0))
        }
        return rows
    }

    private mutating func resolve(
        _ digest: Digest, platform: Platform, depth: Int
    ) -> Result<ImageTable.Row, StoreError> {
        if let place = table.row(of: digest) {
            let row = table.rows[place]
            return row.isIndex ? choose(table.children(of: row), of: digest, platform, depth) : .success(row)
        }
        if let failure = failures[digest] { return .failure(failure) }
        if new[digest] == nil {
            do throws(StoreError) { new[digest] = try ImageTableEntry(of: digest, in: store) } catch {
                failures[digest] = error
                return .failure(error)
            }
        }
        if case .index(let children)? = new[digest] { return choose(children, of: digest, platform, depth) }
        return .failure(StoreError(.notFound, "\(digest) is not in the summary yet"))
    }

    /// The child for the platform that is present, else the first that is.
    private mutating func choose(
        _ children: [ChildSummary], of digest: Digest, _ platform: Platform, _ depth: Int
    ) -> Result<ImageTable.Row, StoreError> {
        guard depth < 4 else {
            return .failure(StoreError(.corrupt, "the index \(digest) is nested too deeply"))
        }
        var images = children.filter(\.isImage)
        while !images.isEmpty {
            let best = platform.bestMatch(in: images.map(\.platform)) ?? 0
            let child = images.remove(at: best)
            guard let digest = try? Digest(child.digest) else { continue }
            // A child that the table knows was here, and goes only together with its index.
            if table.row(of: digest) != nil || store.hasBlob(digest) {
                return resolve(digest, platform: platform, depth: depth + 1)
            }
            absent.insert(digest)
        }
        return .failure(
            StoreError(
                .notFound, "no image of the index \(digest) is in the store",
                hint: "pull it again, with --platform for another platform"))
    }

    /// A table of what `entries` reach: known rows, new ones, and file bytes as far as they are known.
    func rebuilt(for entries: [StoreEntry], extra: [String: Int64]) -> ImageTable? {
        var builder = ImageTableBuilder()
        builder.fileBytes = extra
        for layer in table.layers {
            if let bytes = layer.fileBytes { builder.fileBytes[table.text(layer.digest)] = bytes }
        }
        var waiting = entries.map(\.digest)
        var seen: Set<Digest> = []
        while let digest = waiting.popLast() {
            guard seen.insert(digest).inserted else { continue }
            let summary: ImageTableEntry
            if let known = new[digest] {
                summary = known
            } else if let place = table.row(of: digest) {
                summary = table.summary(of: table.rows[place])
            } else {
                continue
            }
            builder.add(digest.description, summary)
            if case .index(let children) = summary { waiting += children.compactMap { try? Digest($0.digest) } }
        }
        return ImageTable(builder.encoded())
    }
}
