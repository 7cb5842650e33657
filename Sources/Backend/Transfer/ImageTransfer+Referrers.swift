import OCI

extension ImageTransfer {
    /// Who refers to an image may be anybody: what they may make of a copy is bounded.
    private static let maximumReferrers = 1000
    /// Signatures of attestations of images, and no chain without end.
    private static let deepest = 8

    /// What refers to an image comes along, each manifest once: to it, to what it lists where it is an index, and to that
    /// which came along.
    ///
    /// Throws `corrupt` for more than can be meant, and what reading and writing throw.
    func copyReferrers(
        of root: Descriptor, from source: OpenSource, to target: any ImageTarget, _ result: inout TransferResult
    ) async throws(BackendError) {
        var level = try await manifests(of: root, from: source.origin)
        var seen = Set(level.map(\.digest))
        var count = 0
        for _ in 0..<ImageTransfer.deepest where !level.isEmpty {
            let found = try await forEach(level, atOnce: true) { about throws(BackendError) in
                try await source.origin.referrers(of: about.digest)
            }
            // In the order of what they are about, so that equal images give equal archives.
            level = found.joined().filter { seen.insert($0.digest).inserted }
            count += level.count
            guard count <= ImageTransfer.maximumReferrers else {
                throw BackendError(
                    .corrupt, "more than \(ImageTransfer.maximumReferrers) manifests refer to \(result.source)")
            }
            for descriptor in level { try await copyReferrer(descriptor, from: source, to: target, &result) }
        }
        guard level.isEmpty else {
            throw BackendError(
                .corrupt, "what refers to \(result.source) refers to itself more than \(ImageTransfer.deepest) deep")
        }
    }

    private func copyReferrer(
        _ descriptor: Descriptor, from source: OpenSource, to target: any ImageTarget, _ result: inout TransferResult
    ) async throws(BackendError) {
        if target.vouchesForParts, try await target.hasDocument(descriptor.digest) { return }
        let tree = try await DocumentTree(descriptor, from: source.origin)
        let isThere = try await target.hasDocument(descriptor.digest)
        try await copyTree(tree, from: source, to: target, isReferrer: true, isNamed: isThere, &result)
    }

    /// The root and all manifests and indexes below it that the source has, each once.
    private func manifests(
        of root: Descriptor, from origin: any ImageOrigin
    ) async throws(BackendError) -> [Descriptor] {
        var all = [root]
        var seen: Set<Digest> = [root.digest]
        var level = [root]
        for _ in 0..<DocumentTree.deepest where !level.isEmpty {
            let indexes = level.filter(\.mediaType.isIndex)
            let listed = try await forEach(indexes, atOnce: true) { index throws(BackendError) -> [Descriptor] in
                guard let bytes = try await origin.document(index) else { return [] }
                return try DocumentTree.Document(descriptor: index, bytes: bytes).listed
            }
            level = listed.joined().filter {
                ($0.mediaType.isIndex || $0.mediaType.isManifest) && seen.insert($0.digest).inserted
            }
            all += level
        }
        return all
    }
}
