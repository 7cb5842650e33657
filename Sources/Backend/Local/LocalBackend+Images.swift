import OCI
import Store
import Threads

extension LocalBackend {
    package func images(_ query: ImageQuery) async throws(BackendError) -> ImageList {
        let listing = try await withCancellationFlag { flag throws(BackendError) in
            try storing { () throws(StoreError) in
                try store.listing(withSizes: query.withSizes, cancelled: { flag.isCancelled })
            }
        }
        let list = ImageList(listing)
        guard query.reference != nil || !query.filters.isEmpty else { return list }
        return list.filter(try ImageConditions(query, among: list).match)
    }

    /// The rows that `names` (references, other tools' names, Ids and their beginnings) may mean, with every further row of
    /// those images.
    func rows(for names: [String]) throws(BackendError) -> [ImageRow] {
        let wanted = names.compactMap { (try? Reference($0)).map { EntryName($0.taggedDefault) } }
        let stored = try storing { () throws(StoreError) in
            try store.images(
                where: { entry in
                    wanted.contains { $0.isName(of: entry) || $0.isDigest(of: entry) }
                        || names.contains { $0 == entry.name }
                }, idPrefixes: names.compactMap(ImageMatch.beginningOfId))
        }
        // A row that cannot be read has no Id; its digest stands for it, so that it can be removed.
        return stored.map { ImageRow(entry: $0.entry, id: $0.record?.id ?? $0.entry.digest) }
    }
}

/// Docker's conditions on a list: different keys must all hold, `reference` patterns one of them, labels all.
///
/// Semantics: moby `daemon/images/images.go`.
private struct ImageConditions {
    private var references: [String] = []
    private var others: [ImageFilter] = []
    private var before: Timestamp?
    private var since: Timestamp?
    private var until: Timestamp?

    init(_ query: ImageQuery, among images: ImageList) throws(BackendError) {
        if let pattern = query.reference { references.append(pattern) }
        for filter in query.filters {
            switch filter {
            case .reference(let pattern): references.append(pattern)
            case .before(let name): before = try ImageConditions.moment(of: name, images)
            case .since(let name): since = try ImageConditions.moment(of: name, images)
            case .until(let moment):
                if until != nil { throw BackendError(.usage, "more than one until filter specified") }
                until = moment
            case .dangling, .label, .notLabel: others.append(filter)
            }
        }
        if let pattern = references.first(where: { !GlobPattern.isValid($0) }) {
            throw BackendError(
                .usage, "syntax error in pattern: \"\(pattern.prefix(200))\"",
                hint: "`[` begins a set such as [a-z]; `\\[` is the character itself")
        }
    }

    func match(_ image: ListedImage) -> Bool {
        if let before, image.moment >= before { return false }
        if let until, image.moment > until { return false }
        if let since, image.moment <= since { return false }
        if !references.isEmpty {
            guard let reference = try? Reference(String(decoding: image.reference, as: UTF8.self)) else { return false }
            if !references.contains(where: { ImageFilter.matches($0, reference) }) { return false }
        }
        return others.allSatisfy { holds($0, image) }
    }

    private func holds(_ filter: ImageFilter, _ image: ListedImage) -> Bool {
        func has(_ key: String, _ value: String?) -> Bool {
            image.labels.contains { label in
                key.utf8.elementsEqual(label.key) && (value.map { $0.utf8.elementsEqual(label.value) } ?? true)
            }
        }
        switch filter {
        case .dangling(let wanted): return image.isDangling == wanted
        case .label(let key, let value): return has(key, value)
        case .notLabel(let key, let value): return !has(key, value)
        case .before, .since, .reference, .until: return true
        }
    }

    private static func moment(of name: String, _ images: ImageList) throws(BackendError) -> Timestamp {
        var rows: [ImageRow] = []
        var moments: [Digest: Timestamp] = [:]
        for place in 0..<images.count {
            images.withImage(place) { image in
                guard let digest = Digest(utf8: image.digest), let id = Digest(utf8: image.id) else { return }
                let name = image.name.isEmpty ? nil : String(decoding: image.name, as: UTF8.self)
                let reference = image.reference.isEmpty ? nil : String(decoding: image.reference, as: UTF8.self)
                let entry = StoreEntry(
                    digest: digest, mediaType: .ociManifest, size: 0, name: reference ?? name)
                rows.append(ImageRow(entry: entry, id: id))
                if moments[id] == nil { moments[id] = image.moment }
            }
        }
        return moments[try ImageMatch(name, in: rows).id] ?? Timestamp(seconds: .min)
    }
}
