import Backend
import OCI
import Shell

/// `docker push`, `docker image push`.
enum DockerPush {
    static let command = DockerCommand(
        paths: ["push", "image push"], usage: "[OPTIONS] NAME[:TAG]", summary: "Upload an image to a registry",
        aliases: "docker image push, docker push",
        flags: [
            .bool("all-tags", "a", "Push all tags of an image to the repository"),
            .bool("disable-content-trust", nil, "Skip image signing", isOn: true),
            .string(
                "platform", nil,
                "Push a platform-specific manifest as a single-platform image to the registry.\nImage index won't be pushed, meaning that other manifests, including attestations won't be preserved.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)"
            ),
            .bool("quiet", "q", "Suppress verbose output"),
        ], arguments: .exactly(1), names: .localImage,
        plain: { $0.plain("push", leavingOut: ["disable-content-trust"]) }, run: run)

    /// So many layers are sent at once by the engine: the others wait.
    private static let atOnce = 5

    @Sendable private static func run(_ call: DockerCall) async throws {
        let (all, quiet) = (call.words.isOn("all-tags"), call.words.isOn("quiet"))
        let given: Reference
        do throws(ReferenceError) { given = try Reference(call.arguments[0]) } catch {
            throw DockerFailure.reference(error)
        }
        let isPlain = given.tag == nil && given.digest == nil
        if all, !isPlain { throw DockerFailure.error("tag can't be used with --all-tags/-a", code: .usage) }
        if given.digest != nil {
            throw DockerFailure.error("cannot push a digest reference", code: .usage)
        }
        if isPlain, !all, !quiet { try await call.out("Using default tag: latest\n") }
        let registries = call.context.registries
        let options = TransferOptions()
        let names =
            all
            ? try await registries.withTransfers(options, events: SilentTransfer()) {
                try $0.names(of: given.repository)
            } : [given.taggedDefault]
        if !quiet { try await call.out("The push refers to repository [\(given.repository.canonical)]\n") }
        guard !names.isEmpty else {
            throw DockerFailure.error(
                "An image does not exist locally with the tag: \(given.repository.familiar)", code: .notFound)
        }
        for name in names { try await push(name, registries, quiet: quiet, call) }
        if quiet { try await call.out("\((all ? given : given.taggedDefault).canonical)\n") }
    }

    private static func push(
        _ name: Reference, _ registries: RegistryBackend, quiet: Bool, _ call: DockerCall
    ) async throws {
        let wanted = try call.words.string("platform").map(parsePlatform)
        guard let local = try registries.localLayers(of: name, platform: wanted) else {
            let others = try await registries.withTransfers(TransferOptions(), events: SilentTransfer()) {
                try $0.names(of: name.repository)
            }
            // The engine looks for the repository first, and then for the tag.
            throw DockerFailure.error(
                others.isEmpty
                    ? "An image does not exist locally with the tag: \(name.repository.familiar)"
                    : "tag does not exist: \(name.familiar)", code: .notFound)
        }
        // The engine has one platform of an index, and pushes that; of a whole one all goes.
        let options = TransferOptions(platform: wanted ?? (local.isWhole ? nil : .host), concurrency: atOnce)
        let layers = Array(local.layers.reversed())
        // The engine looks whether there is a registry before it prepares anything; the push itself says what is wrong.
        var isPreparing = !quiet
        if !quiet {
            do throws(BackendError) { _ = try await registries.find(name) } catch {
                isPreparing = error.code != .network && error.code != .timeout
            }
        }
        if isPreparing {
            for layer in layers { try await call.out("\(layer.diffID.short): Preparing\n") }
            for layer in layers.dropFirst(atOnce) { try await call.out("\(layer.diffID.short): Waiting\n") }
        }
        let display = !quiet && call.session.console.showsOutput ? call.session.pullEvents() : nil
        let result: TransferResult
        do {
            defer { display?.finish() }
            result = try await registries.withTransfers(options, events: display ?? SilentTransfer()) {
                try await $0.push(name)
            }
        } catch let error as BackendError {
            guard error.code != .interrupted else { throw error }
            // What fails while layers are on their way comes with the progress, and not as the engine's response.
            throw DockerFailure.error(
                worded(error, name.repository.registry), code: ShellError.Code(rawValue: error.code.rawValue))
        }
        call.meaning.add(TransferRecord.json(result))
        if quiet { return }
        for layer in layers {
            let blob = result.blobs.first { $0.digest == layer.digest }
            let status =
                switch blob?.status {
                case "uploaded": "Pushed"
                case "mounted": "Mounted from \(blob?.mountedFrom ?? "another repository")"
                case "foreign": "Skipped foreign layer"
                default: "Layer already exists"
                }
            try await call.out("\(layer.diffID.short): \(status)\n")
        }
        try await call.out("\(name.tag ?? "latest"): digest: \(result.digest) size: \(result.manifestSize)\n")
    }

    /// The registry's refusals as the engine words them.
    private static func worded(_ error: BackendError, _ registry: String) -> String {
        switch error.code {
        case .denied: "denied: requested access to the resource is denied"
        case .unauthorized: "unauthorized: authentication required"
        case .unsupported: "unsupported: The operation is unsupported."
        default: DockerFailure.dialText(error.message, registry: registry) ?? error.message
        }
    }
}
