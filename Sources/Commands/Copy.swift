package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `copy SOURCE TARGET`: between registries, the store, OCI layouts and archives.
package struct Copy: Command {
    package static let declaration = CommandDeclaration(
        name: "copy", category: .registries,
        summary: "copy an image between registries, the store, layouts and archives",
        discussion: """
            From registry to registry layers go through memory a part at a time and never touch the store; within one registry
            they are mounted, and nothing is sent at all. Manifests keep their bytes, so digests are the same on both sides. A
            multi-platform image is copied whole unless --platform picks one of it. With --referrers what refers to it, to the
            images that it lists, and to that in turn comes along.

            SOURCE is a reference, `store:NAME` for an image of the store, `oci:DIRECTORY[:NAME]` for one of an OCI layout, or
            `oci-archive:FILE[:NAME]` or `docker-archive:FILE[:NAME]` for one of an archive, packed or not, which is verified
            whole before anything is sent and does not come into the store. NAME is the image's name, its tag or its digest,
            and can be left out where there is only one.

            TARGET is any of these. A layout is made or added to: only what is missing is written, and an image that had the
            name stays in it without one. What it has of the image already is read and verified, each blob once and as fast as
            its disk is, and written anew where it is damaged. An archive is of this image alone and takes the place of a file
            that is there, once it is whole. A docker-archive is of one platform, this machine's unless --platform says another;
            as `save` does, it unpacks layers packed with zstd. None of these is a stream: `save` and `load` have those. What
            TARGET does not say is the source's: its name, or its tag. A source that has no tag is put into a registry by its
            digest.

            --format converts media types between OCI's and Docker's, of an index with all its children. Then digests change.
            Docker's format has no annotations, attestations and zstd layers: the first two are left out, as Dropped tells,
            and the last is an error.

            With one argument what comes through the pipe is copied: references under their own tags, or records with Source
            and Target.
            """,
        arguments: .remoteImage, input: .values,
        result: ResultShape(
            .stream,
            TransferRecord.fields + [Field("Dropped", .list, "what --format docker has no place for, a line each")]),
        examples: [
            Example("copy nginx:1.25 registry.example.com/mirror/nginx", "the same tag"),
            Example("copy --referrers ghcr.io/owner/app:1.2 registry.example.com/app:1.2", "signatures too"),
            Example("copy store:myuser/my-app:v2.0 registry.example.com/app:2.0", "what is in the store"),
            Example("copy docker-archive:from-docker.tar registry.example.com/app:2.0", "without loading it"),
            Example("copy nginx:1.25 oci:layout", "into an OCI layout, under its tag"),
            Example("copy --platform linux/amd64 nginx:1.25 docker-archive:nginx.tar", "for docker load"),
            Example("copy --format oci store:myuser/my-app:v2.0 oci-archive:app.tar:2.0", "with OCI's media types"),
            Example("tags nginx | copy registry.example.com/mirror/nginx | .Reference", "every tag"),
        ])

    @Argument(help: "what to copy, and where to; the latter alone where sources are piped in")
    package var image: [String] = []
    @Option(help: "only this platform of a multi-platform image, as linux/arm64") package var platform: String?
    @Flag(help: "every platform: what is done anyway") package var allPlatforms = false
    @Flag(help: "also what refers to the image: signatures, SBOMs, attestations") package var referrers = false
    @Option(help: "convert media types: oci or docker") package var format: CopyFormat?
    @Flag(name: [.short, .long], help: "show no progress") package var quiet = false
    @Flag(help: "copy nothing; say what would be copied") package var dryRun = false
    @Option(name: [.short, .customLong("jobs")], help: "layers to copy at once (default 4)") package var jobs = 4
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try checkJobs(jobs)
        guard platform == nil || !allPlatforms else {
            throw ShellError(
                .usage, "--platform and --all-platforms cannot be used together",
                hint: "say which platform, or take all of them")
        }
        guard format == nil || !referrers else {
            throw ShellError(
                .usage, "--format and --referrers cannot be used together",
                hint: "what refers to an image names its digest, which --format changes")
        }
        let pairs = try WorkList(image, context, command: "copy")
        let options = TransferOptions(
            platform: try platform.map(parsePlatform), referrers: referrers, concurrency: jobs, dryRun: dryRun,
            format: format?.format)
        let registries = context.registries.with(try transport.choice())
        let display = quiet || dryRun ? nil : context.session.pullEvents()
        defer { display?.finish() }
        let report = TransferReport(command: "copy", things: "images")
        let isStream = context.input != nil
        do {
            try await registries.withTransfers(options, events: display ?? SilentTransfer()) { transfers in
                try await SideBySide(width: imagesAtOnce).runToEnd(
                    next: {
                        let pair = try await pairs.next()
                        if pair != nil { report.expect(1) }
                        return pair
                    },
                    stop: {
                        report.end()
                        pairs.stop()
                        transfers.cancel()
                    },
                    work: { pair in
                        (
                            pair,
                            await result { () async throws in
                                let source = try ImageLocation.source(pair.source)
                                let target = try ImageLocation.target(pair.target)
                                return try await transfers.copy(source, to: target)
                            }
                        )
                    },
                    take: { (pair: WorkList.Pair, outcome: Result<TransferResult, any Error>) in
                        switch outcome {
                        case .success(let copied):
                            try await report.succeeded(copied, record: Copy.record(copied), emit: context.emit)
                        case .failure(let error):
                            // The line says itself which one it is, where it is only one.
                            try report.failed(
                                error, about: pair.source, naming: isStream ? (pair.source, pair.target) : nil)
                        }
                    })
            }
        } catch {
            display?.finish()
            throw report.ended(
                by: error, in: context, rest: pairs.mayHaveMore ? ["and what was not read yet"] : [], isPlan: dryRun,
                isTold: isStream)
        }
        try report.throwFailures()
    }

    private static func record(_ result: TransferResult) -> JSONValue {
        guard var object = TransferRecord.json(result).objectValue else { return .null }
        object["Dropped"] = .array(result.dropped.map(JSONValue.string))
        return .object(object)
    }
}

/// `--format` of `copy`.
package enum CopyFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case oci, docker

    fileprivate var format: ImageFormat {
        switch self {
        case .oci: .oci
        case .docker: .docker
        }
    }
}
