package import OCI

/// What is to go into an archive, before a byte of it is written.
package struct ArchivePlan: Sendable {
    /// One file of `blobs/`.
    struct Blob: Sendable {
        enum Content: Sendable {
            /// What the store has under the same digest.
            case stored
            /// The tar stream in this layer of the store, which is packed there.
            case unpacked(Digest)
            /// Made for this archive.
            case made([UInt8])
        }

        var size: Int64
        var content: Content
    }

    package internal(set) var images: [ArchivedImage] = []
    /// By digest, so that equal images make equal archives.
    private(set) var blobs: [Digest: Blob] = [:]
    /// Blobs that the receiver has, which the archive therefore does without.
    package private(set) var omitted: Set<Digest> = []
    private let known: Set<Digest>

    /// A plan that leaves out `known`.
    package init(without known: Set<Digest> = []) { self.known = known }

    package var blobCount: Int { blobs.count }
    /// Bytes of all blobs as the archive has them.
    package var blobBytes: Int64 { blobs.values.reduce(0) { $0 + $1.size } }
    /// The blobs that are read from the store.
    package var sources: [Digest] {
        blobs.compactMap { digest, blob in
            switch blob.content {
            case .stored: digest
            case .unpacked(let layer): layer
            case .made: nil
            }
        }
    }

    mutating func add(_ digest: Digest, _ blob: Blob) {
        if known.contains(digest) {
            omitted.insert(digest)
        } else if blobs[digest] == nil {
            blobs[digest] = blob
        }
    }
}

/// An image that is to be saved.
package struct ArchiveRequest: Sendable {
    package var entry: StoreEntry
    package var references: [Reference]
    /// The manifest that stands for it: the entry itself, or one of an index.
    package var manifest: Manifest
    /// Only that manifest, though the entry is an index.
    package var isSingle: Bool
    /// Layers as plain tar streams.
    package var unpacksLayers: Bool

    package init(
        entry: StoreEntry, references: [Reference], manifest: Manifest, isSingle: Bool, unpacksLayers: Bool
    ) {
        self.entry = entry
        self.references = references
        self.manifest = manifest
        self.isSingle = isSingle
        self.unpacksLayers = unpacksLayers
    }
}

extension ArchivePlan {
    /// Bytes of the archive when it is written, unpacked as a whole. Nothing is read.
    package func size(_ format: ArchiveFormat) throws(StoreError) -> Int64 {
        final class Count {
            var bytes: Int64 = 0
        }
        let count = Count()
        let medium = TarMedium { count.bytes += Int64($0.count) }
        for (digest, blob) in blobs {
            try medium.begin(ArchiveWriter.path(digest), size: blob.size)
            count.bytes += blob.size
            try medium.end()
        }
        for (path, bytes) in ArchiveLists(images).files(format) {
            try medium.begin(path, size: Int64(bytes.count))
            count.bytes += Int64(bytes.count)
            try medium.end()
        }
        try medium.finish()
        return count.bytes
    }
}
