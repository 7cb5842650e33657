package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `push REFERENCE…`: puts images of the store into their registries.
package struct Push: Command {
    package static let declaration = CommandDeclaration(
        name: "push", category: .registries, summary: "put images of the store into their registries",
        discussion: """
            Layers that the registry has are not sent, those that it has in another repository are mounted, and the others go
            side by side, each going on where it was after a failure. The manifest comes last, so that a name never points to
            half an image. Its bytes and with them the digest stay the same.

            A multi-platform image is pushed with all its platforms. `pull` takes one of them alone: fetch the others first
            (`pull --all-platforms`), or push one with --platform.
            """,
        arguments: .localImage, input: .references, needs: "image", result: TransferRecord.shape,
        examples: [
            Example("push --dry-run myuser/my-app:v2.0", "what would be sent"),
            Example("push -a myuser/my-app | {Reference, Digest}", "every tag of a repository that is here"),
            Example("images ci/* | push | .Digest", "everything of one kind"),
        ])

    @Argument(help: "images to push; no tag means latest") package var reference: [String] = []
    @Flag(name: [.short, .long], help: "every tag of the repositories that is here") package var allTags = false
    @Option(help: "only this platform of a multi-platform image, as linux/arm64") package var platform: String?
    @Flag(name: [.short, .long], help: "show no progress") package var quiet = false
    @Flag(help: "send nothing; say what would be sent") package var dryRun = false
    @Option(name: [.short, .customLong("jobs")], help: "layers to send at once (default 4)") package var jobs = 4
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try checkJobs(jobs)
        let words = try context.words(reference, command: "push")
        let options = TransferOptions(
            platform: try platform.map(parsePlatform), concurrency: jobs, dryRun: dryRun)
        let registries = context.registries.with(try transport.choice())
        let display = quiet || dryRun ? nil : context.session.pullEvents()
        defer { display?.finish() }
        let allTags = allTags
        try await registries.withTransfers(options, events: display ?? SilentTransfer()) { transfers in
            try await context.forEachWordManyValues(of: words, width: imagesAtOnce) { word in
                let parsed = try parseReference(word)
                guard allTags else { return [TransferRecord.json(try await transfers.push(parsed.taggedDefault))] }
                guard parsed.tag == nil, parsed.digest == nil else {
                    throw ShellError(
                        .usage, "tag can't be used with --all-tags/-a", hint: "name the repository alone")
                }
                let names = try transfers.names(of: parsed.repository)
                guard !names.isEmpty else {
                    throw ShellError(
                        .notFound, "the store has no image of the repository \(parsed.repository.familiar)",
                        hint: "`images` lists what is here")
                }
                var rows: [JSONValue] = []
                for name in names { rows.append(TransferRecord.json(try await transfers.push(name))) }
                return rows
            }
        }
    }
}
