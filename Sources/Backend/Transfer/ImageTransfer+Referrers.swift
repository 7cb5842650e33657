import OCI

extension ImageTransfer {
    /// Who refers to an image may be anybody: what they may make of a copy is bounded.
    private static let maximumReferrers = 1000
    /// Signatures of attestations of images, and no chain without end.
    private static let deepest = 8

    /// What refers to an image comes along, each manifest once: to it, to what it lists where it is an index, and to that
    /// which came along, likewise.
    ///
    /// Throws `corrupt` for more than can be meant, `unsupported` for a longer chain than is followed, and what reading and
    /// writing throw.
    func copyReferrers(
        of root: Descriptor, from source: OpenSource, to target: any ImageTarget, _ result: inout TransferResult
    ) async throws(BackendError) {
        var level = try await manifests(of: root, from: source.origin)
        // What was asked about, and what came along: an index that refers to something brings what it lists, of which only
        // the former is true.
        var asked = Set(level.map(\.digest))
        var copied = asked
        let first = asked.count
        for depth in 1... {
            let about = try await forEach(level, atOnce: true) { about throws(BackendError) in
                try await source.origin.referrers(of: about.digest)
            }
            // In the order of what they are about, so that equal images give equal archives.
            let found = about.joined().filter { copied.insert($0.digest).inserted }
            guard !found.isEmpty else { return }
            guard depth <= ImageTransfer.deepest else {
                throw BackendError(
                    .unsupported,
                    "what refers to \(result.source) is a chain of more than \(ImageTransfer.deepest), each about the one before",
                    hint: "copy it without --referrers")
            }
            let atMost = ImageTransfer.maximumReferrers
            level = []
            // One look at the digests before they are fetched: an index may list any number of indexes.
            if copied.count - first <= atMost {
                for descriptor in found where asked.count - first <= atMost {
                    level += try await manifests(of: descriptor, from: source.origin, atMost: atMost)
                        .filter { asked.insert($0.digest).inserted }
                }
            }
            guard copied.count - first <= atMost, asked.count - first <= atMost else {
                throw BackendError(.corrupt, "more than \(atMost) manifests refer to \(result.source)")
            }
            for descriptor in found { try await copyReferrer(descriptor, from: source, to: target, &result) }
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

    /// The root and all manifests and indexes below it that the source has, each once; where there are more than `atMost`,
    /// no more levels than it takes to know.
    private func manifests(
        of root: Descriptor, from origin: any ImageOrigin, atMost: Int = .max
    ) async throws(BackendError) -> [Descriptor] {
        var all = [root]
        var seen: Set<Digest> = [root.digest]
        var level = [root]
        for _ in 0..<DocumentTree.deepest where !level.isEmpty && all.count <= atMost {
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
