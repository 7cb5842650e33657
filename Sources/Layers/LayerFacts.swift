package import OCI

/// What is known of a layer once it was unpacked: worked out once per blob and kept.
package struct LayerFacts: Sendable, Hashable {
    /// The digest of the blob as it is stored.
    package let digest: Digest
    /// The digest of the unpacked tar stream: the config's `rootfs.diff_ids` entry (OCI image-spec `config.md`).
    package let diffID: Digest
    package let compression: LayerCompression
    /// Bytes of the blob and of the tar stream.
    package let packedBytes: Int64
    package let unpackedBytes: Int64
    /// The sum of the regular files' logical sizes, which is what Docker adds up to an image's `Size`: hard links,
    /// symbolic links, devices and whiteouts count nothing, a file that comes twice counts twice.
    package let fileBytes: Int64
    package let entries: Int

    package init(
        digest: Digest, diffID: Digest, compression: LayerCompression, packedBytes: Int64, unpackedBytes: Int64,
        fileBytes: Int64, entries: Int
    ) {
        self.digest = digest
        self.diffID = diffID
        self.compression = compression
        self.packedBytes = packedBytes
        self.unpackedBytes = unpackedBytes
        self.fileBytes = fileBytes
        self.entries = entries
    }
}

extension LayerFacts {
    private static let mark = "dsh-layer-facts-1"

    /// One line of text, for a cache file.
    package var record: [UInt8] {
        Array(
            """
            \(LayerFacts.mark) \(digest) \(diffID) \(compression.rawValue) \(packedBytes) \(unpackedBytes) \
            \(fileBytes) \(entries) .

            """.utf8)
    }

    /// Reads a record back; nil where it is damaged, cut short or of another version.
    package init?(record: [UInt8]) {
        let fields = String(decoding: record, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 9, fields[0] == LayerFacts.mark, fields[8] == ".\n",
            let digest = try? Digest(String(fields[1])), let diffID = try? Digest(String(fields[2])),
            let compression = LayerCompression(rawValue: String(fields[3])),
            let packed = Int64(fields[4]), let unpacked = Int64(fields[5]), let files = Int64(fields[6]),
            let entries = Int(fields[7]), packed >= 0, unpacked >= 0, files >= 0, entries >= 0
        else { return nil }
        self.init(
            digest: digest, diffID: diffID, compression: compression, packedBytes: packed, unpackedBytes: unpacked,
            fileBytes: files, entries: entries)
    }
}
