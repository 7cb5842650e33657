package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `pull REFERENCE…`: fetches images from their registries into the store.
package struct Pull: Command {
    package static let declaration = CommandDeclaration(
        name: "pull", category: .images, summary: "fetch images from registries into the store",
        discussion: """
            Layers are fetched several at a time, each only once, and what an earlier attempt left is taken up again. Every
            digest is compared before anything is visible. With several references a failed one does not stop the others.
            """,
        arguments: .remoteImage, input: .references, needs: "image",
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "the name it was pulled under", column: "REFERENCE"),
                Field("Digest", .digest, "what the registry serves for the tag", column: "DIGEST"),
                Field("Id", .digest, "digest of the image's config"),
                Field("Platform", .text, "os/architecture[/variant]", column: "PLATFORM"),
                Field("Status", .text, "downloaded, up_to_date, or planned (--dry-run)", column: "STATUS"),
                Field("Size", .bytes, "bytes of config and layers as the registry has them", column: "SIZE"),
                Field("Downloaded", .bytes, "bytes that came over the network", column: "DOWNLOADED"),
                Field("Layers", .list, "{Digest, Size, Status} each; Status is fetched, exists, missing or foreign"),
            ]),
        examples: [
            Example("pull nginx:1.25", "one image"),
            Example("pull --platform linux/arm64 nginx", "for another machine"),
            Example("pull nginx:alpine node:20-alpine | .Reference", "several, and only their names"),
        ])

    @Argument(help: "images to fetch; no tag means latest") package var reference: [String] = []
    @Option(help: "platform to take from a multi-platform image, as linux/arm64") package var platform: String?
    @Flag(name: [.short, .long], help: "every tag of the repositories") package var allTags = false
    @Flag(help: "every platform of a multi-platform image") package var allPlatforms = false
    @Flag(name: [.short, .long], help: "show no progress") package var quiet = false
    @Flag(help: "wait until every layer is unpacked once and compared with its diff_id") package var verify = false
    @Flag(help: "fetch nothing; say what would be fetched") package var dryRun = false
    @Option(
        name: [.short, .customLong("jobs")], parsing: .unconditional,
        help: "layers to fetch at once (default 3, as Docker)")
    package var jobs = 3
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.requiredReferences(reference, command: "pull")
        var references: [Reference] = []
        for name in names {
            let parsed = try parseReference(name)
            if allTags, parsed.tag != nil || parsed.digest != nil {
                throw ShellError(.usage, "tag can't be used with --all-tags/-a", hint: "name the repository alone")
            }
            references.append(allTags ? parsed : parsed.taggedDefault)
        }
        guard platform == nil || !allPlatforms else {
            throw ShellError(
                .usage, "--platform and --all-platforms cannot be used together",
                hint: "say which platform, or take all of them")
        }
        guard (1...32).contains(jobs) else { throw ShellError(.usage, "--jobs takes 1 to 32, not \(jobs)") }
        let wanted =
            platform ?? context.session.environment["DOCKER_DEFAULT_PLATFORM"].flatMap { $0.isEmpty ? nil : $0 }
        let request = PullRequest(
            references: references, platform: try wanted.map(parsePlatform), allTags: allTags,
            allPlatforms: allPlatforms, verify: verify, concurrency: jobs, dryRun: dryRun,
            transport: try transport.choice())
        let display = quiet || dryRun ? nil : context.session.pullEvents()
        defer { display?.finish() }
        do {
            try await context.backend.pull(request, events: display ?? SilentPull()) { result in
                try await context.emit(result.json)
            }
        } catch {
            // The backend names a reference in full; the user's word for it is what the caret goes below.
            let given = Dictionary(zip(references.map(\.familiar), names)) { first, _ in first }
            throw ShellError(error).named { given[$0] ?? $0 }
        }
    }
}

private struct SilentPull: PullEvents {
    func report(_ event: PullEvent) {}
}

extension PullResult {
    /// The result as `pull` declares it.
    var json: JSONValue {
        var object = JSONObject()
        object["Reference"] = .string(reference.familiar)
        object["Digest"] = .string(digest.description)
        object["Id"] = .string(id.description)
        object["Platform"] = .string(platform.description)
        object["Status"] = .string(status.rawValue)
        object["Size"] = .number(Double(size))
        object["Downloaded"] = .number(Double(downloaded))
        object["Layers"] = .array(
            layers.map { layer in
                [
                    "Digest": .string(layer.digest.description), "Size": .number(Double(layer.size)),
                    "Status": .string(layer.status),
                ]
            })
        return .object(object)
    }
}
