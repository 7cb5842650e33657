import OCI
import Store

extension LocalBackend {
    package func tag(_ source: String, as target: String, dryRun: Bool) async throws(BackendError) -> TagResult {
        let reference: Reference
        do { reference = try Reference(target).taggedDefault } catch {
            throw LocalBackend.unusable(target, error)
        }
        guard reference.digest == nil else {
            throw BackendError(
                .invalidReference, "refusing to create a tag with a digest reference",
                hint: "give a repository and a tag")
        }
        // moby `daemon/images/image_tag.go`: such a name and a digest could not be told apart.
        guard !Digest.Algorithm.allCases.contains(where: { $0.rawValue == reference.repository.familiar }) else {
            throw BackendError(
                .conflict, "refusing to create an ambiguous tag using digest algorithm as name",
                hint: "give another repository")
        }
        let rows = try rows(for: [source, target])
        let match: ImageMatch
        do throws(BackendError) { match = try ImageMatch(source, in: rows) } catch {
            if error.code == .invalidReference {
                do throws(ReferenceError) { _ = try Reference(source) } catch {
                    throw LocalBackend.unusable(source, error)
                }
            }
            throw error
        }
        guard let row = match.named ?? match.rows.first else {
            throw BackendError(.notFound, "no such image: \(source)").about(source)
        }
        let before = rows.first { $0.entry.reference == reference }
        if !dryRun {
            // Not the time of its pull: this name was never pulled, and so has no repository digest.
            let update = ReferenceUpdate(reference: reference, descriptor: row.entry.descriptor)
            try storing { () throws(StoreError) in _ = try store.setReferences([update]) }
        }
        return TagResult(
            source: source, reference: reference, id: match.id, digest: row.entry.digest,
            replaced: before.flatMap { $0.id == match.id ? nil : $0.id },
            status: before?.entry.digest == row.entry.digest ? .upToDate : dryRun ? .planned : .tagged)
    }

    /// Docker's words for a source or a target of `tag` that is no reference.
    private static func unusable(_ text: String, _ error: ReferenceError) -> BackendError {
        BackendError(
            .invalidReference,
            "error parsing reference: \"\(text.prefix(200))\" is not a valid repository/tag: \(error)",
            hint: BackendError(error).hint
        ).about(text)
    }

    package func untag(_ names: [String], dryRun: Bool) async throws(BackendError) -> [RemovalResult] {
        let rows = try rows(for: names)
        var taken: [ImageRow] = []
        for name in names {
            guard let row = try ImageMatch(name, in: rows).named else {
                throw BackendError(
                    .usage, "\(name) is an Id, and untag takes names", hint: "`images` shows the names; `rmi` takes Ids"
                )
            }
            if !taken.contains(where: { $0.entry == row.entry }) { taken.append(row) }
        }
        let selectors = taken.map(\.selector)
        try storing { () throws(StoreError) in
            _ = try store.remove(selectors, leavingDangling: true, dryRun: dryRun)
        }
        return taken.map { RemovalResult(action: .untagged, subject: $0.name ?? "", id: $0.id, reclaimed: 0) }
    }

    package func names(beginningWith prefix: String) -> [String] {
        let entries = (try? store.entries()) ?? []
        return entries.compactMap { $0.reference?.familiar ?? $0.name }.filter { $0.hasPrefix(prefix) }.sorted()
    }
}
