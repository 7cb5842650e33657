package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell
import Synchronization

/// `tags REPOSITORY…`: the tags that registries have.
package struct Tags: Command {
    package static let declaration = CommandDeclaration(
        name: "tags", category: .registries, summary: "list the tags of repositories in their registries",
        discussion: """
            One record for each tag. Tags that are no versions come first, as text, then versions by their numbers, as
            `semver_sort` has them; --order registry keeps the registry's order. A tag or digest in a reference is passed over,
            and a repository that comes twice is listed once.

            --detail asks for each tag what it points to now (HEAD), and reads manifests and configs that were not read before:
            what is known stays in a cache, so that a second run only asks for digests. Of a multi-platform image Created and
            Size are those of this machine's platform. Records come as soon as they are known. A tag that cannot be read does
            not stop the others.
            """,
        arguments: .remoteImage, input: .references, needs: "repository", result: shape(detail: false),
        examples: [
            Example("tags nginx", "all of a repository"),
            Example("tags nginx | select(.Tag | semver_match(\"^1.25\")) | .Reference", "versions in a range"),
            Example("tags --detail --match '1*' nginx | {Tag, Created, Size}", "what is behind some of them"),
            Example("catalog ghcr.io | tags | .Reference", "of all repositories of a registry"),
        ])

    @Argument(help: "repositories") package var repository: [String] = []
    @Flag(name: [.short, .long], help: "what each tag points to: digest, creation, size, platforms")
    package var detail = false
    @Option(help: "only tags that fit a pattern of `*`, `?` and sets as `[0-9]` or `[^a-z]`") package var match: String?
    @Option(help: "version, name or registry (default version)") package var order: Order = .version
    @Option(name: [.short, .customLong("jobs")], help: "tags to ask for at once (default 16)")
    package var jobs = RegistryBackend.requestsAtOnce
    @OptionGroup package var transport: TransportOptions

    /// How the tags of a repository are ordered.
    package enum Order: String, ExpressibleByArgument, CaseIterable, Sendable {
        case version, name, registry
    }

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard (1...64).contains(jobs) else { throw ShellError(.usage, "--jobs takes 1 to 64, not \(jobs)") }
        if let match, !GlobPattern.isValid(match) {
            throw ShellError(.usage, "--match takes a pattern, and \(match) is none", hint: "as in --match '1.2?-*'")
        }
        if detail { context.view.shape = Tags.shape(detail: true) }
        let words = try context.words(repository, command: "tags", of: "repository")
        let listing = TagListing(
            command: self, context: context, registries: context.registries.with(try transport.choice()))
        try await listing.run(words)
    }

    fileprivate func chosen(_ tags: [String]) -> [String] {
        let wanted = match.map { pattern in tags.filter { GlobPattern.matches(pattern, $0) } } ?? tags
        switch order {
        case .version: return wanted.sortedAsTags()
        case .name: return wanted.sorted()
        case .registry: return wanted
        }
    }

    private static func shape(detail: Bool) -> ResultShape {
        ResultShape(
            .stream,
            [
                Field("Reference", .text, "repository:tag", column: "REFERENCE"),
                Field("Repository", .text, "familiar name of the repository"),
                Field("Tag", .text, "the tag"),
                Field(
                    "Digest", .digest, "--detail: of the manifest or index", column: detail ? "DIGEST" : nil),
                Field("Created", .time, "--detail: when it was made, RFC 3339", column: detail ? "CREATED" : nil),
                Field(
                    "Size", .bytes, "--detail: bytes of config and layers as the registry has them",
                    column: detail ? "SIZE" : nil),
                Field(
                    "Platforms", .list, "--detail: os/architecture[/variant] each", column: detail ? "PLATFORMS" : nil),
                Field("MediaType", .text, "--detail: of the manifest or index"),
            ])
    }
}

/// The tags of a repository that are wanted. References are made of them one by one: there may be very many.
private struct TagList: Sendable {
    let repository: Repository
    let tags: [String]

    func reference(_ tag: String) -> Reference { Reference(repository: repository, tag: tag) }
}

/// One run of `tags`: lists of repositories, and behind them what their tags point to.
private final class TagListing: Sendable {
    let command: Tags
    let context: CommandContext
    let registries: RegistryBackend
    let failures = PartialFailures()
    let seen = Mutex<Set<Repository>>([])

    init(command: Tags, context: CommandContext, registries: RegistryBackend) {
        self.command = command
        self.context = context
        self.registries = registries
    }

    func run(_ words: CommandContext.Words) async throws {
        let progress = context.session.counts("tags")
        defer { progress.finish() }
        do {
            if command.detail {
                try await details(words, progress)
            } else {
                try await lists(words) { list in
                    progress.add(list.tags.count)
                    for tag in list.tags { try await context.emit(Tags.record(list.reference(tag))) }
                }
            }
        } catch { throw failures.joined(to: error) }
        try failures.throwAny()
    }

    /// Reads the lists, a few at a time, and hands over each in the order of the words.
    private func lists(
        _ words: CommandContext.Words, take: (TagList) async throws -> Void
    ) async throws {
        try await SideBySide(width: RegistryBackend.listsAtOnce).run(
            next: words.next, stop: words.stop,
            work: { [self] word in (word, await result { try await list(word) }) },
            take: { (word: String, list: Result<TagList?, any Error>) in
                switch list {
                case .success(let list):
                    failures.succeeded()
                    if let list { try await take(list) }
                case .failure(let error): try failures.add(error, about: word)
                }
            })
    }

    /// nil for a repository that was listed already.
    private func list(_ word: String) async throws -> TagList? {
        let repository = try parseRemoteReference(word).repository
        guard seen.withLock({ $0.insert(repository).inserted }) else { return nil }
        let tags = try await registries.tags(repository)
        if tags.isEmpty { context.session.note("\(repository.familiar) has no tags") }
        return TagList(repository: repository, tags: command.chosen(tags))
    }

    /// The lists feed a channel that holds a few references, and those are looked up side by side.
    private func details(_ words: CommandContext.Words, _ progress: any CountDisplay) async throws {
        let channel = Channel<Reference>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                do {
                    try await lists(words) { list in
                        progress.expect(list.tags.count)
                        for tag in list.tags where await channel.send(list.reference(tag)) == false {
                            throw CancellationError()
                        }
                    }
                    channel.finish(.success(()))
                } catch {
                    channel.finish(.failure(error))
                }
            }
            defer {
                channel.close()
                group.cancelAll()
            }
            try await SideBySide(width: command.jobs).run(
                next: { try await channel.next() }, stop: channel.close,
                work: { [self] reference in (reference, await result { try await detail(reference) }) },
                take: { (reference: Reference, record: Result<JSONValue, any Error>) in
                    progress.add(1)
                    switch record {
                    case .success(let record):
                        failures.succeeded()
                        try await context.emit(record)
                    case .failure(let error): try failures.add(error, about: reference.familiar)
                    }
                })
        }
    }

    private func detail(_ reference: Reference) async throws -> JSONValue {
        let image = try await registries.image(reference)
        var record = Tags.record(reference).objectValue ?? JSONObject()
        let created = image.config?.created ?? image.manifest.annotations["org.opencontainers.image.created"]
        record["Digest"] = .string(image.root.digest.description)
        record["Created"] = created.map(JSONValue.string) ?? .null
        record["Size"] = .number(Double(image.manifest.contentSize))
        record["Platforms"] = .array(image.platforms.map { .string($0.description) })
        record["MediaType"] = .string(image.root.mediaType.rawValue)
        return .object(record)
    }
}

extension Tags {
    fileprivate static func record(_ reference: Reference) -> JSONValue {
        [
            "Reference": .string(reference.familiar), "Repository": .string(reference.repository.familiar),
            "Tag": .string(reference.tag ?? ""),
        ]
    }
}
