package import JSON

/// An image's configuration: how to run it, what its layers are and how they came to be. OCI image-spec `config.md`.
package struct ImageConfig: Hashable, Sendable {
    /// One step of how the image was made.
    package struct HistoryEntry: Hashable, Sendable {
        /// RFC 3339; nil where the document says none.
        package var created: String?
        package var createdBy: String
        package var author: String
        package var comment: String
        /// The step made no layer: it changed only the configuration.
        package var isEmptyLayer: Bool
    }

    package let bytes: [UInt8]
    /// The whole document: fields that dsh does not know are here.
    package let json: JSONValue
    package let platform: Platform
    /// RFC 3339; nil where the document says none.
    package let created: String?
    package let author: String
    /// Digests of the uncompressed layers, base first.
    package let diffIDs: [Digest]
    package let history: [HistoryEntry]

    /// The most bytes a config may have before dsh refuses to read it.
    package static let maximumBytes = 16 << 20

    /// Reads config bytes. Throws `ManifestError` for what is no image config.
    package init(bytes: [UInt8]) throws(ManifestError) {
        let json: JSONValue
        do { json = try JSONValue.parse(bytes) } catch {
            throw ManifestError(.malformed("the image config is not JSON: \(error.message)"))
        }
        guard json.objectValue != nil else { throw ManifestError(.malformed("the image config is no object")) }
        self.bytes = bytes
        self.json = json
        platform = Platform(json: json) ?? .unknown
        created = Timestamp.text(of: json["created"]?.stringValue)
        author = json["author"]?.stringValue ?? ""
        var digests: [Digest] = []
        for entry in json["rootfs"]?["diff_ids"]?.arrayValue ?? [] {
            guard let digest = try? Digest(entry.stringValue ?? "") else {
                throw ManifestError(.malformed("a diff_id of the image config is no digest"))
            }
            digests.append(digest)
        }
        diffIDs = digests
        history = (json["history"]?.arrayValue ?? []).map { entry in
            HistoryEntry(
                created: Timestamp.text(of: entry["created"]?.stringValue),
                createdBy: entry["created_by"]?.stringValue ?? "",
                author: entry["author"]?.stringValue ?? "", comment: entry["comment"]?.stringValue ?? "",
                isEmptyLayer: entry["empty_layer"]?.boolValue ?? false)
        }
    }

    /// The `config` object as it stands in the document, or null.
    package var config: JSONValue { json["config"] ?? .null }

    /// Labels, in no particular order.
    package var labels: [String: String] { config["Labels"].map(stringMap) ?? [:] }

    /// The chain ids of the layers: what a layer on top of those below it is known as (`config.md#layer-chainid`).
    package var chainIDs: [Digest] {
        var chain: [Digest] = []
        for diffID in diffIDs {
            guard let last = chain.last else {
                chain.append(diffID)
                continue
            }
            chain.append(Digest.of(Array("\(last) \(diffID)".utf8)))
        }
        return chain
    }
}
