import OCI

/// One manifest or index with all that is below it, in the order in which it has to come.
struct DocumentTree: Sendable {
    struct Document: Sendable {
        let descriptor: Descriptor
        let bytes: [UInt8]
    }

    /// Children before those that name them; the root is the last.
    private(set) var documents: [Document] = []
    private(set) var blobs: [Descriptor] = []
    /// Of an index, but not where it comes from.
    private(set) var absent: [Descriptor] = []
    /// Bytes of all of it.
    private(set) var size: Int64 = 0
    private var seen: Set<Digest> = []

    /// Indexes may hold indexes; deeper than this they surely hold themselves.
    static let deepest = 4

    /// What is below `root`, as `origin` has it.
    ///
    /// Throws `corrupt` for documents that are none, and what reading them throws.
    init(_ root: Descriptor, from origin: any ImageOrigin) async throws(BackendError) {
        try await gather(root, from: origin, depth: 0)
    }

    /// A tree of documents that are all there, the root last. Throws `corrupt`.
    init(_ documents: [Document]) throws(BackendError) {
        for document in documents { try add(document) }
    }

    /// A name's own document, of what is there already.
    init(alone document: Document) { documents = [document] }

    var root: Document? { documents.last }

    /// All that has to be there when the root gets a name; layers that are not to be distributed need not.
    var needed: [Descriptor] { blobs.filter { !$0.mediaType.isForeignLayer } + documents.map(\.descriptor) }

    private mutating func gather(
        _ descriptor: Descriptor, from origin: any ImageOrigin, depth: Int
    ) async throws(BackendError) {
        guard depth < DocumentTree.deepest else {
            throw BackendError(.corrupt, "the index \(descriptor.digest) is nested too deeply")
        }
        guard seen.insert(descriptor.digest).inserted else { return }
        guard let bytes = try await origin.document(descriptor) else {
            absent.append(descriptor)
            return
        }
        let document = Document(descriptor: descriptor, bytes: bytes)
        for child in try document.listed where child.isDocument(of: descriptor) {
            try await gather(child, from: origin, depth: depth + 1)
        }
        try add(document)
    }

    private mutating func add(_ document: Document) throws(BackendError) {
        for child in try document.listed where !child.isDocument(of: document.descriptor) {
            guard seen.insert(child.digest).inserted else { continue }
            blobs.append(child)
            size = size.addingReportingOverflow(child.size).partialValue
        }
        size = size.addingReportingOverflow(Int64(document.bytes.count)).partialValue
        documents.append(document)
    }
}

extension DocumentTree.Document {
    /// What the document names: an index's entries, a manifest's config and layers. Throws `corrupt`, `unsupported`.
    var listed: [Descriptor] {
        get throws(BackendError) {
            do throws(ManifestError) {
                if descriptor.mediaType.isIndex {
                    return try Index(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest).manifests
                }
                let manifest = try Manifest(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest)
                return [manifest.config] + manifest.layers
            } catch { throw BackendError(error) }
        }
    }
}

extension Descriptor {
    /// Whether `parent`, an index, lists this as a manifest or index, rather than as content.
    fileprivate func isDocument(of parent: Descriptor) -> Bool {
        parent.mediaType.isIndex && (mediaType.isIndex || mediaType.isManifest)
    }
}
