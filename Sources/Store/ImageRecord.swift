package import OCI

/// What lists show of an image, from the summary file. Cheap to copy; texts are made when they are asked for.
package struct ImageRecord: Sendable {
    let table: ImageTable
    let row: ImageTable.Row

    /// The digest of the manifest (of an index: of the child that was chosen).
    package var manifest: Digest? { try? Digest(table.text(row.digest)) }
    /// The image's Id: its config's digest, as text and parsed.
    package var idText: String { table.text(row.config) }
    package var id: Digest? { try? Digest(idText) }
    /// Whether this is an image and no other kind of artifact.
    package var isImage: Bool { row.isImage }
    /// RFC 3339 as the config has it; nil where it has none.
    package var created: String? { row.created.length == 0 ? nil : table.text(row.created) }
    package var platform: Platform { table.platforms[Int(row.platform)] }
    /// Labels in the config's order.
    package var labels: [(key: String, value: String)] { table.labels(of: row) }
    package var diffIDs: [Digest] { table.diffIDs(of: row).compactMap { try? Digest($0) } }

    /// Whether the files of every layer have been counted; a foreign layer's mostly have not. What is no image has none.
    var isMeasured: Bool { !isImage || table.layers(of: row).allSatisfy { table.layers[$0].fileBytes != nil } }

    /// The layers as the manifest lists them, base first.
    package var layers: [Descriptor] {
        table.layers(of: row).compactMap { table.descriptor($0) }
    }
}

extension ImageTable {
    func descriptor(_ layer: Int) -> Descriptor? {
        guard let digest = try? Digest(text(layers[layer].digest)) else { return nil }
        return Descriptor(
            mediaType: MediaType(rawValue: mediaTypes[layers[layer].mediaType]), digest: digest,
            size: layers[layer].size)
    }
}

/// A row of `index.json` with what is known of its image.
package struct StoredImage: Sendable {
    package let entry: StoreEntry
    /// Nil where the image cannot be read; then `error` says why.
    package let record: ImageRecord?
    package let error: StoreError?
    /// The sum of the layers' files; nil where it was not asked for, or a layer is absent or unreadable.
    package internal(set) var size: Int64?
    /// Of `size`, what other images have too (by chain id, as Docker counts it), and the rest.
    package internal(set) var sharedSize: Int64?
    package var uniqueSize: Int64? {
        guard let size, let sharedSize else { return nil }
        return max(0, size - sharedSize)
    }
}
