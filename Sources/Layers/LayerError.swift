/// Why a layer could not be read or built.
package struct LayerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The stable words of dsh's errors that this layer uses.
    package enum Code: String, Sendable {
        case corrupt, unsupported, io, interrupted, usage
        case noSpace = "no_space"
        case digestMismatch = "digest_mismatch"
    }

    package let code: Code
    package let message: String
    package let hint: String?

    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { message }

    static let outOfMemory = LayerError(.io, "out of memory for a layer's decoder")
    static let interrupted = LayerError(.interrupted, "interrupted")
}

extension LayerError {
    /// A failed system call: a full disk or quota is `no_space`, all else `io`.
    package init(_ error: SystemError) {
        self.init(error.isNoSpace ? .noSpace : .io, error.description)
    }
}
