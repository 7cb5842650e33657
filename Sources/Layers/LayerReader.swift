package import OCI

/// Unpacks a layer blob once and says what is in it.
package enum LayerReader {
    /// Reads `file` (at its start) to its end: digest of the tar stream, sums, and the file table where one is wanted.
    ///
    /// Uses well under 1 MB beside the decoder's window. `cancelled` is asked every 256 KB of blob.
    /// Throws `corrupt` for invalid or hostile content, `unsupported` for other packings, `interrupted`, `io`.
    package static func facts(
        of file: borrowing OpenFile, digest: Digest, mediaType: MediaType, limits: LayerLimits = LayerLimits(),
        table: consuming FileTableWriter? = nil, cancelled: () -> Bool = { false }
    ) throws(LayerError) -> LayerFacts {
        guard !mediaType.rawValue.hasSuffix("+encrypted") else {
            throw LayerError(.unsupported, "the layer is encrypted")
        }
        var decompressor = Decompressor(limits: limits)
        var scan = TarScan(limits: limits, table: table, algorithm: .sha256)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            if cancelled() { throw .interrupted }
            let count: Int
            do { count = try file.read(into: buffer) } catch { throw LayerError(error) }
            if count == 0 { break }
            try decompressor.push(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { piece throws(LayerError) in
                try scan.push(piece)
            }
        }
        try decompressor.finish { piece throws(LayerError) in try scan.push(piece) }
        let compression = decompressor.compression ?? .none
        if limits.requiresMediaType, let promised = LayerCompression.promised(by: mediaType),
            promised != compression, decompressor.bytesIn > 0
        {
            throw LayerError(.corrupt, "the layer is \(compression.rawValue), but its media type is \(mediaType)")
        }
        let result = try scan.finish()
        return LayerFacts(
            digest: digest, diffID: result.diffID, compression: compression, packedBytes: decompressor.bytesIn,
            unpackedBytes: decompressor.bytesOut, fileBytes: result.fileBytes, entries: result.entries)
    }
}

/// Digests a tar stream, adds up its files and writes their table, all in one pass.
struct TarScan: ~Copyable {
    private var walker: TarWalker<Sum>
    private var hasher: DigestHasher

    struct Sum: TarVisitor, ~Copyable {
        var fileBytes: Int64 = 0
        var table: FileTableWriter?

        mutating func entry(_ entry: TarEntry) throws(LayerError) {
            let (sum, overflow) = fileBytes.addingReportingOverflow(entry.fileBytes)
            guard !overflow else { throw LayerError(.corrupt, "the layer's files are larger than can be counted") }
            fileBytes = sum
            try table?.append(entry)
        }

        mutating func content(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {}
    }

    init(limits: LayerLimits, table: consuming FileTableWriter?, algorithm: Digest.Algorithm) {
        walker = TarWalker(visitor: Sum(table: table), maximumEntries: limits.maximumEntries)
        hasher = DigestHasher(algorithm)
    }

    mutating func push(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
        hasher.update(bytes)
        try walker.push(bytes)
    }

    consuming func finish() throws(LayerError) -> (diffID: Digest, fileBytes: Int64, entries: Int) {
        try walker.finish()
        try walker.visitor.table?.finish()
        return (hasher.finish(), walker.visitor.fileBytes, walker.entries)
    }
}
