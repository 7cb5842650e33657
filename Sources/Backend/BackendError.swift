package import OCI

/// Why an image operation failed.
package struct BackendError: Error, Sendable {
    /// Stable words that scripts switch on (`catch e`, `$e.code`).
    package enum Code: String, Sendable, CaseIterable {
        case notFound = "not_found"
        case conflict
        case inUse = "in_use"
        case invalidReference = "invalid_reference"
        case manifestUnknown = "manifest_unknown"
        case noMatchingPlatform = "no_matching_platform"
        case unauthorized, denied
        case rateLimited = "rate_limited"
        case network, timeout
        case digestMismatch = "digest_mismatch"
        case corrupt, usage, io
        case noSpace = "no_space"
        case interrupted, unsupported
    }

    package var code: Code
    /// One line, no full stop.
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// The argument that it is about, as the caller gave it, where it is about one of several.
    package var argument: String?
    /// What else failed in the same operation.
    package var others: [BackendError]
    /// The HTTP status that a registry answered with, where it is one.
    package var status: Int?
    /// The registry that it came from, where it came from one.
    package var registry: String?

    package init(_ code: Code, _ message: String, hint: String? = nil, others: [BackendError] = []) {
        self.code = code
        self.message = message
        self.hint = hint
        self.others = others
    }

    package init(_ error: ReferenceError) {
        let text = error.text.prefix(200)
        self.init(
            .invalidReference, "\(error.description): \"\(text)\"",
            hint: "a reference is [registry/][namespace/]repository[:tag][@digest], in lower case")
        argument = error.text
    }

    package init(_ error: ManifestError) {
        switch error.reason {
        case .noMatchingPlatform(_, let available):
            self.init(
                .noMatchingPlatform, error.description,
                hint: available.isEmpty ? nil : "available: \(available.joined(separator: ", "))")
        case .schema1: self.init(.unsupported, error.description)
        case .malformed, .wrongMediaType: self.init(.corrupt, error.description)
        }
    }

    /// The same error, said to be about `argument` unless it says already what it is about.
    package func about(_ argument: String) -> BackendError {
        var error = self
        error.argument = error.argument ?? argument
        return error
    }

    /// The registry that could not be reached at all, or broke off without an answer; nil where that is not what is wrong.
    package var unreachableRegistry: String? {
        (code == .network || code == .timeout) && status == nil ? registry : nil
    }

    package static var interrupted: BackendError { BackendError(.interrupted, "interrupted") }
}
