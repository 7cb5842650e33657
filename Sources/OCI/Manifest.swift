import JSON

/// An image manifest: a config and layers. OCI image-spec `manifest.md`; Docker's `manifest-v2-2.md` is the same shape.
///
/// The raw bytes are kept: they are what the digest is of, and they hold the fields that dsh does not know.
package struct Manifest: Hashable, Sendable {
    /// The most bytes a manifest or index may have, as registries limit it (distribution-spec: 4 MiB).
    package static let maximumBytes = 4 << 20

    package let bytes: [UInt8]
    package let digest: Digest
    package let mediaType: MediaType
    package let config: Descriptor
    package let layers: [Descriptor]
    package let annotations: [String: String]
    package let artifactType: String?
    /// The manifest that this one is about, for referrers.
    package let subject: Descriptor?

    /// Reads manifest bytes. `mediaType` is what the registry or the descriptor called them, `digest` what they were
    /// verified as (computed where nil).
    ///
    /// Throws `ManifestError` for anything that is no OCI or Docker schema 2 manifest, and for one whose own
    /// `mediaType` says otherwise than the outside (the confusion that the specification warns of).
    package init(bytes: [UInt8], mediaType: MediaType? = nil, digest: Digest? = nil) throws(ManifestError) {
        let json = try parseManifestJSON(bytes)
        let type = try manifestMediaType(json, outside: mediaType)
        guard type.isManifest else { throw ManifestError(.wrongMediaType(type.rawValue)) }
        guard json["manifests"] == nil else {
            throw ManifestError(.malformed("a manifest must not have \"manifests\""))
        }
        guard let config = json["config"], let layers = json["layers"]?.arrayValue else {
            throw ManifestError(.malformed("the manifest lacks config or layers"))
        }
        self.bytes = bytes
        self.digest = digest ?? Digest.of(bytes)
        self.mediaType = type
        self.config = try Descriptor(json: config)
        var list: [Descriptor] = []
        for layer in layers { list.append(try Descriptor(json: layer)) }
        self.layers = list
        annotations = json["annotations"].map(stringMap) ?? [:]
        artifactType = json["artifactType"]?.stringValue
        if let about = json["subject"], about != .null {
            subject = try Descriptor(json: about)
        } else {
            subject = nil
        }
    }

    /// The descriptor that points to this manifest.
    package var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    /// Bytes of config and layers as they are stored, layers that come twice counted twice.
    package var contentSize: Int64 {
        // Sizes come from outside: their sum may be more than there are numbers for.
        layers.reduce(config.size) { sum, layer in
            let (total, isTooLarge) = sum.addingReportingOverflow(layer.size)
            return isTooLarge ? .max : total
        }
    }

    /// An image that can be run or listed, not an artifact of another kind.
    package var isImage: Bool { config.mediaType.isImageConfig }
}

/// Why bytes are no manifest, index or image config.
package struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case malformed(String)
        case wrongMediaType(String)
        case schema1
        case noMatchingPlatform(wanted: String, available: [String])
    }

    package let reason: Reason

    package init(_ reason: Reason) { self.reason = reason }

    package var description: String {
        switch reason {
        case .malformed(let what): "malformed manifest: \(what)"
        case .wrongMediaType(let type): "unsupported manifest media type \"\(type.prefix(120))\""
        case .schema1:
            "the registry serves a Docker schema 1 manifest, a format retired in 2019 that dsh does not read; "
                + "push the image again with a current tool"
        case .noMatchingPlatform(let wanted, _):
            "no matching manifest for \(wanted) in the manifest list entries"
        }
    }
}

func parseManifestJSON(_ bytes: [UInt8]) throws(ManifestError) -> JSONValue {
    guard bytes.count <= Manifest.maximumBytes else {
        throw ManifestError(.malformed("larger than \(Manifest.maximumBytes) bytes"))
    }
    let json: JSONValue
    do { json = try JSONValue.parse(bytes) } catch { throw ManifestError(.malformed("not JSON: \(error.message)")) }
    guard json.objectValue != nil else { throw ManifestError(.malformed("not a JSON object")) }
    if json["schemaVersion"]?.intValue == 1 { throw ManifestError(.schema1) }
    guard json["schemaVersion"]?.intValue == 2 else {
        throw ManifestError(.malformed("schemaVersion is not 2"))
    }
    return json
}

/// The media type inside and outside must agree; without both, the shape decides.
func manifestMediaType(_ json: JSONValue, outside: MediaType?) throws(ManifestError) -> MediaType {
    let inside = json["mediaType"]?.stringValue.map(MediaType.init(rawValue:))
    if let outside, outside.isSchema1 { throw ManifestError(.schema1) }
    // Some registries serve every manifest as JSON or text: then only the document itself can tell.
    let known = outside.flatMap { $0.isIndex || $0.isManifest ? $0 : nil }
    if let inside, let known, inside != known {
        throw ManifestError(.malformed("it was served as \(known) but calls itself \(inside)"))
    }
    if let type = known ?? inside { return type }
    return json["manifests"] != nil ? .ociIndex : .ociManifest
}
