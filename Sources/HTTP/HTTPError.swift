import CCurl

/// Why a request failed before or beside any HTTP status: a response of status 500 is no `HTTPError`.
package struct HTTPError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// Name look-up, connection, reset or a broken transfer.
        case network
        case timeout
        /// Cancelled by the caller.
        case interrupted
        /// A certificate that does not verify, or no TLS at all.
        case tls
        /// A body or a header section over its bound.
        case tooLarge
        /// Too many redirects, or one that is not followed.
        case redirect
        /// The other side does not speak HTTP.
        case protocolViolation
        /// A URL, method or header that cannot be sent.
        case invalidRequest
        /// libcurl cannot be loaded or lacks something.
        case unavailable
        /// The caller's own callback threw; see `cause`.
        case consumer

        /// The shell's stable word for it.
        package var word: String {
            switch self {
            case .network, .tls, .redirect, .protocolViolation: "network"
            case .timeout: "timeout"
            case .interrupted: "interrupted"
            case .tooLarge: "corrupt"
            case .invalidRequest: "usage"
            case .unavailable: "unsupported"
            case .consumer: "io"
            }
        }
    }

    package let code: Code
    package let message: String
    package let hint: String?
    /// The host (and port, where it is not the scheme's) that was asked.
    package let host: String
    /// Whether the same request may well succeed a moment later.
    package let isRetryable: Bool
    /// What a caller's callback threw.
    package let cause: (any Error)?
    /// Whether TLS was spoken to a server that answers without it.
    package var isPlainServer = false
    /// Whether nothing took the connection: a server that starts again will in a moment, a wrong address never.
    package var isUnconnected = false

    package init(
        _ code: Code, _ message: String, hint: String? = nil, host: String = "", isRetryable: Bool = false,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.host = host
        self.isRetryable = isRetryable
        self.cause = cause
    }

    package var description: String { message }
}

extension HTTPError {
    static func cancelled(host: String) -> HTTPError {
        HTTPError(.interrupted, "the request to \(host) was cancelled", host: host)
    }

    static func consumer(_ error: any Error, host: String) -> HTTPError {
        if let own = error as? HTTPError { return own }
        return HTTPError(.consumer, "the transfer from \(host) was stopped: \(error)", host: host, cause: error)
    }

    static let unavailableHint = "install libcurl: apt-get install libcurl4 (Debian, Ubuntu), dnf install libcurl"

    /// Throws when libcurl cannot be loaded. Everything that calls libcurl comes through here first.
    static func requireCurl() throws(HTTPError) {
        if let why = ccurl_load() {
            throw HTTPError(.unavailable, String(cString: why), hint: unavailableHint)
        }
    }

    /// What curl's result code means. `detail` is curl's own message for this request, `osError` the errno behind it.
    init(curl code: CURLcode, detail: String, osError: Int, host: String) {
        let text = withoutUserInformation(
            detail.isEmpty ? String(cString: ccurl_easy_strerror(code)) : detail)
        func error(_ code: Code, _ what: String, hint: String? = nil, retry: Bool = false) -> HTTPError {
            HTTPError(code, what, hint: hint, host: host, isRetryable: retry)
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            self = error(.network, "cannot resolve \(host)", hint: "check the name and the network connection")
        case CURLE_COULDNT_RESOLVE_PROXY:
            self = error(.network, "cannot resolve the proxy for \(host)", hint: "check HTTPS_PROXY and http_proxy")
        case CURLE_COULDNT_CONNECT where !text.contains("407"):
            self = error(
                .network, "cannot connect to \(host): \(text)", hint: "is a server running there?", retry: true)
            isUnconnected = true
        case CURLE_OPERATION_TIMEDOUT:
            self = error(.timeout, "no answer from \(host) in time: \(text)", retry: true)
        case CURLE_SSL_CONNECT_ERROR:
            let plain = text.contains("wrong version number") || text.contains("packet length")
            self = error(
                plain ? .tls : .network, "no TLS connection to \(host): \(text)",
                hint: plain ? "the server answers, but not in TLS; is it a plain-HTTP one?" : nil, retry: !plain)
            isPlainServer = plain
        case CURLE_PEER_FAILED_VERIFICATION:
            self = error(
                .tls, "the certificate of \(host) is not trusted: \(text)",
                hint: "add its authority to the system's, or name its file in SSL_CERT_FILE")
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CRL_BADFILE:
            self = error(.tls, "TLS to \(host) cannot be set up: \(text)")
        case CURLE_URL_MALFORMAT:
            self = error(.invalidRequest, "not a URL: \(text)")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            self = error(.protocolViolation, "\(host) does not answer in HTTP: \(text)")
        case CURLE_ABORTED_BY_CALLBACK:
            self = .cancelled(host: host)
        case CURLE_RECV_ERROR where text.contains("407 from proxy"), CURLE_COULDNT_CONNECT where text.contains("407"):
            self = error(
                .network, "the proxy wants a login: \(text)",
                hint: "name it in the proxy's URL: HTTPS_PROXY=http://name:password@proxy:3128")
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND, CURLE_READ_ERROR, CURLE_HTTP3:
            self = error(.network, "the connection to \(host) broke: \(text)", retry: true)
        default:
            self = error(.network, "the request to \(host) failed: \(text)")
        }
    }
}

/// libcurl's words without what stands before an `@`: it quotes a proxy's URL whole, with the password in it.
func withoutUserInformation(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let at = rest.firstIndex(of: "@") {
        let before = rest[..<at]
        // The last quote, or else space, begins the URL; what of it says how, not who, stays.
        let quote = before.lastIndex { $0 == "'" || $0 == "\"" } ?? before.lastIndex(of: " ")
        let start = quote.map { before.index(after: $0) } ?? before.startIndex
        let scheme = before[start...].firstRange(of: "://")?.upperBound ?? start
        result += rest[..<scheme] + "…@"
        rest = rest[rest.index(after: at)...]
    }
    return result + rest
}
