/// One HTTP request, complete with where it goes and how long it may take.
package struct HTTPRequest: Sendable {
    package enum Version: Sendable {
        /// HTTP/2 where TLS agrees on it (ALPN), else HTTP/1.1.
        case automatic
        /// HTTP/1.1: cheaper for one large body on a connection of its own.
        case http1
    }

    package var method: String
    /// An absolute `http` or `https` URL without user information.
    package var url: String
    package var headers: HTTPHeaders
    package var body: HTTPBody
    /// The path of a unix socket to connect to instead of the URL's host.
    package var unixSocket: String?
    /// nil takes the client's own.
    package var tls: TLSOptions?
    package var limits: HTTPLimits
    /// How many redirects are followed; 0 hands a 3xx response to the caller.
    package var maximumRedirects: Int
    /// Whether a proxy from the environment may be used. Loopback hosts and unix sockets never go through one.
    package var allowProxy: Bool
    package var version: Version
    /// Slows the body down, whichever way it goes; only of `HTTPClient.transfer`, where a thread may wait.
    package var rate: RateLimiter?

    package init(
        method: String = "GET", url: String, headers: HTTPHeaders = [:], body: HTTPBody = .none,
        unixSocket: String? = nil, tls: TLSOptions? = nil, limits: HTTPLimits = HTTPLimits(),
        maximumRedirects: Int = 10, allowProxy: Bool = true, version: Version = .automatic, rate: RateLimiter? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.unixSocket = unixSocket
        self.tls = tls
        self.limits = limits
        self.maximumRedirects = maximumRedirects
        self.allowProxy = allowProxy
        self.version = version
        self.rate = rate
    }
}

/// What a request sends.
package enum HTTPBody: Sendable {
    /// Fills the buffer and returns how many bytes it put there, 0 at the end; what it throws ends the request.
    package typealias Reader = @Sendable (UnsafeMutableRawBufferPointer) throws -> Int

    case none
    case bytes([UInt8])
    /// Read as the connection takes it, on the thread that transfers; only `HTTPClient.transfer` sends it, and no
    /// redirect replays it. A nil length is sent chunked.
    case stream(length: Int64?, read: Reader)
}

/// How TLS servers are verified and what is shown to them.
package struct TLSOptions: Sendable, Hashable {
    /// Accept any certificate. Nothing secret should go over such a connection.
    package var insecure: Bool
    /// A PEM file of certificate authorities used instead of the system's.
    package var authorityFile: String?
    /// Authorities in memory, which take the place of `authorityFile`.
    package var authorities: AuthorityBundle?
    /// Why there can be no TLS as it was asked for: every request over it fails with these words.
    package var problem: String?
    /// A directory of certificate authorities, hashed as `openssl rehash` does.
    package var authorityDirectory: String?
    /// PEM files of a client certificate and its key; shown to the request's own host only.
    package var clientCertificate: String?
    package var clientKey: String?

    package init(
        insecure: Bool = false, authorityFile: String? = nil, authorityDirectory: String? = nil,
        clientCertificate: String? = nil, clientKey: String? = nil
    ) {
        self.insecure = insecure
        self.authorityFile = authorityFile
        self.authorityDirectory = authorityDirectory
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
    }

    /// What `SSL_CERT_FILE` (else `CURL_CA_BUNDLE`) and `SSL_CERT_DIR` say.
    package init(environment: [String: String]) {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.init(
            authorityFile: set("SSL_CERT_FILE") ?? set("CURL_CA_BUNDLE"), authorityDirectory: set("SSL_CERT_DIR"))
    }
}

/// The bounds of one request.
package struct HTTPLimits: Sendable, Hashable {
    /// For name look-up, connection and TLS together.
    package var connect: Duration
    /// The time in which at least `stallBytes` bytes have to move, once connected.
    package var stall: Duration
    package var stallBytes: Int
    /// For the whole request, redirects included.
    package var total: Duration?
    /// The size of one response's header section, and how many fields it may have.
    package var headerBytes: Int
    package var headerFields: Int

    package init(
        connect: Duration = .seconds(15), stall: Duration = .seconds(30), stallBytes: Int = 30,
        total: Duration? = nil, headerBytes: Int = 64 << 10, headerFields: Int = 200
    ) {
        self.connect = connect
        self.stall = stall
        self.stallBytes = stallBytes
        self.total = total
        self.headerBytes = headerBytes
        self.headerFields = headerFields
    }
}

/// The head of a response.
package struct HTTPResponse: Sendable, Hashable {
    package let status: Int
    package let headers: HTTPHeaders
    /// The URL that answered, after redirects.
    package let url: String
    /// "1.0", "1.1" or "2".
    package let version: String

    /// The `Content-Length`, where there is exactly one well-formed value.
    package var contentLength: Int64? {
        let values = Set(headers.values("Content-Length"))
        guard values.count == 1, let text = values.first, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
