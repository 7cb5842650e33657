import OCI
import Store
import Threads

extension LocalBackend {
    package func images(_ query: ImageQuery) async throws(BackendError) -> [ImageSummary] {
        let stored = try await withCancellationFlag { flag throws(BackendError) in
            try storing { () throws(StoreError) in
                try store.images(
                    detail: query.withSizes ? .sizes : .records, cancelled: { flag.isCancelled })
            }
        }
        let names = stored.map(\.entry.listName)
        var order: [ListPlace] = []
        order.reserveCapacity(stored.count)
        for index in stored.indices where stored[index].record?.isImage ?? true {
            order.append(ListPlace(stored[index], index: index))
        }
        order.sort { left, right in
            if left.seconds != right.seconds { return left.seconds > right.seconds }
            if left.nanoseconds != right.nanoseconds { return left.nanoseconds > right.nanoseconds }
            let (leftName, rightName) = (names[left.index], names[right.index])
            if leftName != rightName {
                if leftName.isEmpty || rightName.isEmpty { return rightName.isEmpty }
                return leftName < rightName
            }
            return (stored[left.index].record?.idText ?? "") < (stored[right.index].record?.idText ?? "")
        }
        guard query.reference != nil || !query.filters.isEmpty else {
            return order.map { ImageSummary(stored[$0.index]) }
        }
        let listed = order.map { ListedImage(summary: ImageSummary(stored[$0.index]), moment: $0.moment) }
        let conditions = try ImageConditions(query, among: listed)
        return listed.filter(conditions.match).map(\.summary)
    }

    /// The rows of the store with the images they stand for, without sizes.
    func rows() throws(BackendError) -> [ImageRow] {
        let stored = try storing { () throws(StoreError) in try store.images(detail: .records) }
        // A row that cannot be read has no Id; its digest stands for it, so that it can be removed.
        return stored.map { ImageRow(entry: $0.entry, id: $0.record?.id ?? $0.entry.digest) }
    }
}

/// One image of the list, with what it is chosen by.
private struct ListedImage {
    let summary: ImageSummary
    let moment: Timestamp?
}

/// Where an image comes in the list: newest first, then by name; images without a name behind those with one, by Id.
private struct ListPlace {
    let seconds: Int64
    let nanoseconds: Int64
    let index: Int

    init(_ image: StoredImage, index: Int) {
        let moment = image.record?.created.flatMap { Timestamp($0) }
        seconds = moment?.seconds ?? .min
        nanoseconds = moment?.nanoseconds ?? 0
        self.index = index
    }

    var moment: Timestamp? {
        seconds == .min ? nil : Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    }
}

extension StoreEntry {
    /// The familiar name, found without parsing: lists compare many of them.
    fileprivate var listName: Substring {
        let name = fullName ?? name ?? ""
        for prefix in ["docker.io/library/", "docker.io/"] where name.utf8.starts(with: prefix.utf8) {
            return Substring(name.utf8.dropFirst(prefix.utf8.count))
        }
        return name[...]
    }
}

extension ImageSummary {
    fileprivate init(_ stored: StoredImage) {
        let entry = stored.entry
        self.init(
            names: [entry.fullName, entry.name].compactMap { $0 }, digest: entry.digest,
            id: stored.record?.id ?? entry.digest, created: stored.record?.created, size: stored.size,
            sharedSize: stored.sharedSize,
            platform: stored.record?.platform ?? Platform(os: "unknown", architecture: "unknown"),
            labels: stored.record?.labels ?? [], lastPulled: entry.lastPulled)
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

    init(_ query: ImageQuery, among images: [ListedImage]) throws(BackendError) {
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
    }

    func match(_ image: ListedImage) -> Bool {
        if let before, (image.moment ?? Timestamp(seconds: .min)) >= before { return false }
        if let until, (image.moment ?? Timestamp(seconds: .min)) > until { return false }
        if let since, (image.moment ?? Timestamp(seconds: .min)) <= since { return false }
        if !references.isEmpty {
            guard let reference = image.summary.reference else { return false }
            if !references.contains(where: { ImageFilter.matches($0, reference) }) { return false }
        }
        return others.allSatisfy { holds($0, image.summary) }
    }

    private func holds(_ filter: ImageFilter, _ image: ImageSummary) -> Bool {
        func has(_ key: String, _ value: String?) -> Bool {
            image.labels.contains { $0.key == key && (value == nil || $0.value == value) }
        }
        switch filter {
        case .dangling(let wanted): return image.isDangling == wanted
        case .label(let key, let value): return has(key, value)
        case .notLabel(let key, let value): return !has(key, value)
        case .before, .since, .reference, .until: return true
        }
    }

    private static func moment(of name: String, _ images: [ListedImage]) throws(BackendError) -> Timestamp {
        let rows = images.map { image in
            ImageRow(
                entry: StoreEntry(
                    digest: image.summary.digest, mediaType: .ociManifest, size: 0,
                    name: image.summary.names.first), id: image.summary.id)
        }
        let match = try ImageMatch(name, in: rows)
        return images.first { $0.summary.id == match.id }?.moment ?? Timestamp(seconds: .min)
    }
}
