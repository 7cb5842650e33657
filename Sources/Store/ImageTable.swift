import Layers
import OCI

/// The image summary file: one flat file that has what lists show of every manifest, keyed by manifest digest.
///
/// Manifests never change under their digest, so that the file is never wrong, only incomplete; it is written anew as a
/// whole (temporary name, rename) when it lacks something, and one that is damaged counts as empty. Layout after the
/// magic and a hash of the rest: platforms, layers, diff_ids, chains (a diff_id on top of another chain), rows; numbers
/// as LEB128, lists by their length. Decoding makes no text: only places are kept.
final class ImageTable: Sendable {
    struct Layer: Sendable {
        var digest: TextPlace
        var mediaType: Int
        var size: Int64
        /// The sum of the layer's files; nil as long as nobody asked for it.
        var fileBytes: Int64?
        var isForeign: Bool
    }

    struct Chain: Sendable {
        var parent: Int32
        var diffID: Int32
        /// The layer with this diff_id that was seen first; -1 where a manifest lists fewer layers than its config.
        var layer: Int32
    }

    struct Row: Sendable {
        var digest: TextPlace
        /// Of an index: no config, and children instead of layers.
        var isIndex: Bool
        var isImage = false
        var config = TextPlace(start: 0, length: 0)
        var created = TextPlace(start: 0, length: 0)
        var platform: Int32 = 0
        /// The chain of all layers; -1 for none.
        var chain: Int32 = -1
        /// Where the list of layers, the labels or the children begin.
        var layersAt = 0
        var labelsAt = 0
    }

    static let magic = Array("DSHIMAGES2".utf8)
    static let maximumBytes = 1 << 30

    let bytes: [UInt8]
    let platforms: [Platform]
    let mediaTypes: [String]
    let layers: [Layer]
    let diffIDs: [TextPlace]
    let chains: [Chain]
    let rows: [Row]
    private let places: [UInt64: Int32]

    static let empty = ImageTable()

    private init() {
        bytes = []
        (platforms, mediaTypes, layers, diffIDs) = ([], [], [], [])
        (chains, rows, places) = ([], [], [:])
    }

    /// Decodes a summary file; nil where it is damaged, cut short or of another version.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= ImageTable.magic.count + 8, bytes.starts(with: ImageTable.magic) else { return nil }
        var decoder = TableDecoder()
        guard bytes.withBytes({ decoder.decode($0) }) else { return nil }
        self.bytes = bytes
        platforms = decoder.platforms
        mediaTypes = decoder.mediaTypes
        layers = decoder.layers
        diffIDs = decoder.diffIDs
        chains = decoder.chains
        rows = decoder.rows
        places = decoder.places
    }

    /// The row of a manifest or an index.
    func row(of digest: Digest) -> Int? {
        var hex = digest.hex
        return hex.withUTF8 { hex -> Int? in
            let hex = UnsafeRawBufferPointer(hex)
            guard let row = places[DigestKey.of(hex: hex)] else { return nil }
            // Two digests with one key: then only one is found, and the other is read from its blob.
            let place = rows[Int(row)].digest.range
            let isSame = bytes.withBytes { bytes in
                place.count == hex.count + 7
                    && UnsafeRawBufferPointer(rebasing: bytes[place.dropFirst(7)]).hasSameBytes(as: hex)
            }
            // The length tells the algorithms apart.
            return isSame ? Int(row) : nil
        }
    }

    func text(_ place: TextPlace) -> String { bytes.withBytes { place.text(in: $0) } }

    /// The layers of a row, base first, as indexes of `layers`.
    func layers(of row: Row) -> [Int] {
        guard !row.isIndex else { return [] }
        return bytes.withBytes { raw in
            var reader = ByteReader(raw, at: row.layersAt)
            return (0..<reader.count()).map { _ in reader.index(below: layers.count) }
        }
    }

    func labels(of row: Row) -> [(key: String, value: String)] {
        guard !row.isIndex else { return [] }
        return bytes.withBytes { raw in
            var reader = ByteReader(raw, at: row.labelsAt)
            return (0..<reader.count()).map { _ in (reader.text(), reader.text()) }
        }
    }

    func children(of row: Row) -> [ChildSummary] {
        guard row.isIndex else { return [] }
        return bytes.withBytes { raw in
            var reader = ByteReader(raw, at: row.layersAt)
            return (0..<reader.count()).map { _ in
                let digest = reader.text()
                let platform = reader.optionalIndex(below: platforms.count)
                return ChildSummary(
                    digest: digest, platform: platform.map { platforms[$0] }, isImage: reader.number() == 1)
            }
        }
    }

    /// The diff_ids of a row, base first.
    func diffIDs(of row: Row) -> [String] {
        var list: [String] = []
        var chain = Int(row.chain)
        while chain >= 0, chain < chains.count {
            list.append(text(diffIDs[Int(chains[chain].diffID)]))
            chain = Int(chains[chain].parent)
        }
        return list.reversed()
    }

    /// The row as it was before it was encoded.
    func summary(of row: Row) -> ImageTableEntry {
        if row.isIndex { return .index(children(of: row)) }
        return .manifest(
            ManifestSummary(
                config: text(row.config), isImage: row.isImage, created: text(row.created),
                platform: platforms[Int(row.platform)], labels: labels(of: row),
                layers: layers(of: row).map { index in
                    let layer = layers[index]
                    return ManifestSummary.Layer(
                        digest: text(layer.digest), size: layer.size, isForeign: layer.isForeign,
                        mediaType: mediaTypes[layer.mediaType])
                }, diffIDs: diffIDs(of: row)))
    }
}

/// The file's lists, read in one pass; every index is checked, so that nothing later can be out of range.
private struct TableDecoder {
    var platforms: [Platform] = []
    var mediaTypes: [String] = []
    var layers: [ImageTable.Layer] = []
    var diffIDs: [TextPlace] = []
    var chains: [ImageTable.Chain] = []
    var rows: [ImageTable.Row] = []
    var places: [UInt64: Int32] = [:]

    mutating func decode(_ raw: UnsafeRawBufferPointer) -> Bool {
        let start = ImageTable.magic.count + 8
        let stored = raw.loadUnaligned(fromByteOffset: ImageTable.magic.count, as: UInt64.self)
        guard quickHash(UnsafeRawBufferPointer(rebasing: raw[start...])) == UInt64(littleEndian: stored) else {
            return false
        }
        var reader = ByteReader(raw, at: start)
        platforms = TableDecoder.list(&reader) { reader in
            let names = (0..<4).map { _ in reader.text() }
            return Platform(
                os: names[0], architecture: names[1], variant: names[2].isEmpty ? nil : names[2],
                osVersion: names[3].isEmpty ? nil : names[3])
        }
        mediaTypes = TableDecoder.list(&reader) { $0.text() }
        let types = mediaTypes.count
        layers = TableDecoder.list(&reader) { reader in
            let digest = reader.textPlace()
            let type = reader.index(below: types)
            let size = reader.int64()
            let files = reader.number()
            return ImageTable.Layer(
                digest: digest, mediaType: type, size: size,
                fileBytes: files == 0 ? nil : Int64(truncatingIfNeeded: files - 1), isForeign: reader.number() == 1)
        }
        diffIDs = TableDecoder.list(&reader) { $0.textPlace() }
        decodeChains(&reader)
        decodeRows(&reader, raw)
        return !reader.isBroken && reader.isAtEnd
    }

    private static func list<Element>(
        _ reader: inout ByteReader, _ element: (inout ByteReader) -> Element
    ) -> [Element] {
        let count = reader.count()
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count where !reader.isBroken { list.append(element(&reader)) }
        return list
    }

    private mutating func decodeChains(_ reader: inout ByteReader) {
        let (diffs, layerCount) = (diffIDs.count, layers.count)
        var position = 0
        chains = TableDecoder.list(&reader) { reader in
            defer { position += 1 }
            // A parent comes before its children: no chain can go in a circle.
            return ImageTable.Chain(
                parent: Int32(reader.optionalIndex(below: position) ?? -1), diffID: Int32(reader.index(below: diffs)),
                layer: Int32(reader.optionalIndex(below: layerCount) ?? -1))
        }
    }

    private mutating func decodeRows(_ reader: inout ByteReader, _ raw: UnsafeRawBufferPointer) {
        let (platformCount, layerCount, chainCount) = (platforms.count, layers.count, chains.count)
        rows = TableDecoder.list(&reader) { reader in
            var row = ImageTable.Row(digest: reader.textPlace(), isIndex: false)
            let kind = reader.number()
            if kind == 2 {
                row.isIndex = true
                row.layersAt = reader.offset
                for _ in 0..<reader.count() where !reader.isBroken {
                    _ = reader.textPlace()
                    _ = reader.optionalIndex(below: platformCount)
                    _ = reader.number()
                }
                return row
            }
            row.isImage = kind == 1
            row.config = reader.textPlace()
            row.created = reader.textPlace()
            row.platform = Int32(reader.index(below: platformCount))
            row.chain = Int32(reader.optionalIndex(below: chainCount) ?? -1)
            row.layersAt = reader.offset
            for _ in 0..<reader.count() where !reader.isBroken { _ = reader.index(below: layerCount) }
            row.labelsAt = reader.offset
            for _ in 0..<reader.count() where !reader.isBroken {
                _ = reader.textPlace()
                _ = reader.textPlace()
            }
            return row
        }
        places.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            places[row.digest.digestKey(in: raw)] = Int32(truncatingIfNeeded: index)
        }
    }
}
