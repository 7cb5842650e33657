import JSON

/// An image index (Docker: manifest list): one manifest per platform. OCI image-spec `image-index.md`.
///
/// The raw bytes are kept, as in `Manifest`.
package struct Index: Hashable, Sendable {
    package let bytes: [UInt8]
    package let digest: Digest
    package let mediaType: MediaType
    package let manifests: [Descriptor]
    package let annotations: [String: String]
    package let artifactType: String?
    /// What this index is about, for referrers; nil also where that is no descriptor.
    package let subject: Descriptor?

    /// Reads index bytes; parameters and errors as `Manifest.init`.
    package init(bytes: [UInt8], mediaType: MediaType? = nil, digest: Digest? = nil) throws(ManifestError) {
        let json = try parseManifestJSON(bytes)
        let type = try manifestMediaType(json, outside: mediaType)
        guard type.isIndex else { throw ManifestError(.wrongMediaType(type.rawValue)) }
        guard json["layers"] == nil, json["config"] == nil else {
            throw ManifestError(.malformed("an index must not have \"config\" or \"layers\""))
        }
        guard let children = json["manifests"]?.arrayValue else {
            throw ManifestError(.malformed("the index lacks manifests"))
        }
        self.bytes = bytes
        self.digest = digest ?? Digest.of(bytes)
        self.mediaType = type
        var list: [Descriptor] = []
        for child in children { list.append(try Descriptor(json: child)) }
        manifests = list
        annotations = json["annotations"].map(stringMap) ?? [:]
        artifactType = json["artifactType"]?.stringValue
        subject = json["subject"].flatMap { try? Descriptor(json: $0) }
    }

    package var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    /// The entries that are images: no attestations, nothing for an unknown platform.
    package var images: [Descriptor] { manifests.filter(\.isImageManifest) }

    /// The entry for `platform`, or the next best that runs there.
    ///
    /// Throws `ManifestError` (`noMatchingPlatform`) with what there is.
    package func select(_ platform: Platform) throws(ManifestError) -> Descriptor {
        let entries = images
        if let best = platform.bestMatch(in: entries.map(\.platform)) { return entries[best] }
        // A single entry without a platform says nothing against running anywhere.
        if entries.count == 1, entries[0].platform == nil { return entries[0] }
        throw ManifestError(
            .noMatchingPlatform(
                wanted: platform.description, available: entries.compactMap { $0.platform?.description }))
    }
}

extension Descriptor {
    /// A manifest or index in an index that holds an image, rather than an attestation about one.
    package var isImageManifest: Bool {
        (mediaType.isManifest || mediaType.isIndex) && !(platform?.isUnknown ?? false)
            && annotations["vnd.docker.reference.type"] == nil
    }
}
