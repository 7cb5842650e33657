import JSON
import OCI

/// Whose media types manifests, configs and layers have.
package enum ImageFormat: String, Sendable, CaseIterable {
    case oci, docker
}

extension DocumentTree {
    /// The same images with another format's media types. Configs and layers keep their bytes; documents that have to change
    /// get another digest, and those that name them with them. What Docker's format has no place for is left out and told in
    /// `dropped`: annotations, and manifests that are no images.
    ///
    /// Throws `unsupported` where a layer or the whole cannot be of that format.
    func converted(to format: ImageFormat, dropped: inout [String]) throws(BackendError) -> DocumentTree {
        var conversion = FormatConversion(format: format)
        var made: [Document] = []
        for (position, document) in documents.enumerated() {
            let isRoot = position == documents.count - 1
            if let document = try conversion.convert(document, isRoot: isRoot) { made.append(document) }
        }
        dropped += conversion.dropped
        return try DocumentTree(made)
    }
}

/// One conversion: `manifest-v2-2.md` of distribution on one side, OCI image-spec `manifest.md` and `image-index.md` on the
/// other. The documents are the same but for media types and the fields that only OCI has.
private struct FormatConversion {
    let format: ImageFormat
    private(set) var dropped: [String] = []
    /// By the digest that they had.
    private var changed: [Digest: Descriptor] = [:]
    private var removed: Set<Digest> = []

    init(format: ImageFormat) { self.format = format }

    /// Fields of OCI's that Docker's documents do not have.
    private static let ociOnly = ["annotations", "artifactType", "subject"]

    mutating func convert(
        _ document: DocumentTree.Document, isRoot: Bool
    ) throws(BackendError) -> DocumentTree.Document? {
        let old = document.descriptor
        guard let json = try? JSONValue.parse(document.bytes), var object = json.objectValue else {
            throw BackendError(.corrupt, "\(old.digest) is no JSON object")
        }
        if format == .docker, !old.mediaType.isIndex, let what = try notAnImage(document) {
            guard !isRoot else {
                throw BackendError(
                    .unsupported, "\(old.digest) is \(what), and Docker's format holds images alone",
                    hint: "leave out --format docker to copy it as it is")
            }
            removed.insert(old.digest)
            dropped.append("\(old.digest): \(what)")
            return nil
        }
        let type = try converted(old.mediaType, old.digest)
        let isConverted = type != old.mediaType
        object["mediaType"] = .string(type.rawValue)
        if let config = object["config"] {
            object["config"] = try descriptor(config, of: old.digest, isConverted: isConverted)
        }
        for key in ["layers", "manifests"] {
            guard let list = object[key]?.arrayValue else { continue }
            var kept: [JSONValue] = []
            for entry in list {
                if let entry = try descriptor(entry, of: old.digest, isConverted: isConverted) { kept.append(entry) }
            }
            guard !kept.isEmpty || list.isEmpty else {
                throw BackendError(.unsupported, "\(old.digest) lists nothing that Docker's format holds")
            }
            object[key] = .array(kept)
        }
        if format == .docker, isConverted { drop(FormatConversion.ociOnly, from: &object, of: old.digest) }
        let changed = JSONValue.object(object)
        if changed == json { return document }
        let bytes = Array(changed.compact.utf8)
        var new = old
        new.mediaType = type
        new.digest = Digest.of(bytes, algorithm: old.digest.algorithm)
        new.size = Int64(bytes.count)
        self.changed[old.digest] = new
        return DocumentTree.Document(descriptor: new, bytes: bytes)
    }

    /// What a manifest is that is no image: nil for one that is.
    private func notAnImage(_ document: DocumentTree.Document) throws(BackendError) -> String? {
        let manifest: Manifest
        do throws(ManifestError) {
            manifest = try Manifest(bytes: document.bytes, mediaType: document.descriptor.mediaType)
        } catch { throw BackendError(error) }
        if let type = manifest.artifactType { return "an artifact of type \(type.prefix(120))" }
        guard manifest.isImage else { return "an artifact of type \(manifest.config.mediaType.rawValue.prefix(120))" }
        guard let other = manifest.layers.first(where: { !$0.mediaType.isLayer }) else { return nil }
        return "an attestation or artifact with layers of type \(other.mediaType.rawValue.prefix(120))"
    }

    /// A descriptor that stands in a document; nil where what it is of has no place in the format.
    private mutating func descriptor(
        _ json: JSONValue, of owner: Digest, isConverted: Bool
    ) throws(BackendError) -> JSONValue? {
        guard var object = json.objectValue, let descriptor = try? Descriptor(json: json) else { return json }
        if removed.contains(descriptor.digest) { return nil }
        let isManifest = descriptor.mediaType.isManifest || descriptor.mediaType.isIndex
        if let new = changed[descriptor.digest], isManifest {
            object["digest"] = .string(new.digest.description)
            object["size"] = .number(Double(new.size))
            object["mediaType"] = .string(new.mediaType.rawValue)
        } else {
            object["mediaType"] = .string(try converted(descriptor.mediaType, descriptor.digest).rawValue)
        }
        if format == .docker {
            // A document of Docker's own keeps what it has beyond them.
            if isConverted { drop(["annotations", "artifactType", "data"], from: &object, of: owner) }
        } else if var annotations = object["annotations"]?.objectValue,
            let subject = annotations[FormatConversion.attested]?.stringValue.flatMap({ try? Digest($0) }),
            let new = changed[subject]
        {
            // BuildKit's attestations say so which image they are about.
            annotations[FormatConversion.attested] = .string(new.digest.description)
            object["annotations"] = .object(annotations)
        }
        return .object(object)
    }

    private static let attested = "vnd.docker.reference.digest"

    private mutating func drop(_ keys: [String], from object: inout JSONObject, of digest: Digest) {
        for key in keys where object[key] != nil {
            object[key] = nil
            let text = "\(digest): \(key)"
            if !dropped.contains(text) { dropped.append(text) }
        }
    }

    private func converted(_ type: MediaType, _ digest: Digest) throws(BackendError) -> MediaType {
        switch format {
        case .oci:
            if type == FormatConversion.dockerZstd { return .ociLayerZstd }
            return FormatConversion.pairs.first { $0.docker == type }?.oci ?? type
        case .docker:
            if let pair = FormatConversion.pairs.first(where: { $0.oci == type }) { return pair.docker }
            if FormatConversion.pairs.contains(where: { $0.docker == type }) { return type }
            let isPacked = type.rawValue.hasSuffix("zstd")
            throw BackendError(
                .unsupported,
                isPacked
                    ? "the layer \(digest) is packed with zstd, which Docker's format has no type for"
                    : "\(digest) has the type \(type.rawValue.prefix(120)), which Docker's format has no counterpart for",
                hint: isPacked
                    ? "copy it without --format docker; docker-archive: unpacks such layers by itself" : nil)
        }
    }

    private static let ociForeign = "application/vnd.oci.image.layer.nondistributable.v1.tar"
    private static let dockerForeign = "application/vnd.docker.image.rootfs.foreign.diff.tar"

    /// What some builders write, and no specification has.
    private static let dockerZstd = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar.zstd")

    private static let pairs: [(oci: MediaType, docker: MediaType)] = [
        (.ociManifest, .dockerManifest), (.ociIndex, .dockerManifestList), (.ociConfig, .dockerConfig),
        (.ociLayerGzip, .dockerLayerGzip), (.ociLayer, .dockerLayer),
        (MediaType(rawValue: ociForeign + "+gzip"), .dockerForeignLayer),
        (MediaType(rawValue: ociForeign), MediaType(rawValue: dockerForeign)),
    ]
}
