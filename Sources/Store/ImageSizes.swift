import Layers
import OCI

/// Sizes of images, and what they share: a few passes over numbers.
struct ImageSizes {
    private let table: ImageTable

    init(_ table: ImageTable) { self.table = table }

    func fill(_ images: inout [StoredImage]) {
        let users = chainUsers(images)
        for index in images.indices {
            guard let row = images[index].record?.row else { continue }
            images[index].size = size(of: row)
            guard images[index].size != nil else { continue }
            var shared: Int64 = 0
            walk(row) { chain in
                if users[chain] > 1 { shared = shared.addingClamped(bytes(ofChain: chain)) }
            }
            images[index].sharedSize = shared
        }
    }

    private func size(of row: ImageTable.Row) -> Int64? {
        var size: Int64 = 0
        // What is no image is not unpacked: it counts what its blobs are on disk.
        guard row.isImage else {
            return table.layers(of: row).reduce(size) { $0.addingClamped(table.layers[$1].size) }
        }
        for index in table.layers(of: row) {
            let layer = table.layers[index]
            // A foreign layer need not be here; what is not here takes no space.
            guard let bytes = layer.fileBytes ?? (layer.isForeign ? 0 : nil) else { return nil }
            size = size.addingClamped(bytes)
        }
        return size
    }

    /// How many images, by Id, stand on each chain.
    private func chainUsers(_ images: [StoredImage]) -> [Int32] {
        var users = [Int32](repeating: 0, count: table.chains.count)
        var seen: Set<UInt64> = []
        seen.reserveCapacity(images.count)
        table.bytes.withBytes { bytes in
            for image in images {
                guard let row = image.record?.row, seen.insert(row.config.digestKey(in: bytes)).inserted else {
                    continue
                }
                walk(row) { users[$0] += 1 }
            }
        }
        return users
    }

    /// The bytes of every chain that one of the images stands on.
    func layerBytes(of images: [StoredImage]) -> Int64 {
        let users = chainUsers(images)
        return users.indices.reduce(0) { users[$1] > 0 ? $0.addingClamped(bytes(ofChain: $1)) : $0 }
    }

    private func walk(_ row: ImageTable.Row, _ each: (Int) -> Void) {
        var chain = Int(row.chain)
        while chain >= 0 {
            each(chain)
            chain = Int(table.chains[chain].parent)
        }
    }

    private func bytes(ofChain chain: Int) -> Int64 {
        let layer = Int(table.chains[chain].layer)
        return layer >= 0 ? table.layers[layer].fileBytes ?? 0 : 0
    }
}

extension Int64 {
    /// The sum, or the largest number where it does not fit: sizes come from outside.
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
