import CISAL
import Glibc

/// One or more gzip members (RFC 1952), each checksum verified, through ISA-L.
///
/// As Go's `compress/gzip` and so Docker: members may follow each other; anything else after a member is an error.
final class GzipInflater {
    private let state: UnsafeMutablePointer<inflate_state>
    /// Between members: the last one ended and nothing of a next one was read.
    private var atBoundary = true

    init() throws(LayerError) {
        guard let state = dsh_inflate_new() else { throw .outOfMemory }
        self.state = state
    }

    deinit { free(state) }

    /// Unpacks `input` into pieces of at most `output`'s length.
    func push(
        _ input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer,
        emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        var rest = input
        var outputWasFull = false
        while !rest.isEmpty || outputWasFull {
            if atBoundary {
                guard !rest.isEmpty else { return }
                dsh_inflate_restart(state)
                atBoundary = false
            }
            var used = UInt32(clamping: rest.count)
            var made = UInt32(clamping: output.count)
            var finished: Int32 = 0
            let code = dsh_inflate_step(
                state, rest.bindMemory(to: UInt8.self).baseAddress, &used,
                output.bindMemory(to: UInt8.self).baseAddress, &made, &finished)
            guard code == ISAL_DECOMP_OK || code == ISAL_END_INPUT || code == ISAL_OUT_OVERFLOW else {
                throw GzipInflater.failure(code)
            }
            if made > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<Int(made)])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(used)...])
            outputWasFull = Int(made) == output.count && finished == 0
            if finished != 0 {
                atBoundary = true
            } else if used == 0, made == 0, !rest.isEmpty {
                throw LayerError(.corrupt, "the layer's gzip stream makes no progress")
            }
        }
    }

    /// Throws `corrupt` where the stream ends inside a member.
    func finish() throws(LayerError) {
        guard atBoundary else { throw LayerError(.corrupt, "the layer's gzip stream ends too early") }
    }

    private static func failure(_ code: Int32) -> LayerError {
        switch code {
        case ISAL_INCORRECT_CHECKSUM: LayerError(.corrupt, "the layer's gzip checksum is wrong")
        case ISAL_INVALID_WRAPPER: LayerError(.corrupt, "the layer has bytes that are no gzip member")
        case ISAL_UNSUPPORTED_METHOD: LayerError(.corrupt, "the layer's gzip header names an unknown method")
        default: LayerError(.corrupt, "the layer's gzip data is invalid (ISA-L code \(code))")
        }
    }
}
