import JSON
import Layers
import OCI

/// What the summary file keeps of a manifest or an index; both never change under their digest.
enum ImageTableEntry {
    case manifest(ManifestSummary)
    case index([ChildSummary])
}

/// A child of an index.
struct ChildSummary {
    var digest: String
    var platform: Platform?
    /// An image's manifest or a nested index, not an attestation about one.
    var isImage: Bool
}

struct ManifestSummary {
    struct Layer {
        var digest: String
        var size: Int64
        var isForeign: Bool
        var mediaType: String
    }

    /// The config's digest, which is the image's Id.
    var config = ""
    /// Whether the config is an image's; artifacts have others.
    var isImage = false
    /// RFC 3339; empty where the config says none.
    var created = ""
    var platform = Platform.unknown
    var labels: [(key: String, value: String)] = []
    var layers: [Layer] = []
    var diffIDs: [String] = []
}

extension ImageTableEntry {
    /// Reads a manifest or an index and, of an image, the config. Throws `not_found`, `corrupt`, `io`.
    init(of digest: Digest, in store: Store) throws(StoreError) {
        let bytes = try store.readBlob(digest, limit: Manifest.maximumBytes)
        do {
            let shape = try ManifestShape(bytes)
            if shape.isIndex {
                self = .index(shape.children)
                return
            }
            guard var summary = shape.manifest else {
                throw StoreError(.corrupt, "\(digest) is neither a manifest nor an index")
            }
            if summary.isImage {
                let config = try Digest(summary.config)
                try summary.readConfig(try store.readBlob(config, limit: ImageConfig.maximumBytes))
            }
            self = .manifest(summary)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.corrupt, "the manifest \(digest) or its config is damaged: \(error)")
        }
    }
}

/// A manifest or an index, scanned for what the summary needs; strict where it matters: digests and sizes.
private struct ManifestShape {
    var isIndex = false
    var children: [ChildSummary] = []
    var manifest: ManifestSummary?

    init(_ bytes: [UInt8]) throws {
        try bytes.withBytes { (raw: UnsafeRawBufferPointer) throws -> Void in
            var scanner = JSONScanner(raw)
            var manifest = ManifestSummary()
            var hasConfig = false
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "manifests":
                    isIndex = true
                    children = try ManifestShape.descriptors(&scanner).map(\.child)
                case "layers":
                    manifest.layers = try ManifestShape.descriptors(&scanner).map(\.layer)
                case "config" where try scanner.peek() == .object:
                    let config = try DescriptorFields(&scanner)
                    manifest.config = config.digest
                    manifest.isImage = config.mediaType.isImageConfig
                    hasConfig = true
                default: try scanner.skipValue()
                }
            }
            try scanner.finish()
            if hasConfig, !isIndex { self.manifest = manifest }
        }
    }

    private static func descriptors(_ scanner: inout JSONScanner) throws -> [DescriptorFields] {
        // Go writes an empty list as null.
        if try scanner.skipIfNull() { return [] }
        var list: [DescriptorFields] = []
        try scanner.beginArray()
        while try scanner.nextElement() { list.append(try DescriptorFields(&scanner)) }
        return list
    }
}

private struct DescriptorFields {
    var digest = ""
    var mediaType = MediaType(rawValue: "")
    var size: Int64 = -1
    var platform: Platform?
    var isAttestation = false

    init(_ scanner: inout JSONScanner) throws {
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            let kind = try scanner.peek()
            switch key {
            case "digest" where kind == .string: digest = try scanner.readString()
            case "mediaType" where kind == .string: mediaType = MediaType(rawValue: try scanner.readString())
            case "size" where kind == .number: size = try scanner.readInt64()
            case "platform" where kind == .object: platform = Platform(json: try scanner.readValue())
            case "annotations" where kind == .object: isAttestation = try scanner.skipAnnotations()
            default: try scanner.skipValue()
            }
        }
        _ = try Digest(digest)
        guard size >= 0 else { throw ManifestError(.malformed("a descriptor lacks its size")) }
    }

    var layer: ManifestSummary.Layer {
        ManifestSummary.Layer(
            digest: digest, size: size, isForeign: mediaType.isForeignLayer, mediaType: mediaType.rawValue)
    }

    var child: ChildSummary {
        let isImage =
            (mediaType.isManifest || mediaType.isIndex) && !isAttestation && !(platform?.isUnknown ?? false)
        return ChildSummary(digest: digest, platform: platform, isImage: isImage)
    }
}

extension ManifestSummary {
    /// Takes from a config what lists show.
    mutating func readConfig(_ bytes: [UInt8]) throws {
        var names: [String: String] = [:]
        var (labels, diffIDs) = (self.labels, self.diffIDs)
        try bytes.withBytes { (raw: UnsafeRawBufferPointer) throws -> Void in
            var scanner = JSONScanner(raw)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                let kind = try scanner.peek()
                switch key {
                case "created" where kind == .string, "os" where kind == .string, "architecture" where kind == .string,
                    "variant" where kind == .string, "os.version" where kind == .string:
                    names[key.string] = try scanner.readString()
                case "config" where kind == .object: labels = try ManifestSummary.labels(&scanner)
                case "rootfs" where kind == .object: diffIDs = try ManifestSummary.diffIDs(&scanner)
                default: try scanner.skipValue()
                }
            }
            try scanner.finish()
        }
        created = Timestamp.text(of: names["created"]) ?? ""
        func part(_ name: String) -> String { names[name].flatMap { $0.isEmpty ? nil : $0 } ?? "unknown" }
        platform = Platform(
            os: part("os"), architecture: part("architecture"), variant: names["variant"],
            osVersion: names["os.version"])
        (self.labels, self.diffIDs) = (labels, diffIDs)
    }

    private static func labels(_ scanner: inout JSONScanner) throws -> [(key: String, value: String)] {
        var labels: [(key: String, value: String)] = []
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            guard key == "Labels", try scanner.peek() == .object else {
                try scanner.skipValue()
                continue
            }
            try scanner.beginObject()
            while let label = try scanner.nextKey() {
                if try scanner.peek() == .string {
                    labels.append((label.string, try scanner.readString()))
                } else {
                    try scanner.skipValue()
                }
            }
        }
        return labels
    }

    private static func diffIDs(_ scanner: inout JSONScanner) throws -> [String] {
        var list: [String] = []
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            guard key == "diff_ids", try scanner.peek() == .array else {
                try scanner.skipValue()
                continue
            }
            try scanner.beginArray()
            while try scanner.nextElement() {
                let text = try scanner.readString()
                _ = try Digest(text)
                list.append(text)
            }
        }
        return list
    }
}
