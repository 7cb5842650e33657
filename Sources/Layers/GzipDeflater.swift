import CISAL

/// Packs a stream as one gzip member with ISA-L's best level and no name or time in its header.
///
/// What comes out depends on the processor's vector units, so the packed digest may differ between machines; the
/// digest of what it unpacks to does not.
package struct GzipDeflater: ~Copyable {
    private let stream: UnsafeMutablePointer<isal_zstream>
    private let output: UnsafeMutableRawBufferPointer

    /// Throws `io` where there is no memory for it.
    package init() throws(LayerError) {
        guard let stream = dsh_deflate_new() else { throw .outOfMemory }
        self.stream = stream
        output = .allocate(byteCount: 256 << 10, alignment: 64)
    }

    deinit {
        dsh_deflate_free(stream)
        output.deallocate()
    }

    /// Takes the next bytes and hands out what is packed so far. Throws what `emit` throws.
    package mutating func push(
        _ input: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        try run(input, isLast: false, emit: emit)
    }

    /// Hands out the rest; call it once.
    package mutating func finish(emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void) throws(LayerError) {
        try run(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, emit: emit)
    }

    private mutating func run(
        _ input: UnsafeRawBufferPointer, isLast: Bool, emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        var rest = input
        var finished: Int32 = 0
        var outputWasFull = false
        while !rest.isEmpty || outputWasFull || (isLast && finished == 0) {
            var used = UInt32(clamping: rest.count)
            var made = UInt32(clamping: output.count)
            let code = dsh_deflate_step(
                stream, rest.bindMemory(to: UInt8.self).baseAddress, &used,
                output.bindMemory(to: UInt8.self).baseAddress, &made, isLast ? 1 : 0, &finished)
            guard code == COMP_OK else { throw LayerError(.io, "packing the layer failed (ISA-L code \(code))") }
            if made > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<Int(made)])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(used)...])
            outputWasFull = Int(made) == output.count && finished == 0
            guard used > 0 || made > 0 || finished != 0 || (rest.isEmpty && !isLast) else {
                throw LayerError(.io, "packing the layer makes no progress")
            }
        }
    }
}
