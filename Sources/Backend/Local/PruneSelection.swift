import OCI
import Store

/// A row of the store's index with what pruning asks of its image.
struct PrunableRow: Sendable {
    let row: ImageRow
    /// Go's zero time where the image does not say.
    let created: Timestamp
    let labels: [(key: String, value: String)]

    init(_ image: StoredImage) {
        row = ImageRow(entry: image.entry, id: image.record?.id ?? image.entry.digest)
        created = image.record?.created.flatMap { Timestamp($0) } ?? Timestamp(seconds: .min)
        labels = image.record?.labels ?? []
    }

    func has(_ key: String, _ value: String?) -> Bool {
        labels.contains { $0.key == key && (value == nil || value == $0.value) }
    }

    var isTagged: Bool { row.name != nil && row.entry.reference?.digest == nil }
}

/// Which rows pruning takes, as Docker decides it (moby `daemon/images/image_prune.go`): labels must all hold, images
/// made at the moment of `until` are old enough.
struct PruneSelection {
    private let request: PruneRequest

    /// Throws a usage error for two `until`, and for a condition that pruning does not know.
    init(_ request: PruneRequest) throws(BackendError) {
        self.request = request
        var untils = 0
        for filter in request.filters {
            switch filter {
            case .until: untils += 1
            case .label, .notLabel, .dangling: break
            case .reference(let pattern): try PruneSelection.check(pattern)
            case .before, .since:
                throw BackendError(
                    .usage, "prune has no filters before and since", hint: "until=2024-01-31 takes what is older")
            }
        }
        guard untils <= 1 else {
            throw BackendError(.usage, "more than one until filter specified", hint: "the earlier one says it all")
        }
        for pattern in request.keptReferences { try PruneSelection.check(pattern) }
    }

    private static func check(_ pattern: String) throws(BackendError) {
        guard GlobPattern.isValid(pattern) else {
            throw BackendError(
                .usage, "syntax error in pattern: \"\(pattern.prefix(200))\"",
                hint: "`[` begins a set such as [a-z]; `\\[` is the character itself")
        }
    }

    /// The rows that go, in the order of the index.
    func rows(among rows: [PrunableRow]) -> [PrunableRow] {
        let patterns = request.filters.compactMap { filter -> String? in
            if case .reference(let pattern) = filter { pattern } else { nil }
        }
        let tagged = request.isDockers ? Set(rows.filter(\.isTagged).map(\.row.id)) : []
        return rows.filter { row in
            let isDangling = request.isDockers ? !tagged.contains(row.row.id) : row.row.name == nil
            guard request.all || isDangling, request.filters.allSatisfy({ holds($0, row) }), !hasAllExcluded(row) else {
                return false
            }
            if patterns.isEmpty && request.keptReferences.isEmpty { return true }
            guard let reference = row.row.entry.reference else { return patterns.isEmpty }
            return (patterns.isEmpty || patterns.contains { ImageFilter.matches($0, reference) })
                && !request.keptReferences.contains { ImageFilter.matches($0, reference) }
        }
    }

    /// Of several `label!` Docker keeps what has all of them; dsh keeps what has any.
    private func hasAllExcluded(_ row: PrunableRow) -> Bool {
        var excluded = false
        for case .notLabel(let key, let value) in request.filters where request.isDockers {
            guard row.has(key, value) else { return false }
            excluded = true
        }
        return excluded
    }

    private func holds(_ filter: ImageFilter, _ row: PrunableRow) -> Bool {
        switch filter {
        case .label(let key, let value): return row.has(key, value)
        case .notLabel(let key, let value): return request.isDockers || !row.has(key, value)
        case .until(let moment): return row.created <= moment
        case .dangling(let wanted): return !wanted || row.row.name == nil
        case .reference, .before, .since: return true
        }
    }

    /// The rows that a plan names. Throws `conflict` where one is gone or points to something else.
    static func planned(_ plan: [PruneStep], among rows: [PrunableRow]) throws(BackendError) -> [PrunableRow] {
        var byName: [String: PrunableRow] = [:]
        var dangling: [Digest: PrunableRow] = [:]
        for row in rows {
            if let name = row.row.name { byName[name] = row } else { dangling[row.row.entry.digest] = row }
        }
        var taken: [PrunableRow] = []
        for step in plan where step.kind == .reference {
            let row = byName[step.subject] ?? step.digest.flatMap { dangling[$0] }
            guard let row, row.row.id == step.id, row.row.entry.digest == step.digest else {
                throw changed(
                    row == nil
                        ? "\(step.subject) is no longer here" : "\(step.subject) is another image than when it was made"
                )
            }
            taken.append(row)
        }
        // A dangling image has no name to be taken away: its deletion is all that the plan says.
        for step in plan where step.kind == .image {
            guard let digest = step.digest, let row = dangling[digest], row.row.id == step.id else { continue }
            taken.append(row)
        }
        return taken
    }

    /// Throws `conflict` unless pruning now does what the plan says, no more and no less.
    static func compare(_ steps: [PruneStep], with plan: [PruneStep]) throws(BackendError) {
        func marks(_ steps: [PruneStep]) -> Set<String> {
            Set(steps.map { "\($0.kind.rawValue) \($0.subject) \($0.id?.description ?? "")" })
        }
        let (now, then) = (marks(steps), marks(plan))
        if let step = plan.first(where: { !now.contains(marks([$0]).first ?? "") }) {
            throw changed("the \(step.kind.rawValue) \(step.subject) would stay now")
        }
        if let step = steps.first(where: { !then.contains(marks([$0]).first ?? "") }) {
            throw changed("the \(step.kind.rawValue) \(step.subject) would go, too")
        }
    }

    private static func changed(_ what: String) -> BackendError {
        BackendError(
            .conflict, "the store has changed since the plan was made: \(what)",
            hint: "nothing was removed; make a new plan with `prune --dry-run`")
    }
}
