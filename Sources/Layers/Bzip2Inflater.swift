import CBzip2

/// One or more bzip2 streams, each checksum verified, through libbz2.
///
/// As Go's `compress/bzip2`: streams may follow each other; anything else after one is an error.
final class Bzip2Inflater {
    private let stream: UnsafeMutablePointer<bz_stream>
    /// Between streams: the last one ended and nothing of a next one was read.
    private var atBoundary = false

    /// Throws `unsupported` where libbz2 is not there.
    init() throws(LayerError) {
        if let problem = cbzip2_load() {
            throw LayerError(
                .unsupported, "the archive is packed with bzip2, and \(String(cString: problem))",
                hint: "install libbz2, or unpack the archive first: bunzip2 < FILE | … import -")
        }
        guard let stream = cbzip2_new() else { throw .outOfMemory }
        self.stream = stream
    }

    deinit { cbzip2_free(stream) }

    /// Unpacks `input` into pieces of at most `output`'s length.
    func push(
        _ input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer,
        emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        guard let room = output.bindMemory(to: UInt8.self).baseAddress else { return }
        var rest = input
        var outputWasFull = false
        while !rest.isEmpty || outputWasFull {
            if atBoundary {
                guard !rest.isEmpty else { return }
                guard cbzip2_restart(stream) == BZ_OK else { throw .outOfMemory }
                atBoundary = false
            }
            var used = UInt32(clamping: rest.count)
            var made = UInt32(clamping: output.count)
            let code = cbzip2_step(stream, rest.bindMemory(to: UInt8.self).baseAddress, &used, room, &made)
            guard code == BZ_OK || code == BZ_STREAM_END else { throw Bzip2Inflater.failure(code) }
            if made > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<Int(made)])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(used)...])
            outputWasFull = Int(made) == output.count && code != BZ_STREAM_END
            if code == BZ_STREAM_END {
                atBoundary = true
            } else if used == 0, made == 0, !rest.isEmpty {
                throw LayerError(.corrupt, "the layer's bzip2 stream makes no progress")
            }
        }
    }

    /// Throws `corrupt` where the data ends inside a stream.
    func finish() throws(LayerError) {
        guard atBoundary else { throw LayerError(.corrupt, "the layer's bzip2 stream ends too early") }
    }

    private static func failure(_ code: Int32) -> LayerError {
        switch code {
        case BZ_MEM_ERROR: .outOfMemory
        case BZ_DATA_ERROR_MAGIC: LayerError(.corrupt, "the layer has bytes that are no bzip2 stream")
        default: LayerError(.corrupt, "the layer's bzip2 data is invalid (libbz2 code \(code))")
        }
    }
}
