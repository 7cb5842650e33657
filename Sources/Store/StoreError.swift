package import Layers

/// Why the store could not do what was asked.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The stable words of dsh's errors that this layer uses.
    package enum Code: String, Sendable {
        case io, corrupt, interrupted, timeout, unsupported, usage, conflict
        case notFound = "not_found"
        case noSpace = "no_space"
        case digestMismatch = "digest_mismatch"
        case noMatchingPlatform = "no_matching_platform"
        case invalidReference = "invalid_reference"
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

    static let interrupted = StoreError(.interrupted, "interrupted")
}

extension StoreError {
    /// A failed system call: a full disk or quota is `no_space`, all else `io`, with what may be done about it.
    package init(_ error: SystemError) {
        if error.isNoSpace {
            self.init(
                .noSpace, error.description, hint: "free some space and run it again: it goes on where it stopped")
        } else if error.isForbidden {
            let what = error.isReading ? "readable" : "writable"
            self.init(.io, error.description, hint: "the store is not \(what) for you; set DSH_STORE to one that is")
        } else {
            self.init(.io, error.description)
        }
    }

    package init(_ error: LayerError) {
        self.init(Code(rawValue: error.code.rawValue) ?? .corrupt, error.message, hint: error.hint)
    }
}

/// Runs a system call's worth of work and turns its failure into the store's error.
func storing<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(StoreError) -> Result {
    do { return try body() } catch { throw StoreError(error) }
}
