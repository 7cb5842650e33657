import Glibc
import Layers
import OCI
import Registry
import Store
import Synchronization
import Threads

extension LocalBackend {
    package func pull(
        _ request: PullRequest, events: any PullEvents, onResult: @Sendable (PullResult) async throws -> Void
    ) async throws(BackendError) {
        let client = try client(request.transport)
        try await withCancellationFlag { flag throws(BackendError) in
            var request = request
            if request.allTags { request.references = try await allTags(of: request.references, client) }
            let facts = LayerFactsQueue(store: store)
            // Configs come the same way, and so may anything an artifact is made of.
            let arrived: @Sendable (Descriptor) -> Void = { if $0.mediaType.isLayer { facts.add($0) } }
            defer { facts.stop() }
            let fetcher = BlobFetcher(
                store: store, registry: client, concurrency: request.concurrency, cancellation: flag, events: events,
                arrived: arrived)
            let pull = ImagePull(
                store: store, registry: client, fetcher: fetcher, events: events, request: request,
                flag: flag,
                lease: request.dryRun ? nil : try storing { () throws(StoreError) in try store.beginLease() })
            defer { pull.lease?.release() }
            try await pull.run(onResult: onResult)
        }
    }

    private func allTags(of references: [Reference], _ client: RegistryClient) async throws(BackendError) -> [Reference]
    {
        var all: [Reference] = []
        for reference in references {
            let tags: [String]
            do throws(RegistryError) { tags = try await client.tags(reference.repository) } catch {
                throw BackendError(error)
            }
            all += tags.sorted().map { Reference(repository: reference.repository, tag: $0) }
        }
        return all
    }
}

/// The images of one pull, fetched side by side over one set of threads.
private struct ImagePull: Sendable {
    /// How many images are resolved at once: enough to hide the round trips, few enough for any registry.
    static let imagesAtOnce = 4

    let store: Store
    let registry: RegistryClient
    let fetcher: BlobFetcher
    let events: any PullEvents
    let request: PullRequest
    let flag: CancellationFlag
    let lease: Lease?

    /// Results come in the order of the references, each as soon as it and those before it are done.
    func run(onResult: @Sendable (PullResult) async throws -> Void) async throws(BackendError) {
        var failures: [BackendError] = []
        var next = 0
        var ready: [Int: Result<PullResult, BackendError>] = [:]
        await withTaskGroup(of: (Int, Result<PullResult, BackendError>).self) { group in
            var started = 0
            func start() {
                guard started < request.references.count else { return }
                let index = started
                started += 1
                group.addTask { (index, await one(request.references[index])) }
            }
            for _ in 0..<ImagePull.imagesAtOnce { start() }
            while let (index, result) = await group.next() {
                ready[index] = result.mapError { $0.about(request.references[index].familiar) }
                if !flag.isCancelled { start() }
                while let result = ready.removeValue(forKey: next) {
                    next += 1
                    switch result {
                    case .success(let image):
                        do { try await onResult(image) } catch {
                            flag.cancel()
                            failures.append(.interrupted)
                        }
                    case .failure(let error): failures.append(error)
                    }
                }
            }
        }
        if flag.isCancelled { throw .interrupted }
        if var first = failures.first {
            first.others = Array(failures.dropFirst())
            throw first
        }
    }

    private func one(_ reference: Reference) async -> Result<PullResult, BackendError> {
        if flag.isCancelled { return .failure(.interrupted) }
        do throws(BackendError) { return .success(try await pull(reference)) } catch { return .failure(error) }
    }

    private func pull(_ reference: Reference) async throws(BackendError) -> PullResult {
        let root = try await manifest(reference)
        let manifests = try await imageManifests(of: root, reference)
        guard let shown = manifests.first else { throw BackendError(.corrupt, "\(reference) has no image manifest") }
        if request.dryRun { return try planned(reference, root: root.descriptor, manifests: manifests) }
        let known = try storing { () throws(StoreError) in try store.entry(named: reference) }
        let blobs = manifests.flatMap { [$0.config] + $0.layers }
        try storing { () throws(StoreError) in
            try lease?.protect([root.descriptor.digest] + manifests.map(\.digest) + blobs.map(\.digest))
        }
        events.resolved(
            PullPlan(
                reference: reference, isKnown: store.hasBlob(shown.config.digest),
                layers: shown.layers.map { .init(digest: $0.digest, isHere: store.hasBlob($0.digest, size: $0.size)) }))
        var layers: [Digest: PullResult.Layer] = [:]
        let downloaded = try await fetch(
            manifests, from: BlobSource(repository: reference.repository, endpoint: root.endpoint), into: &layers)
        try storing { () throws(StoreError) in
            for manifest in manifests { try store.writeBlob(manifest.bytes, digest: manifest.digest) }
            try store.writeBlob(root.bytes, digest: root.descriptor.digest)
        }
        let config = try config(shown)
        if request.verify { try await verify(manifests) }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let moment = Timestamp(seconds: Int64(now.tv_sec)).rfc3339
        try storing { () throws(StoreError) in
            _ = try store.setReferences(
                [ReferenceUpdate(reference: reference, descriptor: root.descriptor, lastPulled: moment)],
                cancelled: { flag.isCancelled })
        }
        let isNew = known?.digest != root.descriptor.digest || downloaded > 0
        return PullResult(
            reference: reference, digest: root.descriptor.digest, id: shown.config.digest, platform: config.platform,
            status: isNew ? .downloaded : .upToDate, size: shown.contentSize,
            downloaded: downloaded, layers: shown.layers.compactMap { layers[$0.digest] })
    }

    // MARK: Manifests

    private struct Root: Sendable {
        let descriptor: Descriptor
        let bytes: [UInt8]
        /// Who served it; nil for one out of the store.
        let endpoint: RegistryEndpoint?
    }

    /// What the registry has for a reference: out of the store where a HEAD shows that it is the same as before, which
    /// does not count as a pull at registries that limit them.
    private func manifest(_ reference: Reference) async throws(BackendError) -> Root {
        if let digest = try await knownDigest(reference), let size = store.blobSize(digest),
            let bytes = try? store.readBlob(digest, limit: Manifest.maximumBytes),
            Digest.of(bytes, algorithm: digest.algorithm) == digest,
            let type = mediaType(of: bytes)
        {
            return Root(
                descriptor: Descriptor(mediaType: type, digest: digest, size: size), bytes: bytes, endpoint: nil)
        }
        do throws(RegistryError) {
            let fetched = try await registry.manifest(reference)
            return Root(
                descriptor: Descriptor(
                    mediaType: fetched.mediaType, digest: fetched.digest, size: Int64(fetched.bytes.count)),
                bytes: fetched.bytes, endpoint: fetched.endpoint)
        } catch { throw BackendError(error) }
    }

    /// The digest to look for in the store before asking the registry for a document.
    private func knownDigest(_ reference: Reference) async throws(BackendError) -> Digest? {
        if let digest = reference.digest { return digest }
        guard try storing({ () throws(StoreError) in try store.entry(named: reference) }) != nil else { return nil }
        // A registry that does not answer HEAD well is asked with GET, which tells what is wrong.
        do throws(RegistryError) { return try await registry.head(reference).digest } catch { return nil }
    }

    private func mediaType(of bytes: [UInt8]) -> MediaType? {
        if let manifest = try? Manifest(bytes: bytes) { return manifest.mediaType }
        return (try? Index(bytes: bytes))?.mediaType
    }

    /// The image manifests wanted of what a reference points to: one, or with `allPlatforms` all.
    private func imageManifests(of root: Root, _ reference: Reference) async throws(BackendError) -> [Manifest] {
        guard root.descriptor.mediaType.isIndex else {
            let manifest = try parsed { () throws(ManifestError) in
                try Manifest(bytes: root.bytes, mediaType: root.descriptor.mediaType, digest: root.descriptor.digest)
            }
            if request.platform != nil { try await check(manifest, reference, root.endpoint) }
            return [manifest]
        }
        let index = try parsed { () throws(ManifestError) in
            try Index(bytes: root.bytes, mediaType: root.descriptor.mediaType, digest: root.descriptor.digest)
        }
        // Attestations belong to the whole: without them the index cannot be pushed again.
        let children =
            request.allPlatforms
            ? index.images + index.manifests.filter { $0.mediaType.isManifest && !$0.isImageManifest }
            : [try parsed { () throws(ManifestError) in try index.select(request.platform ?? .host) }]
        var manifests: [Manifest] = []
        for child in children where child.mediaType.isManifest {
            let fetched = try await manifest(Reference(repository: reference.repository, digest: child.digest))
            manifests.append(
                try parsed { () throws(ManifestError) in
                    try Manifest(bytes: fetched.bytes, mediaType: child.mediaType, digest: child.digest)
                })
        }
        return manifests
    }

    /// A single image has no choice of platforms: say so when it is not the one that was asked for.
    private func check(
        _ manifest: Manifest, _ reference: Reference, _ endpoint: RegistryEndpoint?
    ) async throws(BackendError) {
        guard manifest.isImage, let wanted = request.platform, !request.dryRun else { return }
        try storing { () throws(StoreError) in try lease?.protect([manifest.config.digest]) }
        let source = BlobSource(repository: reference.repository, endpoint: endpoint)
        _ = try await fetcher.fetch(manifest.config, from: source, label: "config")
        let platform = try config(manifest).platform
        guard wanted.bestMatch(in: [platform]) != nil else {
            throw BackendError(
                .noMatchingPlatform,
                "image with reference \(reference) was found but its platform (\(platform)) does not match the specified platform (\(wanted))",
                hint: "available: \(platform)")
        }
    }

    private func parsed<Value>(_ body: () throws(ManifestError) -> Value) throws(BackendError) -> Value {
        do { return try body() } catch { throw BackendError(error) }
    }

    private func config(_ manifest: Manifest) throws(BackendError) -> ImageConfig {
        try store.config(of: manifest)
    }

    // MARK: Blobs

    /// Fetches what is missing of `manifests`; how many bytes came. The first failure is thrown when all have ended.
    private func fetch(
        _ manifests: [Manifest], from source: BlobSource, into layers: inout [Digest: PullResult.Layer]
    ) async throws(BackendError) -> Int64 {
        var wanted: [(Descriptor, String)] = []
        var seen: Set<Digest> = []
        for manifest in manifests {
            if seen.insert(manifest.config.digest).inserted { wanted.append((manifest.config, "config")) }
            for layer in manifest.layers where seen.insert(layer.digest).inserted {
                if layer.mediaType.isForeignLayer {
                    layers[layer.digest] = PullResult.Layer(digest: layer.digest, size: layer.size, status: "foreign")
                } else {
                    wanted.append((layer, layer.digest.short))
                }
            }
        }
        var downloaded: Int64 = 0
        var failure: BackendError?
        let outcomes = await withTaskGroup(of: (Descriptor, Result<BlobFetcher.Outcome, BackendError>).self) { group in
            for (descriptor, label) in wanted {
                group.addTask {
                    do throws(BackendError) {
                        return (descriptor, .success(try await fetcher.fetch(descriptor, from: source, label: label)))
                    } catch { return (descriptor, .failure(error)) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (descriptor, outcome) in outcomes {
            switch outcome {
            case .success(let blob):
                downloaded += blob.downloaded
                layers[descriptor.digest] = PullResult.Layer(
                    digest: descriptor.digest, size: descriptor.size, status: blob.existed ? "exists" : "fetched")
            case .failure(let error): failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return downloaded
    }

    private func planned(
        _ reference: Reference, root: Descriptor, manifests: [Manifest]
    ) throws(BackendError) -> PullResult {
        let shown = manifests[0]
        let layers = shown.layers.map { layer in
            let here = store.hasBlob(layer.digest, size: layer.size)
            let status = layer.mediaType.isForeignLayer ? "foreign" : here ? "exists" : "missing"
            return PullResult.Layer(digest: layer.digest, size: layer.size, status: status)
        }
        let known = try storing { () throws(StoreError) in try store.entry(named: reference) }
        let complete = known?.digest == root.digest && layers.allSatisfy { $0.status != "missing" }
        return PullResult(
            reference: reference, digest: root.digest, id: shown.config.digest,
            platform: request.platform ?? .host, status: complete ? .upToDate : .planned,
            size: shown.contentSize, downloaded: 0, layers: layers)
    }

    /// Unpacks every layer once, or finds that this was done, and compares it with the config's diff_ids.
    private func verify(_ manifests: [Manifest]) async throws(BackendError) {
        for manifest in manifests where manifest.isImage {
            let diffIDs = try config(manifest).diffIDs
            let layers = manifest.layers.filter { $0.mediaType.isLayer && !$0.mediaType.isForeignLayer }
            let facts = store.layerFacts(for: layers, cancelled: { flag.isCancelled })
            for (layer, diffID) in zip(manifest.layers, diffIDs) {
                guard let answer = facts[layer.digest] else { continue }
                let fact: LayerFacts
                do throws(StoreError) { fact = try answer.get() } catch { throw BackendError(error) }
                guard fact.diffID == diffID else {
                    throw BackendError(
                        .digestMismatch,
                        "layer \(layer.digest) unpacks to \(fact.diffID), and the image says \(diffID)",
                        hint: "the image was built or copied wrongly; nothing of it was kept under a name")
                }
            }
        }
    }
}
