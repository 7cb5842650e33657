import CLzma

/// One or more xz streams with padding between them, each check verified, through liblzma; with a bound on memory.
final class XzInflater {
    private let stream: UnsafeMutablePointer<lzma_stream>

    /// `windowLog` bounds the dictionary. Throws `unsupported` where liblzma is not there.
    init(windowLog: Int32) throws(LayerError) {
        if let problem = clzma_load() {
            throw LayerError(
                .unsupported, "the archive is packed with xz, and \(String(cString: problem))",
                hint: "install liblzma, or unpack the archive first: xz -d < FILE | … import -")
        }
        // What the decoder needs beside the dictionary is well under a megabyte.
        guard let stream = clzma_new((1 << UInt64(windowLog)) + (1 << 20)) else { throw .outOfMemory }
        self.stream = stream
    }

    deinit { clzma_free(stream) }

    /// Unpacks `input` into pieces of at most `output`'s length.
    func push(
        _ input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer,
        emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        guard let room = output.bindMemory(to: UInt8.self).baseAddress else { return }
        var rest = input
        var outputWasFull = false
        while !rest.isEmpty || outputWasFull {
            var used = rest.count
            var made = output.count
            let code = clzma_step(stream, rest.bindMemory(to: UInt8.self).baseAddress, &used, room, &made, false)
            // With nothing to do it says so once; that is no failure.
            guard code == LZMA_OK || code == LZMA_BUF_ERROR && rest.isEmpty else { throw XzInflater.failure(code) }
            if made > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<made])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            outputWasFull = made == output.count
        }
    }

    /// Throws `corrupt` where the data ends inside a stream.
    func finish() throws(LayerError) {
        var (used, made) = (0, 1)
        var spare: UInt8 = 0
        let code = clzma_step(stream, nil, &used, &spare, &made, true)
        guard code == LZMA_STREAM_END, made == 0 else {
            throw LayerError(.corrupt, "the layer's xz stream ends too early")
        }
    }

    private static func failure(_ code: lzma_ret) -> LayerError {
        switch code {
        case LZMA_MEM_ERROR: .outOfMemory
        case LZMA_MEMLIMIT_ERROR: LayerError(.corrupt, "the layer's xz data needs more memory than is allowed")
        case LZMA_FORMAT_ERROR: LayerError(.corrupt, "the layer has bytes that are no xz stream")
        case LZMA_OPTIONS_ERROR:
            LayerError(.unsupported, "the layer's xz data uses a filter that liblzma does not know")
        default: LayerError(.corrupt, "the layer's xz data is invalid (liblzma code \(code.rawValue))")
        }
    }
}
