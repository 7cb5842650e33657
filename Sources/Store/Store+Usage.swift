import Layers
package import OCI

/// What a store takes on this disk, in files and their bytes.
package struct StoreUsage: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package var count = 0
        package var bytes: Int64 = 0

        mutating func add(_ size: Int64) {
            count += 1
            bytes += size
        }
    }

    /// Blobs that an image or a running pull needs, as they are stored: layers compressed.
    package var needed = Part()
    /// Blobs that nothing needs.
    package var unreferenced = Part()
    /// Partial downloads.
    package var partials = Part()
    /// Damaged files that `fsck` put aside.
    package var quarantine = Part()
    /// What is derived, and can be made again.
    package var cache = Part()
    /// `index.json` and `oci-layout`.
    package var index = Part()

    package var bytes: Int64 {
        [needed, unreferenced, partials, quarantine, cache, index].reduce(0) { $0 + $1.bytes }
    }
}

extension Store {
    /// What the store's files take. A store that does not exist takes nothing. Throws `corrupt`, `io`, `interrupted`.
    package func usage(cancelled: () -> Bool = { false }) throws(StoreError) -> StoreUsage {
        var usage = StoreUsage()
        guard exists else { return usage }
        let kept = try marks(of: try readIndex(), cancelled: cancelled).reached
            .union(try leasedDigests(cleaning: false))
        for blob in try blobs() {
            if kept.contains(blob.digest) { usage.needed.add(blob.size) } else { usage.unreferenced.add(blob.size) }
        }
        try add(layout.ingest, depth: 0, to: &usage.partials)
        try add(layout.quarantine, depth: 0, to: &usage.quarantine)
        try add(layout.cache, depth: 2, to: &usage.cache)
        for file in [layout.indexFile, layout.layoutFile] {
            if let status = try? FileStatus(path: file) { usage.index.add(status.size) }
        }
        return usage
    }

    private func add(_ directory: String, depth: Int, to part: inout StoreUsage.Part) throws(StoreError) {
        for name in try storing({ () throws(SystemError) in try Directory.names(directory) }) {
            let path = directory + "/" + name
            guard path != layout.heldBack, let status = try? FileStatus(path: path) else { continue }
            if status.isRegular {
                part.add(status.size)
            } else if status.isDirectory, depth > 0 {
                try add(path, depth: depth - 1, to: &part)
            }
        }
    }

    /// For each of these sets of manifests and indexes, the bytes of their blobs that are here, each counted once; absent
    /// blobs count nothing. Throws `io`, `interrupted`.
    package func blobBytes(of roots: [[Digest]], cancelled: () -> Bool = { false }) throws(StoreError) -> [Int64] {
        let sizes = Dictionary(try blobs().map { ($0.digest, $0.size) }) { first, _ in first }
        var bytes: [Int64] = []
        for roots in roots {
            var marks = Marks()
            for root in roots { try mark(root, in: &marks, cancelled: cancelled) }
            bytes.append(marks.reached.reduce(0) { $0 + (sizes[$1] ?? 0) })
        }
        return bytes
    }

    /// The file bytes of all layers that these images stand on, each counted once wherever it stands: what an engine
    /// that unpacks them would need. Images without known sizes count nothing.
    package static func layerBytes(of images: [StoredImage]) -> Int64 {
        guard let table = images.lazy.compactMap(\.record).first?.table else { return 0 }
        return ImageSizes(table).layerBytes(of: images)
    }
}
