import CZstd

/// One or more Zstandard frames (RFC 8878), skippable ones included, with a bound on the window.
final class ZstdInflater {
    private let context: OpaquePointer
    /// What libzstd said last: 0 at the end of a frame.
    private var pending = 0

    init(windowLog: Int32) throws(LayerError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLog)
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Unpacks `input` into pieces of at most `output`'s length.
    func push(
        _ input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer,
        emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var outputWasFull = false
        while source.pos < source.size || outputWasFull {
            var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let before = source.pos
            let result = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(result) == 0 else {
                throw LayerError(
                    .corrupt, "the layer's zstd data is invalid: \(String(cString: ZSTD_getErrorName(result)))")
            }
            // A step that only flushed says 0 again only once the frame is whole; one that did nothing says nothing.
            if source.pos > before || target.pos > 0 { pending = result }
            if target.pos > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<target.pos])) }
            outputWasFull = target.pos == target.size
            if source.pos == before, target.pos == 0, source.pos < source.size {
                throw LayerError(.corrupt, "the layer's zstd stream makes no progress")
            }
        }
    }

    /// Throws `corrupt` where the stream ends inside a frame.
    func finish() throws(LayerError) {
        guard pending == 0 else { throw LayerError(.corrupt, "the layer's zstd stream ends too early") }
    }
}
