package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell
import Synchronization

/// `sync SOURCE… TARGET`: makes repositories of one registry what they are in another.
package struct Sync: Command {
    package static let declaration = CommandDeclaration(
        name: "sync", category: .registries, summary: "mirror repositories from one registry to another",
        discussion: """
            Every tag of each source that --match and --semver take is copied, if the target has another digest for it or none:
            both are asked with HEAD, and what is the same costs no more. Run again it goes on where it was. A tag that fails does
            not stop the others; all failures are told at the end.

            With one SOURCE, TARGET is the repository to copy to. With several, or from the pipe, TARGET is a registry or a path
            on one, below which each repository keeps its own path; records with Source and Target say both themselves. A source
            with a tag is that tag alone.

            --delete takes away the tags of the target that the source has no more, after asking (--yes answers beforehand).
            --shard K/N does the K-th of N parts, by a hash of each repository:tag: N machines that run the same line with
            K from 1 to N copy everything once.
            """,
        arguments: .remoteImage, input: .values,
        result: ResultShape(
            .stream,
            TransferRecord.fields.filter { $0.name != "Status" && $0.name != "Blobs" } + [
                Field(
                    "Status", .text, "copied, up_to_date or deleted; planned or to_delete with --dry-run",
                    column: "STATUS")
            ]),
        examples: [
            Example("sync --dry-run nginx registry.example.com/mirror/nginx", "what would change"),
            Example("sync --semver '>=1.25' nginx registry.example.com/mirror/nginx", "a range of versions"),
            Example("catalog ghcr.io | sync --shard 3/8 registry.example.com/ghcr", "one of eight machines' part"),
        ])

    @Argument(help: "repositories to copy from, and where to; the latter alone where sources are piped in")
    package var image: [String] = []
    @Option(help: "only tags that fit a pattern: `*` and `?` stand for any characters") package var match: String?
    @Option(help: "only tags that are versions in a range, as '^1.2' or '>=1.25 <2'") package var semver: String?
    @Option(help: "only the K-th of N parts, as 3/8") package var shard: String?
    @Flag(help: "delete tags of the target that the source does not have; asks first") package var delete = false
    @Flag(name: [.short, .long], help: "do not ask before deleting") package var yes = false
    @Flag(help: "also what refers to the images: signatures, SBOMs, attestations") package var referrers = false
    @Flag(name: [.short, .long], help: "show no progress") package var quiet = false
    @Flag(help: "change nothing; say what would change") package var dryRun = false
    @Option(name: [.short, .customLong("jobs")], help: "layers to copy at once (default 4)") package var jobs = 4
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try checkJobs(jobs)
        if let match, !GlobPattern.isValid(match) {
            throw ShellError(.usage, "--match takes a pattern, and \(match) is none", hint: "as in --match '1.2?-*'")
        }
        let selection = TagSelection(
            match: match, semver: semver, shard: try shard.map(Shard.init), filters: context.session.filters)
        // A range that is none is said before anything is asked of a registry.
        do { _ = try await selection.chosen(["1.0.0"]) } catch let error where !(error is CancellationError) {
            throw ShellError(
                .usage, "--semver takes a range of versions, and \(semver ?? "") is none",
                hint: "as in --semver '>=1.25 <2'")
        }
        let work = try WorkList(image, context, command: "sync", several: true)
        let options = TransferOptions(referrers: referrers, concurrency: jobs, dryRun: dryRun)
        let registries = context.registries.with(try transport.choice())
        let progress: any CountDisplay = quiet ? NoCount() : context.session.counts("tags")
        defer { progress.finish() }
        let run = SyncRun(
            work: work, isDirect: context.input == nil && image.count == 2, selection: selection,
            registries: registries, deletes: delete)
        try await registries.withTransfers(options, events: SilentTransfer()) { transfers in
            try await SideBySide(width: RegistryBackend.requestsAtOnce).run(
                next: run.next, stop: work.stop,
                work: { (unit: SyncRun.Unit) in
                    (unit, await result { try await transfers.copy(.registry(unit.source), to: unit.target) })
                },
                take: { (unit: SyncRun.Unit, outcome: Result<TransferResult, any Error>) in
                    progress.add(1)
                    switch outcome {
                    case .success(let copied):
                        run.failures.succeeded()
                        try await context.emit(Sync.record(copied))
                    case .failure(let error): try run.failures.add(error, about: unit.source.familiar)
                    }
                })
        }
        if delete { try await remove(run, registries, context) }
        try run.failures.throwAny()
    }

    private func remove(_ run: SyncRun, _ registries: RegistryBackend, _ context: CommandContext) async throws {
        let surplus = run.surplusTags
        guard !surplus.isEmpty else { return }
        guard !run.isIncomplete else {
            context.session.note("nothing is deleted: not every source could be listed")
            return
        }
        if !yes, !dryRun {
            let names = surplus.prefix(5).map(\.familiar).joined(separator: ", ") + (surplus.count > 5 ? ", …" : "")
            let answer: String
            do {
                answer = try await context.session.console.ask("Delete \(surplus.count) tags (\(names))? [y/N] ") ?? ""
            } catch var error as ShellError where error.code == .unsupported {
                error.hint = "--yes answers beforehand, --dry-run tells what would be deleted"
                throw error
            }
            guard ["y", "yes"].contains(answer.lowercased()) else { return }
        }
        let isPlan = dryRun
        do {
            try await registries.remove(surplus, force: false, dryRun: dryRun) { removal in
                // A manifest takes all its tags along, each of which was to be deleted.
                for tag in [removal.reference] + (removal.isByDigest == true ? removal.others : []) {
                    try await context.emit([
                        "Source": .null, "Reference": .string(tag.familiar),
                        "Digest": .string(removal.digest.description), "MediaType": .null, "Size": .null,
                        "Sent": .number(0), "Manifests": .number(0), "Status": isPlan ? "to_delete" : "deleted",
                    ])
                }
            }
        } catch {
            var error = error
            Sync.explain(&error)
            for place in error.others.indices { Sync.explain(&error.others[place]) }
            throw error
        }
    }

    /// A tag that cannot go without others that are wanted is no reason to force anything.
    private static func explain(_ error: inout BackendError) {
        guard error.code == .conflict else { return }
        error.hint =
            "the registry deletes manifests, not tags: this tag stays as long as a wanted one shares its manifest"
    }

    private static func record(_ result: TransferResult) -> JSONValue {
        guard var object = TransferRecord.json(result).objectValue else { return .null }
        let status = object["Status"]
        object["Blobs"] = nil
        object["Status"] = nil
        object["Status"] = status
        return .object(object)
    }
}

/// One run of `sync`: which tags there are to be looked at, one after the other.
private final class SyncRun: Sendable {
    struct Unit: Sendable {
        let source: Reference
        let target: Reference
    }

    let failures = PartialFailures()
    /// Tags of targets that a source of theirs does not have, and those that another one has: several sources may go to one
    /// target.
    private let surplus = Mutex<[Reference]>([])
    private let kept = Mutex<Set<Reference>>([])
    private let failedLists = Atomic<Int>(0)
    private let work: WorkList
    private let isDirect: Bool
    private let selection: TagSelection
    private let registries: RegistryBackend
    private let deletes: Bool
    private let waiting = Mutex<ArraySlice<Unit>>([])

    init(work: WorkList, isDirect: Bool, selection: TagSelection, registries: RegistryBackend, deletes: Bool) {
        self.work = work
        self.isDirect = isDirect
        self.selection = selection
        self.registries = registries
        self.deletes = deletes
    }

    /// The next tag. A repository that cannot be listed is a failure among others, and nothing of its target is deleted.
    @Sendable func next() async throws -> Unit? {
        while true {
            if let unit = waiting.withLock({ $0.popFirst() }) { return unit }
            guard let pair = try await work.next() else { return nil }
            do {
                let units = try await units(pair)
                waiting.withLock { $0 = units[...] }
            } catch {
                failedLists.add(1, ordering: .relaxed)
                try failures.add(error, about: pair.source)
            }
        }
    }

    /// What may be deleted, each once.
    var surplusTags: [Reference] {
        let kept = kept.withLock { $0 }
        var seen: Set<Reference> = []
        return surplus.withLock { $0 }.filter { !kept.contains($0) && seen.insert($0).inserted }
    }

    /// A source could not be listed, so that what its target needs is not known.
    var isIncomplete: Bool { failedLists.load(ordering: .relaxed) > 0 }

    /// Whether a tag holds what refers to an image, `sha256-HEX` with or without an ending (distribution-spec, "Referrers
    /// Tag Schema", and cosign): it goes with the image, not with the source's list.
    private static func isReferrersTag(_ tag: String) -> Bool {
        guard tag.hasPrefix("sha256-") else { return false }
        let hex = tag.dropFirst("sha256-".count).prefix { $0 != "." }
        return hex.count == 64 && hex.allSatisfy(\.isHexDigit)
    }

    private func units(_ pair: WorkList.Pair) async throws -> [Unit] {
        let source = try parseReference(pair.source)
        let repository = try target(of: source, pair)
        if source.tag != nil || source.digest != nil {
            let unit = Unit(
                source: source,
                target: Reference(
                    repository: repository.repository, tag: repository.tag ?? source.tag,
                    digest: repository.tag == nil && source.tag == nil ? source.digest : nil))
            if deletes { _ = kept.withLock { $0.insert(unit.target) } }
            if let tag = source.tag, try await selection.chosen([tag]).isEmpty { return [] }
            return selection.isInShard(source) ? [unit] : []
        }
        let all = try await registries.tags(source.repository)
        let wanted = try await selection.chosen(all).filter {
            selection.isInShard(Reference(repository: source.repository, tag: $0))
        }
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
        return wanted.map { tag in
            Unit(
                source: Reference(repository: source.repository, tag: tag),
                target: Reference(repository: repository.repository, tag: tag))
        }
    }

    private func target(of source: Reference, _ pair: WorkList.Pair) throws -> Reference {
        if isDirect || pair.namesTarget { return try parseReference(pair.target) }
        let base = pair.target.hasSuffix("/") ? String(pair.target.dropLast()) : pair.target
        return try parseReference(base + "/" + source.repository.path)
    }
}

/// The K-th of N parts.
struct Shard: Sendable, Equatable {
    let number: Int
    let count: Int

    /// Parses `K/N`. Throws a usage error.
    init(_ text: String) throws(ShellError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], (1...10_000).contains(count),
            (1...count).contains(number)
        else {
            throw ShellError(
                .usage, "--shard takes K/N with K from 1 to N, not \(text)",
                hint: "as in --shard 3/8: the third of eight")
        }
        self.number = number
        self.count = count
    }

    /// Whether a name is of this part: by its SHA-256, so that every machine and version of dsh agrees.
    func contains(_ name: String) -> Bool {
        let start = Digest.of(Array(name.utf8)).hex.prefix(15)
        guard let value = UInt64(start, radix: 16) else { return false }
        return value % UInt64(count) == UInt64(number - 1)
    }
}

/// Which tags are wanted.
struct TagSelection: Sendable {
    let match: String?
    let semver: String?
    let shard: Shard?
    let filters: FilterCache

    /// Those that the options take, in their order. Throws a usage error for a range that is none.
    func chosen(_ tags: [String]) async throws -> [String] {
        let fitting = match.map { pattern in tags.filter { GlobPattern.matches(pattern, $0) } } ?? tags
        guard let semver else { return fitting }
        let found = Mutex<[String]>([])
        try await filters.evaluate(
            "map(select(semver_match($range)))", input: .array(fitting.map(JSONValue.string)),
            variables: ["range": .string(semver)]
        ) { value in found.withLock { $0 = value.arrayValue?.compactMap(\.stringValue) ?? [] } }
        return found.withLock { $0 }
    }

    func isInShard(_ reference: Reference) -> Bool { shard?.contains(reference.canonical) ?? true }
}
