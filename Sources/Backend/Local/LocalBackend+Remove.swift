import OCI
import Store

extension LocalBackend {
    @discardableResult
    package func remove(
        _ names: [String], options: RemoveOptions, onResult: @Sendable (RemovalResult) async throws -> Void
    ) async throws(BackendError) -> [BackendError] {
        var plan = RemovalPlan(rows: try rows(for: names))
        for name in names { plan.add(name, force: options.force) }
        let results = try carryOut(plan, dryRun: options.dryRun)
        for result in results {
            do { try await onResult(result) } catch { throw BackendError.interrupted }
        }
        if var first = plan.failures.first {
            first.others = Array(plan.failures.dropFirst())
            throw first
        }
        return plan.missing
    }

    /// Makes the plan's one change to the store and tells what it did, names first, then image by image.
    private func carryOut(_ plan: RemovalPlan, dryRun: Bool) throws(BackendError) -> [RemovalResult] {
        guard !plan.taken.isEmpty else { return [] }
        // What the images are made of has to be read before they go.
        var anatomies = plan.deletedIDs.compactMap { id -> (subject: Digest, id: Digest, anatomy: ImageAnatomy)? in
            guard let row = plan.taken.first(where: { $0.id == id }) else { return nil }
            let anatomy = anatomy(of: row.entry)
            // A row may name what is not here at all: then nothing of it is deleted.
            return anatomy.documents.contains { store.hasBlob($0) } ? (id, id, anatomy) : nil
        }
        let absent = plan.deletedIDs.filter { id in !anatomies.contains { $0.id == id } }
        // A dangling manifest may go while another one of the same image stays.
        for row in plan.taken where row.name == nil && !plan.deletedIDs.contains(row.id) {
            anatomies.append((row.entry.digest, row.id, anatomy(of: row.entry)))
        }
        let selectors = plan.taken.map(\.selector)
        let report = try storing { () throws(StoreError) in
            try store.remove(selectors, dryRun: dryRun)
        }
        var freed = Dictionary(report.collected.blobs.map { ($0.digest, $0.size) }) { first, _ in first }
        var results = plan.taken.compactMap { row in
            // A row without a name and without an image is all that goes.
            (row.name ?? (absent.contains(row.id) ? row.entry.digest.description : nil)).map {
                RemovalResult(action: .untagged, subject: $0, id: row.id, reclaimed: 0)
            }
        }
        for (subject, id, anatomy) in anatomies {
            let own = anatomy.documents.reduce(Int64(0)) { $0 + (freed.removeValue(forKey: $1) ?? 0) }
            results.append(
                RemovalResult(action: .deleted, subject: subject.description, id: id, reclaimed: own))
            for layer in anatomy.layers.reversed() {
                guard let size = freed.removeValue(forKey: layer.blob.digest) else { continue }
                results.append(
                    RemovalResult(action: .deleted, subject: layer.chainID.description, id: id, reclaimed: size))
            }
        }
        return results
    }

    /// The blobs of an image and what its layers are called; empty parts where something cannot be read.
    func anatomy(of entry: StoreEntry) -> ImageAnatomy {
        var anatomy = ImageAnatomy()
        anatomy.documents.append(entry.digest)
        for manifest in manifests(of: entry) {
            anatomy.documents += [manifest.digest, manifest.config.digest]
            let chain = (try? config(of: manifest))?.chainIDs ?? []
            for (index, layer) in manifest.layers.enumerated() {
                anatomy.layers.append((layer, index < chain.count ? chain[index] : layer.digest))
            }
        }
        return anatomy
    }
}

/// What an image consists of.
struct ImageAnatomy: Sendable {
    /// Index, manifests and configs.
    var documents: [Digest] = []
    var layers: [(blob: Descriptor, chainID: Digest)] = []
}

/// Which rows a removal takes, decided name by name as Docker would, one after the other.
///
/// Semantics: moby `daemon/images/image_delete.go`.
struct RemovalPlan {
    private var rows: [ImageRow]
    /// In the order in which they go.
    private(set) var taken: [ImageRow] = []
    /// Images that lose their last row.
    private(set) var deletedIDs: [Digest] = []
    private(set) var failures: [BackendError] = []
    /// What is not there, and is no failure with `force`.
    private(set) var missing: [BackendError] = []

    init(rows: [ImageRow]) { self.rows = rows }

    mutating func add(_ name: String, force: Bool) {
        do throws(BackendError) {
            try take(try ImageMatch(name, in: rows), name: name, force: force)
        } catch {
            if force, error.code == .notFound { missing.append(error) } else { failures.append(error) }
        }
    }

    private mutating func take(_ match: ImageMatch, name: String, force: Bool) throws(BackendError) {
        if let row = match.named {
            take([row])
            takeDigests(besides: row)
        } else {
            let names = match.rows.filter { $0.entry.reference != nil }
            let repositories = Set(names.compactMap { $0.entry.reference?.repository })
            let tags = names.filter { $0.entry.reference?.digest == nil }
            guard force || (repositories.count <= 1 && tags.count <= 1) else {
                throw BackendError(
                    .conflict,
                    "unable to delete \(match.id.short) (must be forced) - image is referenced in multiple repositories",
                    hint: "it is \(names.compactMap(\.name).joined(separator: ", ")); name one of them, or use --force")
            }
            take(match.rows)
        }
        if !rows.contains(where: { $0.id == match.id }) { deletedIDs.append(match.id) }
    }

    /// With the last tag that a repository has of an image, its references by digest go, too: nobody gave them by hand.
    private mutating func takeDigests(besides tag: ImageRow) {
        guard let reference = tag.entry.reference, reference.digest == nil else { return }
        let others = rows.filter {
            $0.id == tag.id && $0.entry.reference?.repository == reference.repository
        }
        if others.allSatisfy({ $0.entry.reference?.digest != nil }) { take(others) }
    }

    private mutating func take(_ gone: [ImageRow]) {
        taken += gone
        rows.removeAll { row in gone.contains { $0.entry == row.entry } }
    }
}
