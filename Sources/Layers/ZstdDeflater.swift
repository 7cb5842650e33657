import CZstd

/// Packs a stream as one Zstandard frame (RFC 8878) at libzstd's default level, with a checksum at its end.
///
/// What comes out depends on nothing but what goes in and on the version of libzstd.
package final class ZstdDeflater {
    private let context: OpaquePointer
    private let output: UnsafeMutableRawBufferPointer

    /// Throws `io` where there is no memory for it.
    package init() throws(LayerError) {
        guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        output = .allocate(byteCount: 256 << 10, alignment: 64)
    }

    deinit {
        ZSTD_freeCCtx(context)
        output.deallocate()
    }

    /// Takes the next bytes and hands out what is packed so far. Throws what `emit` throws.
    package func push(
        _ input: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        try run(input, ZSTD_e_continue, emit: emit)
    }

    /// Hands out the rest; call it once.
    package func finish(emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void) throws(LayerError) {
        try run(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end, emit: emit)
    }

    private func run(
        _ input: UnsafeRawBufferPointer, _ directive: ZSTD_EndDirective,
        emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        while true {
            var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let left = ZSTD_compressStream2(context, &target, &source, directive)
            guard ZSTD_isError(left) == 0 else {
                throw LayerError(.io, "packing failed: \(String(cString: ZSTD_getErrorName(left)))")
            }
            if target.pos > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<target.pos])) }
            // With `end`, 0 says that the frame is whole; without it, what is left may wait for more input.
            if directive == ZSTD_e_end ? left == 0 : source.pos == source.size { return }
        }
    }
}
