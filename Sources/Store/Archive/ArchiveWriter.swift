import Layers
package import OCI

/// Writes an image archive or an OCI image layout, blob by blob, in constant memory.
///
/// Blobs first, in whatever order (the same order makes the same bytes), then `finish` with the images, which writes what
/// points to them; so a reader that gets half an archive finds no image in it. Belongs to one thread at a time.
package final class ArchiveWriter {
    package let format: ArchiveFormat
    /// How many blobs were written.
    package private(set) var blobCount = 0
    private let medium: any ArchiveMedium
    private var written: Set<Digest> = []
    /// The blob that is being written, how many bytes it has and how many are there.
    private var blob: (digest: Digest, size: Int64)?
    private var count: Int64 = 0
    private var hasher = DigestHasher()

    /// An archive as a tar stream, handed to `sink` in order.
    package init(_ format: ArchiveFormat, sink: @escaping (UnsafeRawBufferPointer) throws(StoreError) -> Void) {
        self.format = format
        medium = TarMedium(sink: sink)
    }

    /// An OCI image layout in a directory, which is made where it is missing. An `index.json` that is there is replaced.
    package init(layoutAt directory: String) {
        format = .oci
        medium = DirectoryMedium(root: directory)
    }

    /// Whether the blob was written already.
    package func contains(_ digest: Digest) -> Bool { written.contains(digest) }

    /// Begins a blob; `append` its bytes, then `endBlob`.
    package func beginBlob(_ digest: Digest, size: Int64) throws(StoreError) {
        try medium.begin(ArchiveWriter.path(digest), size: size)
        blob = (digest, size)
        count = 0
        hasher = DigestHasher(digest.algorithm)
    }

    /// Throws `corrupt` beyond the blob's size, and what the sink throws.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        guard let blob else { return }
        guard Int64(bytes.count) <= blob.size - count else {
            throw StoreError(
                .corrupt, "the blob \(blob.digest) is longer than the \(blob.size) bytes its descriptor says")
        }
        count += Int64(bytes.count)
        hasher.update(bytes)
        try medium.append(bytes)
    }

    /// Throws `corrupt` where bytes are missing, `digest_mismatch` where they are others.
    package func endBlob() throws(StoreError) {
        guard let blob = blob.take() else { return }
        guard count == blob.size else {
            throw StoreError(.corrupt, "the blob \(blob.digest) ended after \(count) of \(blob.size) bytes")
        }
        var finished = DigestHasher()
        swap(&finished, &hasher)
        let actual = finished.finish()
        guard actual == blob.digest else {
            throw StoreError(.digestMismatch, "the blob \(blob.digest) has another digest: \(actual)")
        }
        try medium.end()
        written.insert(blob.digest)
        blobCount += 1
    }

    /// A small blob at once: a manifest, an index or a config. Nothing where it was written before.
    package func writeBlob(_ bytes: [UInt8], digest: Digest) throws(StoreError) {
        guard !contains(digest) else { return }
        try beginBlob(digest, size: Int64(bytes.count))
        try bytes.withBytes { raw throws(StoreError) in try append(raw) }
        try endBlob()
    }

    /// Writes what names the images, and ends the archive.
    package func finish(_ images: [ArchivedImage]) throws(StoreError) {
        for (path, bytes) in ArchiveLists(images).files(format) { try file(path, bytes) }
        try medium.finish()
    }

    private func file(_ path: String, _ bytes: [UInt8]) throws(StoreError) {
        try medium.begin(path, size: Int64(bytes.count))
        try bytes.withBytes { raw throws(StoreError) in try medium.append(raw) }
        try medium.end()
    }

    /// Where a blob is (image-spec `image-layout.md#blobs`).
    static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }
}
