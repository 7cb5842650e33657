package import OCI

/// A layer that was just made.
package struct BuiltLayer: Sendable, Hashable {
    /// The facts of the blob: its digest, its size, the digest of the tar inside, the sum of its files.
    package let facts: LayerFacts
    /// What a manifest says of the blob.
    package var mediaType: MediaType { .ociLayerGzip }
}

/// Makes a gzip layer blob out of a directory or a tar stream, streaming, in constant memory.
package enum LayerBuilder {
    package enum Source {
        /// A directory's content becomes the root file system.
        case directory(String)
        /// A tar stream, plain or packed in any way of `LayerCompression`. The closure fills the buffer and returns how
        /// much, 0 at the end.
        case stream((UnsafeMutableRawBufferPointer) throws(LayerError) -> Int)
    }

    /// Reads `source` and hands the blob's bytes to `sink`, in order.
    ///
    /// A tar stream keeps its bytes, so that the diff_id is the digest of what was given, as with `docker import`.
    /// Throws `corrupt` for an invalid, empty or hostile tar, `unsupported`, `io`, `no_space`, `interrupted`, and what the
    /// closures throw.
    package static func build(
        from source: Source, limits: LayerLimits = LayerLimits(), table: consuming FileTableWriter? = nil,
        cancelled: @escaping () -> Bool = { false },
        sink: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) -> BuiltLayer {
        var pack = Pack(scan: TarScan(limits: limits, table: table, algorithm: .sha256), deflater: try GzipDeflater())
        switch source {
        case .directory(let root):
            var archiver = DirectoryArchiver(root: root, cancelled: cancelled)
            try archiver.write { piece throws(LayerError) in try pack.push(piece, sink) }
        case .stream(let read):
            var decompressor = Decompressor(limits: limits)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
            defer { buffer.deallocate() }
            while true {
                if cancelled() { throw .interrupted }
                let count = try read(buffer)
                guard count > 0 else { break }
                let piece = UnsafeRawBufferPointer(rebasing: buffer[..<min(count, buffer.count)])
                try decompressor.push(piece) { unpacked throws(LayerError) in try pack.push(unpacked, sink) }
            }
            try decompressor.finish { unpacked throws(LayerError) in try pack.push(unpacked, sink) }
            // Docker makes an empty image of it. Where the archive came from a command that failed, nobody would notice.
            guard decompressor.bytesOut > 0 else {
                throw LayerError(
                    .corrupt, "the archive is empty: there is not a single byte in it",
                    hint: "did the command that writes it fail? an empty directory makes an empty image")
            }
        }
        return BuiltLayer(facts: try pack.finish(sink))
    }

    private struct Pack: ~Copyable {
        var scan: TarScan
        var deflater: GzipDeflater
        var hasher = DigestHasher()
        var unpacked: Int64 = 0
        var packed: Int64 = 0

        init(scan: consuming TarScan, deflater: consuming GzipDeflater) {
            self.scan = scan
            self.deflater = deflater
        }

        mutating func push(
            _ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws(LayerError) -> Void
        ) throws(LayerError) {
            unpacked += Int64(bytes.count)
            try scan.push(bytes)
            try deflater.push(bytes) { piece throws(LayerError) in
                packed += Int64(piece.count)
                hasher.update(piece)
                try sink(piece)
            }
        }

        consuming func finish(
            _ sink: (UnsafeRawBufferPointer) throws(LayerError) -> Void
        ) throws(LayerError) -> LayerFacts {
            try deflater.finish { piece throws(LayerError) in
                packed += Int64(piece.count)
                hasher.update(piece)
                try sink(piece)
            }
            let tar = try scan.finish()
            return LayerFacts(
                digest: hasher.finish(), diffID: tar.diffID, compression: .gzip, packedBytes: packed,
                unpackedBytes: unpacked, fileBytes: tar.fileBytes, entries: tar.entries)
        }
    }
}
