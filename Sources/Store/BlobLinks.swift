import JSON
import Layers
import OCI

/// What a manifest or an index points to, read leniently: enough to know what must not be deleted.
///
/// `subject` is not followed, as skopeo does not: a signature does not keep the image it is about.
struct BlobLinks {
    /// Manifests and indexes of an index, each of which points on; they may be absent.
    var children: [Link] = []
    /// A manifest's config, layers and (old) blobs: leaves.
    var leaves: [Link] = []

    struct Link {
        var digest: Digest
        var size: Int64
        var mediaType: MediaType
        var isAttestation = false
    }

    /// Throws where the bytes are not JSON.
    init(_ bytes: [UInt8]) throws(JSONError) {
        self = try bytes.withBytes { raw throws(JSONError) in
            var links = BlobLinks()
            var scanner = JSONScanner(raw)
            guard try scanner.peek() == .object else {
                try scanner.skipValue()
                return links
            }
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "manifests": try BlobLinks.list(&scanner, into: &links.children)
                case "layers", "blobs": try BlobLinks.list(&scanner, into: &links.leaves)
                case "config": try BlobLinks.one(&scanner, into: &links.leaves)
                default: try scanner.skipValue()
                }
            }
            try scanner.finish()
            return links
        }
    }

    private init() {}

    private static func list(_ scanner: inout JSONScanner, into links: inout [Link]) throws(JSONError) {
        guard try scanner.peek() == .array else { return try scanner.skipValue() }
        try scanner.beginArray()
        while try scanner.nextElement() { try one(&scanner, into: &links) }
    }

    private static func one(_ scanner: inout JSONScanner, into links: inout [Link]) throws(JSONError) {
        guard try scanner.peek() == .object else { return try scanner.skipValue() }
        var digest: Digest?
        var type = ""
        var size: Int64 = -1
        var isAttestation = false
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            let kind = try scanner.peek()
            switch key {
            case "digest" where kind == .string:
                let text = try scanner.readText()
                digest = text.isEscaped ? try? Digest(text.string) : Digest(utf8: text.bytes)
            case "mediaType" where kind == .string: type = try scanner.readString()
            case "size" where kind == .number: size = Int64(exactly: try scanner.readNumber().rounded()) ?? -1
            case "annotations" where kind == .object: isAttestation = try scanner.skipAnnotations()
            default: try scanner.skipValue()
            }
        }
        if let digest {
            links.append(
                Link(digest: digest, size: size, mediaType: MediaType(rawValue: type), isAttestation: isAttestation))
        }
    }
}

extension JSONScanner {
    /// Passes over a descriptor's annotations; whether they say that it is an attestation, as BuildKit's do.
    mutating func skipAnnotations() throws(JSONError) -> Bool {
        var isAttestation = false
        try beginObject()
        while let key = try nextKey() {
            if key == "vnd.docker.reference.type" { isAttestation = true }
            try skipValue()
        }
        return isAttestation
    }
}
