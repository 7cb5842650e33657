import Backend
import JSON
import OCI
import Shell
import Synchronization

/// One run of `sync`: which tags there are to be looked at, one after the other.
final class SyncRun: Sendable {
    struct Unit: Sendable {
        let source: Reference
        let target: Reference
        /// What the user called it.
        let word: String
        /// Another source that goes to the same tag, and was named before.
        var rival: Reference?

        var hosts: [String] { [source.repository.registry, target.repository.registry] }
    }

    /// Tags of targets that a source of theirs does not have, and those that another one has: several sources may go to one
    /// target.
    private let surplus = Mutex<[Reference]>([])
    private let kept = Mutex<Set<Reference>>([])
    private let claims = Mutex(Claims())
    private let unfitSources = Mutex(UnfitSources())
    private let failedLists = Atomic<Int>(0)
    /// Lists that were begun, and neither came nor failed.
    private let openLists = Atomic<Int>(0)
    private let single = Mutex<[String]>([])
    private let work: WorkList
    private let isDirect: Bool
    private let selection: TagSelection
    private let registries: RegistryBackend
    private let deletes: Bool
    private let report: TransferReport
    private let progress: any CountDisplay
    private let waiting = Mutex<ArraySlice<Unit>>([])

    init(
        work: WorkList, isDirect: Bool, selection: TagSelection, registries: RegistryBackend, deletes: Bool,
        report: TransferReport, progress: any CountDisplay
    ) {
        self.work = work
        self.isDirect = isDirect
        self.selection = selection
        self.registries = registries
        self.deletes = deletes
        self.report = report
        self.progress = progress
    }

    /// The next tag. A repository that cannot be listed is a failure among others, and nothing of its target is deleted;
    /// what would go to or from a registry that was given up is passed over.
    @Sendable func next() async throws -> Unit? {
        while true {
            if let unit = waiting.withLock({ $0.popFirst() }) {
                if report.skips(unit.hosts) { continue }
                guard let rival = unit.rival else { return unit }
                if try await agrees(unit, with: rival) { return unit }
                progress.add(1)
                continue
            }
            guard let pair = try await work.next() else { return nil }
            var target = pair.target
            openLists.add(1, ordering: .relaxed)
            do {
                let units = try await units(pair, &target)
                report.expect(units.count)
                progress.expect(units.count)
                waiting.withLock { $0 = units[...] }
            } catch {
                failedLists.add(1, ordering: .relaxed)
                try report.failed(error, about: pair.source, naming: (pair.source, target), isList: true)
                if (error as? BackendError)?.code == .interrupted || error is CancellationError { continue }
            }
            openLists.subtract(1, ordering: .relaxed)
        }
    }

    /// Whether a unit has the digest of the source that goes to its tag already. Where it has not, or that source cannot be
    /// asked, it is a failure: what the tag names would be left to chance.
    private func agrees(_ unit: Unit, with rival: Reference) async throws -> Bool {
        let hint = "give each source a target of its own; the source that is named first keeps the tag"
        do {
            let own = try await registries.resolve(unit.source).digest
            let first: Digest
            do throws(BackendError) { first = try await registries.resolve(rival).digest } catch {
                if error.code == .interrupted { throw error }
                var error = error
                error.message = "\(rival.familiar) goes to the same tag and cannot be read: \(error.message)"
                // A registry that is out of reach is counted as such.
                guard error.unreachableRegistry == nil else { throw error }
                throw ShellError(.conflict, error.message, hint: hint)
            }
            if first == own { return true }
            throw ShellError(
                .conflict, "\(rival.familiar) goes to the same tag and has another digest", hint: hint)
        } catch {
            try report.failed(error, about: unit.word, naming: (unit.source.familiar, unit.target.familiar))
            return false
        }
    }

    /// Throws `unsupported` for a place that is no registry's, as `copy` takes them.
    static func checkIsOfRegistry(_ word: String) throws(ShellError) {
        guard let kind = ImageLocation.kind(of: word) else { return }
        throw ShellError(
            .unsupported, "sync takes no \(kind)",
            hint: "sync is between registries; `copy` goes to and from the store, layouts and archives")
    }

    /// What may be deleted, each once.
    var surplusTags: [Reference] {
        let kept = kept.withLock { $0 }
        var seen: Set<Reference> = []
        return surplus.withLock { $0 }.filter { tag in
            !kept.contains(tag) && !report.isGivenUp(tag.repository.registry) && seen.insert(tag).inserted
        }
    }

    /// Whether there are sources, or may be, whose tags are not known.
    var mayHaveMore: Bool { work.mayHaveMore || openLists.load(ordering: .relaxed) > 0 }

    /// Sources that are one image, as they were named, where tags are to be deleted: nothing is on account of those.
    var singleSources: [String] { single.withLock { $0 } }

    /// Which sources had no tag that was wanted.
    var unfit: UnfitSources { unfitSources.withLock { $0 } }

    /// A source could not be listed, so that what its target needs is not known.
    var isIncomplete: Bool { failedLists.load(ordering: .relaxed) > 0 }

    /// Whether a tag holds what refers to an image, `sha256-HEX` with or without an ending (distribution-spec, "Referrers
    /// Tag Schema", and cosign): it goes with the image, not with the source's list.
    private static func isReferrersTag(_ tag: String) -> Bool {
        guard tag.hasPrefix("sha256-") else { return false }
        let hex = tag.dropFirst("sha256-".count).prefix { $0 != "." }
        return hex.count == 64 && hex.allSatisfy(\.isHexDigit)
    }

    /// The tags that a pair stands for. `target` becomes the repository or tag that they go to, once that is known.
    private func units(_ pair: WorkList.Pair, _ target: inout String) async throws -> [Unit] {
        for word in [pair.source, pair.target] { try SyncRun.checkIsOfRegistry(word) }
        let source = try parseReference(pair.source)
        let repository = try self.target(of: source, pair)
        target = repository.familiar
        let isOne = source.tag != nil || source.digest != nil
        guard repository.digest == nil, isOne || repository.tag == nil else {
            throw ShellError(
                .usage, "the target names one image, and the source is a whole repository",
                hint: isOne
                    ? "leave the digest out of the target: it keeps the source's"
                    : "name the source's tag as well, or leave it out of the target: tags keep their names")
        }
        let hosts = [source.repository.registry, repository.repository.registry]
        if report.skips(hosts, isRepository: true) {
            failedLists.add(1, ordering: .relaxed)
            return []
        }
        if isOne {
            var unit = Unit(
                source: source,
                target: Reference(
                    repository: repository.repository, tag: repository.tag ?? source.tag,
                    digest: repository.tag == nil && source.tag == nil ? source.digest : nil),
                word: pair.source)
            if deletes {
                _ = kept.withLock { $0.insert(unit.target) }
                single.withLock { $0.append(pair.source) }
            }
            if let tag = source.tag {
                let isWanted = try await !selection.chosen([tag]).isEmpty
                unfitSources.withLock { $0.add(tag: source, isWanted: isWanted) }
                if !isWanted { return [] }
            }
            unit.rival = rivals(of: source, to: unit.target.repository, [unit.target.tag])[0]
            return selection.isInShard(source) ? [unit] : []
        }
        let all = try await registries.tags(source.repository)
        let chosen = try await selection.chosen(all)
        unfitSources.withLock { $0.add(source.repository, tags: all.count, wanted: chosen.count) }
        // Those of other shards as well: all machines are to see the same rivals.
        let rivals = rivals(of: source, to: repository.repository, chosen)
        if deletes {
            let known = Set(all)
            // A target that does not exist yet has nothing that could be deleted.
            let there = try await registries.tagsIfAny(repository.repository)
            // More often a registry that is ill than one that was emptied.
            guard !all.isEmpty || there.isEmpty else {
                throw ShellError(
                    .conflict, "\(source.repository.familiar) lists no tags: nothing of its mirror is deleted",
                    hint: "`rmi --remote` deletes the tags of \(repository.repository.familiar), if that is meant")
            }
            kept.withLock { kept in
                for tag in all { kept.insert(Reference(repository: repository.repository, tag: tag)) }
            }
            let candidates = there.filter { !known.contains($0) && !SyncRun.isReferrersTag($0) }
            let more = try await selection.chosen(candidates).filter {
                selection.isInShard(Reference(repository: source.repository, tag: $0))
            }
            surplus.withLock { $0 += more.map { Reference(repository: repository.repository, tag: $0) } }
        }
        return zip(chosen, rivals).compactMap { tag, rival in
            let named = Reference(repository: source.repository, tag: tag)
            guard selection.isInShard(named) else { return nil }
            return Unit(
                source: named, target: Reference(repository: repository.repository, tag: tag), word: pair.source,
                rival: rival)
        }
    }

    /// For each tag of a target the other source that has claimed it; `source` claims the rest.
    private func rivals(of source: Reference, to target: Repository, _ tags: [String?]) -> [Reference?] {
        // One source has none.
        guard !isDirect else { return tags.map { _ in nil } }
        return claims.withLock { claims in tags.map { $0.flatMap { claims.rival(of: source, to: target, $0) } } }
    }

    /// Which source each tag of a target comes from: a number for a tag, since there may be very many.
    private struct Claims {
        private var sources: [Reference] = []
        private var owners: [Repository: [String: Int]] = [:]

        mutating func rival(of source: Reference, to target: Repository, _ tag: String) -> Reference? {
            if let owner = owners[target]?[tag] {
                let first = Claims.named(sources[owner], tag)
                return first == Claims.named(source, tag) ? nil : first
            }
            if sources.last != source { sources.append(source) }
            owners[target, default: [:]][tag] = sources.count - 1
            return nil
        }

        /// A source that is a whole repository keeps the tag.
        private static func named(_ source: Reference, _ tag: String) -> Reference {
            source.tag != nil || source.digest != nil ? source : Reference(repository: source.repository, tag: tag)
        }
    }

    private func target(of source: Reference, _ pair: WorkList.Pair) throws -> Reference {
        if isDirect || pair.namesTarget { return try parseReference(pair.target) }
        let base = pair.target.hasSuffix("/") ? String(pair.target.dropLast()) : pair.target
        return try parseReference(base + "/" + source.repository.path)
    }
}
