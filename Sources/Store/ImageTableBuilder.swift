import Layers
import OCI

/// Makes a summary file: every platform, layer, diff_id and chain once.
struct ImageTableBuilder {
    private var platforms = Interner<Platform>()
    private var mediaTypes = Interner<String>()
    private var layers = Interner<String>()
    private var layerFields: [(mediaType: Int, size: Int64, isForeign: Bool)] = []
    private var diffIDs = Interner<String>()
    private var chains = Interner<ChainKey>()
    private var chainLayers: [Int?] = []
    private var rows = ByteWriter()
    private var rowCount = 0
    private var seen: Set<String> = []
    /// What is known of layers' files, by digest.
    var fileBytes: [String: Int64] = [:]

    private struct ChainKey: Hashable {
        let parent: Int?
        let diffID: Int
    }

    private struct Interner<Value: Hashable> {
        private(set) var values: [Value] = []
        private var places: [Value: Int] = [:]

        mutating func place(of value: Value) -> Int {
            if let place = places[value] { return place }
            places[value] = values.count
            values.append(value)
            return values.count - 1
        }
    }

    mutating func add(_ digest: String, _ summary: ImageTableEntry) {
        guard seen.insert(digest).inserted else { return }
        rowCount += 1
        rows.text(digest)
        switch summary {
        case .index(let children):
            rows.number(2)
            rows.number(children.count)
            for child in children {
                rows.text(child.digest)
                rows.optional(child.platform.map { platforms.place(of: $0) })
                rows.number(child.isImage ? 1 : 0)
            }
        case .manifest(let manifest):
            rows.number(manifest.isImage ? 1 : 0)
            rows.text(manifest.config)
            rows.text(manifest.created)
            rows.number(platforms.place(of: manifest.platform))
            let layers = manifest.layers.map { place(of: $0) }
            rows.optional(chain(manifest.diffIDs, layers: layers))
            rows.number(layers.count)
            for layer in layers { rows.number(layer) }
            rows.number(manifest.labels.count)
            for label in manifest.labels {
                rows.text(label.key)
                rows.text(label.value)
            }
        }
    }

    private mutating func place(of layer: ManifestSummary.Layer) -> Int {
        let place = layers.place(of: layer.digest)
        if place == layerFields.count {
            layerFields.append((mediaTypes.place(of: layer.mediaType), layer.size, layer.isForeign))
        }
        return place
    }

    private mutating func chain(_ list: [String], layers: [Int]) -> Int? {
        var top: Int?
        for (position, diffID) in list.enumerated() {
            let place = chains.place(of: ChainKey(parent: top, diffID: diffIDs.place(of: diffID)))
            // Without a layer for every diff_id nothing says which is whose.
            if place == chainLayers.count { chainLayers.append(layers.count == list.count ? layers[position] : nil) }
            top = place
        }
        return top
    }

    /// The whole file.
    func encoded() -> [UInt8] {
        var body = ByteWriter()
        body.number(platforms.values.count)
        for platform in platforms.values {
            for text in [platform.os, platform.architecture, platform.variant ?? "", platform.osVersion ?? ""] {
                body.text(text)
            }
        }
        body.number(mediaTypes.values.count)
        for type in mediaTypes.values { body.text(type) }
        body.number(layers.values.count)
        for (digest, fields) in zip(layers.values, layerFields) {
            body.text(digest)
            body.number(fields.mediaType)
            body.number(UInt64(max(0, fields.size)))
            body.number(fileBytes[digest].map { UInt64(max(0, $0)) + 1 } ?? 0)
            body.number(fields.isForeign ? 1 : 0)
        }
        body.number(diffIDs.values.count)
        for diffID in diffIDs.values { body.text(diffID) }
        body.number(chains.values.count)
        for (key, layer) in zip(chains.values, chainLayers) {
            body.optional(key.parent)
            body.number(key.diffID)
            body.optional(layer)
        }
        body.number(rowCount)
        body.append(rows.bytes)
        let hash = body.bytes.withBytes { quickHash($0) }
        return ImageTable.magic + (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) } + body.bytes
    }
}
