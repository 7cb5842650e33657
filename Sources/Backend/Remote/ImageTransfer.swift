import OCI
import Registry
import Store
import Synchronization
import Threads

/// Puts images into registries: blobs first and side by side, then manifests, then the name.
struct ImageTransfer: Sendable {
    let client: RegistryClient
    let options: TransferOptions
    let events: any PullEvents
    let flag: CancellationFlag
    let slots: TransferSlots
    /// Blobs that several images share are sent once.
    let uploads: UploadFlights

    init(client: RegistryClient, options: TransferOptions, events: any PullEvents, flag: CancellationFlag) {
        self.client = client
        self.options = options
        self.events = events
        self.flag = flag
        slots = TransferSlots(options.concurrency)
        uploads = UploadFlights()
    }

    /// Indexes may hold indexes; deeper than this they surely hold themselves.
    private static let deepest = 4

    /// One manifest with all that is below it, in the order in which it has to come.
    struct Tree: Sendable {
        struct Document: Sendable {
            let descriptor: Descriptor
            let bytes: [UInt8]
        }

        /// Children before those that name them; the root is the last.
        var documents: [Document] = []
        var blobs: [Descriptor] = []
        /// Of an index, but not where it comes from.
        var absent: [Descriptor] = []
        var size: Int64 = 0
        fileprivate var seen: Set<Digest> = []

        fileprivate mutating func add(_ blob: Descriptor) {
            guard seen.insert(blob.digest).inserted else { return }
            blobs.append(blob)
            size = size.addingReportingOverflow(blob.size).partialValue
        }
    }

    /// Copies what `root` is to `target`, whose tag (or digest) it then has. `source` is what messages call it.
    ///
    /// Throws `not_found` where part of an index is nowhere, `no_matching_platform`, what uploads throw, `interrupted`.
    func copy(
        _ root: Descriptor, from origin: any ImageOrigin, to target: Reference, source: String
    ) async throws(BackendError) -> TransferResult {
        let chosen = try await platformManifest(of: root, from: origin, source)
        let name =
            target.tag == nil
            ? Reference(repository: target.repository, digest: chosen.digest)
            : Reference(repository: target.repository, tag: target.tag)
        if let wanted = target.digest, wanted != chosen.digest {
            throw BackendError(
                .digestMismatch, "\(source) is \(chosen.digest), and not \(wanted)",
                hint: "leave the digest out of the target: it keeps the source's")
        }
        var result = TransferResult(
            source: source, reference: name, digest: chosen.digest, mediaType: chosen.mediaType, status: .copied,
            manifestSize: chosen.size,
            size: nil, sent: 0, manifests: 0, blobs: [])
        let there = try await digest(at: name)
        if there == chosen.digest {
            result.status = .upToDate
        } else if !options.dryRun, name.tag != nil, try await isThere(chosen, in: name.repository),
            let bytes = try await origin.document(chosen)
        {
            // A registry has nothing without what it is made of: only the name is missing.
            result.manifests = 1
            try await put(Tree.Document(descriptor: chosen, bytes: bytes), as: name)
        } else {
            try await copyTree(chosen, from: origin, to: name, &result)
        }
        if options.referrers { try await copyReferrers(of: chosen.digest, from: origin, to: name, &result) }
        return result
    }

    private func copyTree(
        _ root: Descriptor, from origin: any ImageOrigin, to name: Reference, _ result: inout TransferResult
    ) async throws(BackendError) {
        var tree = Tree()
        try await gather(root, from: origin, to: name.repository, into: &tree, depth: 0)
        try await checkAbsent(tree, from: origin, name.repository, result.source)
        result.size = (result.size ?? 0).addingReportingOverflow(tree.size).partialValue
        result.manifests += tree.documents.count
        guard !options.dryRun else {
            if result.status == .copied { result.status = .planned }
            result.blobs += try await plan(tree.blobs, from: origin, to: name.repository)
            return
        }
        let (sent, blobs) = try await send(tree.blobs, from: origin, to: name.repository)
        result.sent += sent
        result.blobs += blobs
        for (place, document) in tree.documents.enumerated() {
            let isRoot = place == tree.documents.count - 1
            let reference =
                isRoot ? name : Reference(repository: name.repository, digest: document.descriptor.digest)
            // Two who write the same at once may read each other's half: one does, and the other adds its name.
            let key = UploadFlights.Key(digest: document.descriptor.digest, repository: name.repository)
            let outcome = try await uploads.value(key) { () async throws(BackendError) in
                try await put(document, as: reference)
                return UploadOutcome(how: .uploaded, sent: 0)
            }
            if isRoot, outcome.how == .exists { try await put(document, as: reference) }
        }
    }

    private func put(_ document: Tree.Document, as reference: Reference) async throws(BackendError) {
        if flag.isCancelled { throw .interrupted }
        // Whether an image was written is to be known, also of the last one before an interruption.
        try await withGrace(.seconds(1)) { [client] () async throws(BackendError) in
            try await asking { () throws(RegistryError) in
                _ = try await client.putManifest(
                    document.bytes, mediaType: document.descriptor.mediaType, as: reference)
            }
        }
    }

    private func isThere(_ descriptor: Descriptor, in repository: Repository) async throws(BackendError) -> Bool {
        try await digest(at: Reference(repository: repository, digest: descriptor.digest)) == descriptor.digest
    }

    // MARK: What there is

    private func platformManifest(
        of root: Descriptor, from origin: any ImageOrigin, _ source: String
    ) async throws(BackendError) -> Descriptor {
        guard let platform = options.platform else { return root }
        guard let bytes = try await origin.document(root) else { throw absent([root], from: origin, source) }
        guard root.mediaType.isIndex else {
            try await check(bytes, root, platform, origin, source)
            return root
        }
        do throws(ManifestError) {
            let index = try Index(bytes: bytes, mediaType: root.mediaType, digest: root.digest)
            var child = try index.select(platform)
            // As it stands in an index it says more than it is.
            child.annotations = [:]
            child.platform = nil
            return child
        } catch { throw BackendError(error) }
    }

    /// Throws `no_matching_platform` where an image of one platform is for another one.
    private func check(
        _ bytes: [UInt8], _ root: Descriptor, _ platform: Platform, _ origin: any ImageOrigin, _ source: String
    ) async throws(BackendError) {
        guard let manifest = try? Manifest(bytes: bytes, mediaType: root.mediaType, digest: root.digest),
            manifest.isImage, let own = try await origin.platform(of: manifest)
        else { return }
        if platform.bestMatch(in: [own]) == nil {
            throw BackendError(
                .noMatchingPlatform, "\(source) is an image for \(own), not for \(platform)",
                hint: "leave --platform out to take it as it is")
        }
    }

    /// The digest that the target's name has now; nil where it has none.
    private func digest(at name: Reference) async throws(BackendError) -> Digest? {
        do throws(RegistryError) { return try await client.head(name, isTarget: true).digest } catch {
            switch error.reason {
            case .manifestUnknown, .notFound: return nil
            // Who may not look at what does not exist yet may still be allowed to write it.
            case .unauthorized, .denied: return nil
            default: throw BackendError(error)
            }
        }
    }

    private func gather(
        _ descriptor: Descriptor, from origin: any ImageOrigin, to repository: Repository, into tree: inout Tree,
        depth: Int
    ) async throws(BackendError) {
        guard depth < ImageTransfer.deepest else {
            throw BackendError(.corrupt, "the index \(descriptor.digest) is nested too deeply")
        }
        guard tree.seen.insert(descriptor.digest).inserted else { return }
        guard let bytes = try await origin.document(descriptor) else {
            tree.absent.append(descriptor)
            return
        }
        let listed: [Descriptor]
        do throws(ManifestError) {
            if descriptor.mediaType.isIndex {
                listed = try Index(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest).manifests
            } else {
                let manifest = try Manifest(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest)
                listed = [manifest.config] + manifest.layers
            }
        } catch { throw BackendError(error) }
        for child in listed {
            if descriptor.mediaType.isIndex, child.mediaType.isIndex || child.mediaType.isManifest {
                try await gather(child, from: origin, to: repository, into: &tree, depth: depth + 1)
            } else {
                tree.add(child)
            }
        }
        tree.size = tree.size.addingReportingOverflow(Int64(bytes.count)).partialValue
        tree.documents.append(Tree.Document(descriptor: descriptor, bytes: bytes))
    }

    /// What an index lists has to be in the target. What is not here may be there already.
    private func checkAbsent(
        _ tree: Tree, from origin: any ImageOrigin, _ repository: Repository, _ source: String
    ) async throws(BackendError) {
        var missing: [Descriptor] = []
        for child in tree.absent
        where try await digest(at: Reference(repository: repository, digest: child.digest)) == nil {
            missing.append(child)
        }
        if !missing.isEmpty { throw absent(missing, from: origin, source) }
    }

    private func absent(_ missing: [Descriptor], from origin: any ImageOrigin, _ source: String) -> BackendError {
        let names = missing.map { child in
            child.platform.flatMap { $0.isUnknown ? nil : $0.description } ?? child.digest.description
        }
        return BackendError(
            .notFound,
            "\(source) lists \(names.joined(separator: ", ")), which \(names.count == 1 ? "is" : "are") not here",
            hint: origin.hintOnAbsence(of: source))
    }

    // MARK: Blobs

    private func plan(
        _ blobs: [Descriptor], from origin: any ImageOrigin, to repository: Repository
    ) async throws(BackendError) -> [TransferResult.Blob] {
        try await forEach(blobs) { blob throws(BackendError) in
            if blob.mediaType.isForeignLayer { return status(blob, "foreign") }
            let isThere: Bool
            do throws(RegistryError) { isThere = try await client.hasBlob(blob, in: repository) } catch {
                guard error.reason == .notFound else { throw BackendError(error) }
                isThere = false
            }
            if !isThere { try origin.expect(blob) }
            return status(blob, isThere ? "exists" : "missing")
        }
    }

    private func send(
        _ blobs: [Descriptor], from origin: any ImageOrigin, to repository: Repository
    ) async throws(BackendError) -> (sent: Int64, blobs: [TransferResult.Blob]) {
        let outcomes = try await forEach(blobs) { blob throws(BackendError) in
            if blob.mediaType.isForeignLayer { return (Int64(0), status(blob, "foreign")) }
            let outcome = try await uploads.value(UploadFlights.Key(digest: blob.digest, repository: repository)) {
                () async throws(BackendError) in
                try await upload(blob, from: origin, to: repository)
            }
            return (outcome.sent, status(blob, outcome.how.rawValue, outcome.mountedFrom))
        }
        return (outcomes.reduce(0) { $0 + $1.0 }, outcomes.map(\.1))
    }

    private func upload(
        _ blob: Descriptor, from origin: any ImageOrigin, to repository: Repository
    ) async throws(BackendError) -> UploadOutcome {
        let (client, flag, events) = (client, flag, events)
        let label = blob.mediaType.isLayer ? blob.digest.short : "config"
        func report(_ state: PullEvent.State, _ bytes: Int64) {
            events.report(PullEvent(digest: blob.digest, label: label, state: state, bytes: bytes, total: blob.size))
        }
        report(.waiting, 0)
        do throws(BackendError) {
            let outcome = try await slots.run { () async throws(BackendError) in
                try await onOwnThread { () throws(BackendError) in
                    if flag.isCancelled { throw .interrupted }
                    let shown = Mutex<Int64>(0)
                    let heard = UploadEvents(
                        onProgress: { bytes in
                            // The display draws ten times a second; telling it of every piece would only cost.
                            let isDue = shown.withLock { shown in
                                guard bytes < shown || bytes - shown >= 1 << 20 else { return false }
                                shown = bytes
                                return true
                            }
                            guard isDue else { return }
                            events.report(
                                PullEvent(
                                    digest: blob.digest, label: label, state: .uploading, bytes: bytes,
                                    total: blob.size))
                        },
                        onRetry: { error in
                            events.report(
                                PullEvent(
                                    digest: blob.digest, label: label, state: .retrying(error.message), bytes: 0,
                                    total: blob.size))
                        })
                    do throws(RegistryError) {
                        return try client.uploadBlob(
                            blob, to: repository, mountable: origin.repositories(with: blob.digest),
                            cancellation: flag, events: heard
                        ) { try origin.blob(blob, cancellation: flag) }
                    } catch { throw BackendError(transfer: error) }
                }
            }
            report(outcome.how == .uploaded ? .done : .exists, blob.size)
            return outcome
        } catch {
            report(.failed, 0)
            throw error
        }
    }

    private func status(_ blob: Descriptor, _ status: String, _ from: String? = nil) -> TransferResult.Blob {
        TransferResult.Blob(digest: blob.digest, size: blob.size, status: status, mountedFrom: from)
    }

    /// Work for every blob side by side, results in their order; the first failure is thrown when all have ended.
    private func forEach<Value: Sendable>(
        _ blobs: [Descriptor], _ work: @escaping @Sendable (Descriptor) async throws(BackendError) -> Value
    ) async throws(BackendError) -> [Value] {
        let results = await withTaskGroup(of: (Int, Result<Value, BackendError>).self) { group in
            for (place, blob) in blobs.enumerated() {
                group.addTask {
                    do throws(BackendError) { return (place, .success(try await work(blob))) } catch {
                        return (place, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var values: [Value] = []
        for place in blobs.indices {
            if let result = results[place] { values.append(try result.get()) }
        }
        return values
    }

    // MARK: Referrers

    /// What refers to the image comes along, and what refers to that.
    private func copyReferrers(
        of digest: Digest, from origin: any ImageOrigin, to name: Reference, _ result: inout TransferResult
    ) async throws(BackendError) {
        guard let origin = origin as? RegistryOrigin else { return }
        var waiting = [digest]
        var seen: Set<Digest> = [digest]
        while let about = waiting.popLast() {
            let found = try await asking { () throws(RegistryError) in
                try await client.referrers(of: about, in: origin.repository)
            }
            for descriptor in found.descriptors where seen.insert(descriptor.digest).inserted {
                // Who refers to an image may be anybody: what they may make of a copy is bounded.
                guard seen.count <= 1000 else {
                    throw BackendError(.corrupt, "more than 1000 manifests refer to \(result.source)")
                }
                waiting.append(descriptor.digest)
                let place = Reference(repository: name.repository, digest: descriptor.digest)
                guard try await self.digest(at: place) == nil else { continue }
                if result.status == .upToDate { result.status = .copied }
                try await copyTree(descriptor, from: origin, to: place, &result)
            }
        }
    }
}

extension BackendError {
    /// An error of a transfer: what the source threw is said in its own words.
    fileprivate init(transfer error: RegistryError) {
        if let own = error.cause as? BackendError {
            self = own
        } else if let own = error.cause as? StoreError {
            self.init(own)
        } else {
            self.init(error)
        }
    }
}
