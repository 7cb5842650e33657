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
            not stop the others; all failures are told at the end. A source that has no tag which fits is noted, and no failure.
            Where nobody takes the records any more, as behind `| take 3`, nothing more is begun, and what is left is an error.

            What has its digest in the target is taken for whole. --check also asks there for every manifest that an index lists,
            one HEAD each, and sends again what someone deleted below it: for a run now and then rather than every night. So is
            --referrers, which asks for what refers to each image of an index.

            With one SOURCE, TARGET is the repository to copy to. With several, or from the pipe, TARGET is a registry or a path
            on one, below which each repository keeps its own path; records with Source and Target say both themselves. A source
            with a tag is that tag alone, and may have another one in the target. Where two sources go to one tag with other
            digests, the second is a conflict and is not copied, whatever becomes of the first.

            --delete takes away the tags of the target that the source has no more, after asking (--yes answers beforehand). Where
            a registry deletes manifests alone, such a tag is pointed to an index of nothing first, and goes with that: no other
            tag goes along.
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
    @Option(help: "only tags that fit a pattern of `*`, `?` and sets as `[0-9]` or `[^a-z]`") package var match: String?
    @Option(help: "only tags that are versions in a range, as '^1.2' or '>=1.25 <2'") package var semver: String?
    @Option(help: "only the K-th of N parts, as 3/8") package var shard: String?
    @Flag(help: "delete tags of the target that the source does not have; asks first") package var delete = false
    @Flag(name: [.short, .long], help: "do not ask before deleting") package var yes = false
    @Flag(help: "also what refers to the images: signatures, SBOMs, attestations") package var referrers = false
    @Flag(help: "also ask the target for the parts of indexes that it has") package var check = false
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
        for word in image { try SyncRun.checkIsOfRegistry(word) }
        if delete, context.input == nil { try checkDeletes() }
        let work = try WorkList(image, context, command: "sync", several: true)
        let options = TransferOptions(
            referrers: referrers, concurrency: jobs, dryRun: dryRun, checksParts: check)
        let registries = context.registries.with(try transport.choice())
        let progress: any CountDisplay = quiet ? NoCount() : context.session.counts("tags")
        defer { progress.finish() }
        let report = TransferReport(command: "sync", things: "tags")
        let run = SyncRun(
            work: work, isDirect: context.input == nil && image.count == 2, selection: selection,
            registries: registries, deletes: delete, report: report, progress: progress)
        do {
            try await registries.withTransfers(options, events: SilentTransfer()) { transfers in
                try await SideBySide(width: RegistryBackend.requestsAtOnce).runToEnd(
                    next: run.next,
                    stop: {
                        report.end()
                        work.stop()
                        transfers.cancel()
                    },
                    work: { (unit: SyncRun.Unit) in
                        (unit, await result { try await transfers.copy(.registry(unit.source), to: unit.target) })
                    },
                    take: { (unit: SyncRun.Unit, outcome: Result<TransferResult, any Error>) in
                        progress.add(1)
                        switch outcome {
                        case .success(let copied):
                            try await report.succeeded(
                                copied, with: unit.hosts, record: Sync.record(copied), emit: context.emit)
                        case .failure(let error):
                            try report.failed(
                                error, about: unit.word, naming: (unit.source.familiar, unit.target.familiar))
                        }
                    })
            }
        } catch {
            progress.finish()
            var rest: [String] = []
            let surplus = delete && !run.isIncomplete ? run.surplusTags.count : 0
            if surplus > 0 { rest.append("\(surplus) not deleted") }
            if run.mayHaveMore { rest.append("and sources that were not listed yet") }
            throw report.ended(by: error, in: context, rest: rest, isPlan: dryRun)
        }
        progress.finish()
        if let text = run.unfit.note(match: match, semver: semver) { context.session.note(text) }
        if delete {
            let single = run.singleSources
            if !single.isEmpty {
                let names = single.prefix(5).joined(separator: ", ") + (single.count > 5 ? ", …" : "")
                context.session.note("nothing is deleted on account of \(names): --delete is for whole repositories")
            }
            do { try await remove(run, registries, context) } catch { throw report.joined(to: error) }
        }
        try report.throwFailures()
    }

    /// Throws a usage error where every source is one image.
    private func checkDeletes() throws {
        let sources = try image.dropLast().map { (word: $0, reference: try parseReference($0)) }
        guard let first = sources.first, sources.allSatisfy({ $0.reference.tag != nil || $0.reference.digest != nil })
        else { return }
        throw ShellError(
            .usage, "--delete takes whole repositories, and \(first.word) is one image",
            hint: "without its tag every other tag of the target goes that the source has not; --match limits both")
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
            let console = context.session.console
            let answer: String
            do {
                answer = try await console.ask("Delete \(surplus.count) tags (\(names))? [y/N] ") ?? ""
            } catch var error as ShellError where error.code == .unsupported {
                error.hint = "--yes answers beforehand, --dry-run tells what would be deleted"
                throw error
            }
            guard ["y", "yes"].contains(answer.lowercased().filter { !$0.isWhitespace }) else {
                context.session.note("nothing is deleted")
                return
            }
        }
        let isPlan = dryRun
        let deleted = Mutex(0)
        do {
            try await registries.remove(surplus, alone: true, dryRun: dryRun) { removal in
                deleted.withLock { $0 += 1 }
                try await context.emit([
                    "Source": .null, "Reference": .string(removal.reference.familiar),
                    "Digest": .string(removal.digest.description), "MediaType": .null, "Size": .null,
                    "Sent": .number(0), "Manifests": .null, "Status": isPlan ? "to_delete" : "deleted",
                ])
            }
        } catch {
            var error = error
            let done = deleted.withLock { $0 }
            if error.code == .interrupted, !isPlan, done < surplus.count {
                throw context.cutShort(by: error, "sync: \(done) of \(surplus.count) tags deleted")
            }
            Sync.name(&error)
            for place in error.others.indices { Sync.name(&error.others[place]) }
            throw error
        }
    }

    /// Every failure names its tag.
    private static func name(_ error: inout BackendError) {
        if let tag = error.argument { error.message = "\(tag): \(error.message)" }
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
