import HTTP

/// Why a registry did not give what was asked of it.
package struct RegistryError: Error, Sendable, CustomStringConvertible {
    package enum Reason: String, Sendable, CaseIterable {
        case unauthorized
        case denied
        case manifestUnknown
        case notFound
        case rateLimited
        /// The connection, the server or a proxy between failed.
        case network
        case certificate
        case redirect
        case timeout
        case interrupted
        case digestMismatch
        case manifestTooLarge
        /// An answer of another kind over its bound.
        case answerTooLarge
        case wrongContentType
        /// Schema 1 manifests and authentication schemes that dsh does not speak.
        case unsupported
        case blobTooLong
        case blobTooShort
        /// An answer that breaks the protocol.
        case malformed
        /// The registry does not take what it was sent.
        case refused
        /// A credential helper, or a file of logins that cannot be written.
        case helper
        /// `registries.conf` cannot be used.
        case configuration
        /// `registries.conf` blocks the registry.
        case blocked
        /// What was to take the bytes threw; see `cause`.
        case consumer

        /// The shell's stable word for it.
        package var word: String {
            switch self {
            case .unauthorized: "unauthorized"
            case .denied, .blocked, .refused: "denied"
            case .manifestUnknown: "manifest_unknown"
            case .notFound: "not_found"
            case .rateLimited: "rate_limited"
            case .network, .certificate, .redirect: "network"
            case .timeout: "timeout"
            case .interrupted: "interrupted"
            case .digestMismatch: "digest_mismatch"
            case .manifestTooLarge, .answerTooLarge, .wrongContentType, .blobTooLong, .blobTooShort, .malformed,
                .configuration:
                "corrupt"
            case .unsupported: "unsupported"
            case .consumer, .helper: "io"
            }
        }
    }

    package let reason: Reason
    package var message: String
    package var hint: String?
    /// The HTTP status, where there was one.
    package let status: Int?
    /// The registry as references name it, or the mirror that answered for it.
    package let registry: String
    package let isRetryable: Bool
    /// How long the registry asks to wait before the next try.
    package let retryAfter: Duration?
    /// What the caller's own callback threw.
    package let cause: (any Error)?
    /// The registry's own words for it, where it had any.
    var told: String?
    /// Whether it was the registry's token server that said so.
    var isOfTokenServer = false
    /// Whether nothing took the connection; see `HTTPError.isUnconnected`.
    var isUnconnected: Bool

    package init(
        _ reason: Reason, _ message: String, hint: String? = nil, status: Int? = nil, registry: String,
        isRetryable: Bool = false, isUnconnected: Bool = false, retryAfter: Duration? = nil,
        cause: (any Error)? = nil
    ) {
        self.reason = reason
        self.message = message
        self.hint = hint
        self.status = status
        self.registry = registry
        self.isRetryable = isRetryable
        self.isUnconnected = isUnconnected
        self.retryAfter = retryAfter
        self.cause = cause
    }

    /// The shell's stable word: `unauthorized`, `network`, …
    package var code: String { reason.word }

    package var description: String { message }

    static func interrupted(_ registry: String) -> RegistryError {
        RegistryError(.interrupted, "the request to \(registry) was cancelled", registry: registry)
    }

    /// What a failed request means here.
    init(_ error: HTTPError, registry: String) {
        if let own = error.cause as? RegistryError {
            self = own
            return
        }
        let reason: Reason =
            switch error.code {
            case .network, .protocolViolation: .network
            case .timeout: .timeout
            case .interrupted: .interrupted
            case .tls: .certificate
            case .tooLarge: .answerTooLarge
            case .invalidRequest: .malformed
            case .redirect: .redirect
            case .unavailable: .unsupported
            case .consumer: .consumer
            }
        var hint = error.hint
        switch error.code {
        case .tls where error.isPlainServer:
            hint = "it answers, but not in TLS: say --plain-http, or `insecure = true` for it in registries.conf"
        case .tls:
            hint =
                "a registry without a trusted certificate needs its authority in SSL_CERT_FILE or certs.d; "
                + "--insecure, or `insecure = true` in registries.conf, does without one"
        case .protocolViolation:
            hint = "is it a registry? If it speaks TLS: --insecure, or `insecure = false` for it in registries.conf"
        default: break
        }
        self.init(
            reason, error.message, hint: hint, registry: registry, isRetryable: error.isRetryable,
            isUnconnected: error.isUnconnected, cause: error.cause)
    }
}
