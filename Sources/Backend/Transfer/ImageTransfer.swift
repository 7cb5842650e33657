import OCI
import Registry
import Store
import Threads

/// Puts images somewhere: blobs first and side by side, then manifests, then the name.
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

    /// Copies what `source` is to `target`, under its name. Where it fails the target is told to take back what it can.
    ///
    /// Throws `not_found` where part of an index is nowhere, `no_matching_platform`, what targets throw, `interrupted`.
    func copy(_ source: OpenSource, to target: any ImageTarget) async throws(BackendError) -> TransferResult {
        do throws(BackendError) {
            let result = try await copyImage(source, to: target)
            try await target.finish()
            return result
        } catch {
            await target.abandon()
            throw error
        }
    }

    private func copyImage(
        _ source: OpenSource, to target: any ImageTarget
    ) async throws(BackendError) -> TransferResult {
        var root = try await platformManifest(of: source, for: target)
        var dropped: [String] = []
        let changed = try await changedTree(root, from: source, to: target, &dropped)
        if let own = changed?.root?.descriptor { root = own }
        let there = try await target.current(root)
        var result = TransferResult(
            source: source.shown, target: target.name(of: root), digest: root.digest, mediaType: root.mediaType,
            status: .copied, manifestSize: root.size, size: nil, sent: 0, manifests: nil, blobs: [], dropped: dropped)
        let isThere = target.vouchesForParts && there == root.digest
        if isThere, try await hasParts(of: root, from: source, target, isNamed: true) {
            result.status = .upToDate
        } else if !isThere, !options.dryRun, target.vouchesForParts, changed == nil,
            try await target.hasDocument(root.digest),
            try await hasParts(of: root, from: source, target, isNamed: false),
            let bytes = try await source.origin.document(root)
        {
            // Only the name is missing.
            let document = DocumentTree.Document(descriptor: root, bytes: bytes)
            if !root.mediaType.isIndex {
                result.size = try DocumentTree([document]).size
                result.manifests = 1
            }
            let tree = DocumentTree(alone: document)
            _ = try await target.put(tree, isReferrer: false, from: source.origin, flag: flag)
        } else {
            let tree: DocumentTree
            if let changed { tree = changed } else { tree = try await DocumentTree(root, from: source.origin) }
            try await copyTree(
                tree, from: source, to: target, isReferrer: false, isNamed: there == root.digest, &result)
        }
        if options.referrers { try await copyReferrers(of: root, from: source, to: target, &result) }
        return result
    }

    /// The tree in another format, or as the target can hold it; nil where it stays as it is.
    private func changedTree(
        _ root: Descriptor, from source: OpenSource, to target: any ImageTarget, _ dropped: inout [String]
    ) async throws(BackendError) -> DocumentTree? {
        guard options.format != nil || target.holdsOnePlatform else { return nil }
        var tree = try await DocumentTree(root, from: source.origin)
        if !tree.absent.isEmpty { throw absent(tree.absent, of: source) }
        if let format = options.format { tree = try tree.converted(to: format, dropped: &dropped) }
        let fitted = try await target.fitted(tree, from: source.origin, flag: flag)
        return fitted ?? tree
    }

    /// `isNamed`: the target's name is the root's already.
    func copyTree(
        _ tree: DocumentTree, from source: OpenSource, to target: any ImageTarget, isReferrer: Bool, isNamed: Bool,
        _ result: inout TransferResult
    ) async throws(BackendError) {
        try await checkAbsent(tree, of: source, target)
        if !isReferrer || result.size != nil {
            result.size = (result.size ?? 0).addingReportingOverflow(tree.size).partialValue
            result.manifests = (result.manifests ?? 0) + tree.documents.count
        }
        guard !options.dryRun else {
            let blobs = try await plan(tree.blobs, from: source.origin, to: target)
            result.blobs += blobs
            var isComplete = isNamed && !blobs.contains { $0.status == "missing" || $0.status == "mountable" }
            for document in tree.documents where isComplete {
                isComplete = try await target.hasDocument(document.descriptor.digest)
            }
            if result.status == .copied || !isComplete { result.status = isComplete ? .upToDate : .planned }
            return
        }
        try await target.begin(tree, flag: flag)
        let (sent, blobs) = try await send(tree.blobs, from: source.origin, to: target)
        result.sent += sent
        result.blobs += blobs
        let isChanged = try await target.put(tree, isReferrer: isReferrer, from: source.origin, flag: flag)
        if isReferrer {
            if isChanged { result.status = .copied }
        } else if !isChanged, sent == 0 {
            result.status = .upToDate
        }
    }

    // MARK: What there is

    /// Whether the target has all that an index lists. A registry asked for it when the index came, and lets anybody
    /// delete it since. What has its name already is only asked about where the options say so.
    private func hasParts(
        of root: Descriptor, from source: OpenSource, _ target: any ImageTarget, isNamed: Bool
    ) async throws(BackendError) -> Bool {
        guard options.checksParts || !isNamed, root.mediaType.isIndex,
            let bytes = try await source.origin.document(root),
            let index = try? Index(bytes: bytes, mediaType: root.mediaType, digest: root.digest)
        else { return true }
        let listed = index.manifests.filter { $0.mediaType.isIndex || $0.mediaType.isManifest }
        return try await forEach(listed, atOnce: true) { child throws(BackendError) in
            try await target.hasDocument(child.digest)
        }.allSatisfy { $0 }
    }

    private func platformManifest(
        of source: OpenSource, for target: any ImageTarget
    ) async throws(BackendError) -> Descriptor {
        let root = source.root
        guard let platform = options.platform ?? (target.holdsOnePlatform && root.mediaType.isIndex ? .host : nil)
        else { return root }
        guard let bytes = try await source.origin.document(root) else { throw absent([root], of: source) }
        guard root.mediaType.isIndex else {
            try await check(bytes, platform, source)
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
        _ bytes: [UInt8], _ platform: Platform, _ source: OpenSource
    ) async throws(BackendError) {
        let root = source.root
        guard let manifest = try? Manifest(bytes: bytes, mediaType: root.mediaType, digest: root.digest),
            manifest.isImage, let own = try await source.origin.platform(of: manifest)
        else { return }
        if platform.bestMatch(in: [own]) == nil {
            throw BackendError(
                .noMatchingPlatform, "\(source.shown) is an image for \(own), not for \(platform)",
                hint: "leave --platform out to take it as it is")
        }
    }

    /// What an index lists has to be in the target. What is not here may be there already.
    private func checkAbsent(
        _ tree: DocumentTree, of source: OpenSource, _ target: any ImageTarget
    ) async throws(BackendError) {
        var missing: [Descriptor] = []
        for child in tree.absent where try await !target.hasDocument(child.digest) { missing.append(child) }
        if !missing.isEmpty { throw absent(missing, of: source) }
    }

    private func absent(_ missing: [Descriptor], of source: OpenSource) -> BackendError {
        let names = missing.map { child in
            child.platform.flatMap { $0.isUnknown ? nil : $0.description } ?? child.digest.description
        }
        return BackendError(
            .notFound,
            "\(source.shown) lists \(names.joined(separator: ", ")), which \(names.count == 1 ? "is" : "are") not here",
            hint: source.origin.hintOnAbsence(of: source.shown))
    }
}

extension BackendError {
    /// An error of a transfer: what a source threw is said in its own words.
    init(transfer error: any Error) {
        switch error {
        case let error as BackendError: self = error
        case let error as StoreError: self.init(error)
        case let error as RegistryError:
            if let cause = error.cause, cause is BackendError || cause is StoreError {
                self.init(transfer: cause)
            } else {
                self.init(error)
            }
        default: self.init(.io, "\(error)")
        }
    }
}
