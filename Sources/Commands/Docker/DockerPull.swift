import Backend
import OCI
import Shell
import Synchronization

/// `docker pull`, `docker image pull`.
enum DockerPull {
    static let command = DockerCommand(
        paths: ["pull", "image pull"], usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
        summary: "Download an image from a registry", aliases: "docker image pull, docker pull",
        flags: [
            .bool("all-tags", "a", "Download all tagged images in the repository"),
            .bool("disable-content-trust", nil, "Skip image verification", isOn: true),
            .string("platform", nil, "Set platform if server is multi-platform capable"),
            .bool("quiet", "q", "Suppress verbose output"),
        ], arguments: .exactly(1), names: .remoteImage,
        plain: { $0.plain("pull", leavingOut: ["disable-content-trust"]) },
        failure: { error, words in DockerFailure.fromEngine(worded(error, words)) }, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let words = call.words
        let (all, quiet) = (words.isOn("all-tags"), words.isOn("quiet"))
        let given: Reference
        do throws(ReferenceError) { given = try Reference(call.arguments[0]) } catch {
            throw DockerFailure.reference(error)
        }
        let isPlain = given.tag == nil && given.digest == nil
        if all, !isPlain { throw DockerFailure.error("tag can't be used with --all-tags/-a", code: .usage) }
        let reference = all ? given : given.taggedDefault
        if isPlain, !all, !quiet { try await call.out("Using default tag: latest\n") }
        if given.repository.canonical == "docker.io/library/scratch" {
            throw DockerFailure.error("Error response from daemon: 'scratch' is a reserved name", code: .usage)
        }
        let references = try await references(reference, all: all, call)
        // The engine keeps the digest with every tag that it pulls, so that it may be known without a name of its own.
        let isKnown = reference.digest != nil ? await isKnown(reference, call) : false
        var isNew = false
        for reference in references {
            let request = PullRequest(references: [reference], platform: try platform(call))
            let pulled: PullResult?
            do { pulled = try await pull(request, quiet: quiet, call) } catch let error as BackendError {
                // What fails behind the manifest comes with the progress, and not as the engine's response.
                guard error.code == .noMatchingPlatform else { throw error }
                if !quiet { try await call.out(heading(reference)) }
                throw DockerFailure.error(
                    worded(error, words).message, code: ShellError.Code(rawValue: error.code.rawValue))
            }
            guard let result = pulled else { continue }
            call.meaning.add(result.json)
            isNew = isNew || result.status == .downloaded && !isKnown
            if !quiet { try await call.out("Digest: \(result.digest)\n") }
        }
        if !quiet {
            let status = isNew ? "Downloaded newer image for" : "Image is up to date for"
            try await call.out("Status: \(status) \(reference.familiar)\n")
        }
        try await call.out("\(reference.canonical)\n")
    }

    private static func isKnown(_ reference: Reference, _ call: DockerCall) async -> Bool {
        (try? await call.context.backend.inspect(reference.canonical, platform: platform(call))) != nil
    }

    static func heading(_ reference: Reference) -> String {
        let name = reference.digest != nil ? reference.familiar : reference.tag ?? "latest"
        return "\(name): Pulling from \(reference.repository.path)\n"
    }

    /// One after the other, as the engine pulls them.
    private static func references(
        _ reference: Reference, all: Bool, _ call: DockerCall
    ) async throws -> [Reference] {
        guard all else { return [reference] }
        let found = Mutex<[Reference]>([])
        let request = PullRequest(references: [reference], platform: try platform(call), allTags: true, dryRun: true)
        try await call.context.backend.pull(request, events: NoEvents()) { result in
            found.withLock { $0.append(result.reference) }
        }
        return found.withLock { $0 }
    }

    /// Throws the engine's words for a platform that is none.
    private static func platform(_ call: DockerCall) throws(ShellError) -> Platform? {
        let environment = call.session.environment["DOCKER_DEFAULT_PLATFORM"] ?? ""
        guard let text = call.words.string("platform") ?? (environment.isEmpty ? nil : environment), !text.isEmpty
        else { return nil }
        do { return try Platform(text) } catch {
            throw DockerFailure.error(
                "Error response from daemon: \(DockerText.quoted(text)): cannot parse platform specifier: invalid argument",
                code: .usage)
        }
    }

    /// Pulls one image, telling of its layers as they come; at a terminal dsh's bars stand there meanwhile.
    private static func pull(
        _ request: PullRequest, quiet: Bool, _ call: DockerCall
    ) async throws -> PullResult? {
        let (lines, source) = AsyncStream<String>.makeStream()
        let isLive = !call.session.console.showsOutput
        let display = !quiet && !isLive ? call.session.pullEvents() : nil
        let events = DockerPullLines(display: display, isLive: isLive) { if !quiet { source.yield($0) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer {
                    display?.finish()
                    events.finish()
                    source.finish()
                }
                try await call.context.backend.pull(request, events: events) { events.result = $0 }
            }
            for await line in lines { try await call.out(line) }
            try await group.waitForAll()
        }
        return events.result
    }

    /// The registry's refusals as the engine words them (moby `distribution/errors.go`).
    private static func worded(_ error: BackendError, _ words: DockerWords) -> BackendError {
        var error = error
        let given = (try? Reference(words.arguments.first ?? ""))?.taggedDefault
        let (name, repository) = (given?.familiar ?? "", given?.repository.familiar ?? "")
        switch error.code {
        case .manifestUnknown: error.message = "manifest for \(name) not found: manifest unknown: manifest unknown"
        case .notFound:
            error.message = "repository \(repository) not found: name unknown: repository name not known to registry"
        case .denied, .unauthorized:
            let cause =
                error.code == .denied
                ? "denied: requested access to the resource is denied" : "unauthorized: authentication required"
            error.message =
                "pull access denied for \(repository), repository does not exist or may require 'docker login': \(cause)"
        case .rateLimited:
            error.message =
                "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit"
        case .noMatchingPlatform where !error.message.hasPrefix("image with reference"):
            error.message =
                "no matching manifest for \(words.string("platform") ?? hostPlatform) in the manifest list entries"
        case .network:
            guard let host = given?.repository.registry else { break }
            error.message = DockerFailure.dialText(error.message, registry: host) ?? error.message
        default: break
        }
        return error
    }
}

private struct NoEvents: PullEvents {
    func report(_ event: PullEvent) {}
}

/// Tells of layers in the lines that Docker's client prints where there is no terminal.
private final class DockerPullLines: PullEvents {
    private struct State {
        var order: [Digest] = []
        var arrived: Set<Digest> = []
        var unpacked = 0
        /// At a terminal: what is left on the screen at the end.
        var final: [String] = []
        var result: PullResult?
    }

    private let state = Mutex(State())
    private let display: (any PullDisplay)?
    /// Whether lines are wanted as things happen, and not only how it ended.
    private let isLive: Bool
    private let write: @Sendable (String) -> Void

    init(display: (any PullDisplay)?, isLive: Bool, write: @escaping @Sendable (String) -> Void) {
        self.display = display
        self.isLive = isLive
        self.write = write
    }

    /// What the pull gave; nil where it gave nothing.
    var result: PullResult? {
        get { state.withLock { $0.result } }
        set { state.withLock { $0.result = newValue } }
    }

    func resolved(_ plan: PullPlan) {
        write(DockerPull.heading(plan.reference))
        if plan.isKnown { return }
        var lines: [String] = []
        var missing: [Digest] = []
        for layer in plan.layers {
            // A layer is there where all below it are, too.
            if layer.isHere, missing.isEmpty {
                lines.append("\(layer.digest.short): Already exists\n")
            } else if !missing.contains(layer.digest) {
                missing.append(layer.digest)
                lines.append("\(layer.digest.short): \(isLive ? "Pulling fs layer" : "Pull complete")\n")
            }
        }
        state.withLock { state in
            state.order = missing
            if isLive {
                // Three are fetched at once.
                lines += missing.dropFirst(3).map { "\($0.short): Waiting\n" }
                for line in lines { write(line) }
            } else {
                state.final = lines
            }
        }
    }

    func report(_ event: PullEvent) {
        display?.report(event)
        guard isLive else { return }
        state.withLock { state in
            guard state.order.contains(event.digest) else { return }
            switch event.state {
            case .verifying: write("\(event.digest.short): Verifying Checksum\n")
            case .done, .exists:
                write("\(event.digest.short): Download complete\n")
                state.arrived.insert(event.digest)
                // Layers are unpacked in order, base first.
                while state.unpacked < state.order.count, state.arrived.contains(state.order[state.unpacked]) {
                    write("\(state.order[state.unpacked].short): Pull complete\n")
                    state.unpacked += 1
                }
            case .waiting, .downloading, .uploading, .resumed, .retrying, .failed: break
            }
        }
    }

    /// The end, whether all came or not.
    func finish() {
        for line in state.withLock({ $0.final }) { write(line) }
    }
}
