import CCurl
import Glibc

/// One request of a chain of redirects: where it goes and what goes along.
struct Hop {
    var request: HTTPRequest
    let target: Target
    private var followed = 0

    /// What belongs to the first host alone, besides `Authorization`.
    private static let secretHeaders = [
        "Authorization", "Cookie", "Proxy-Authorization", "X-Registry-Auth", "X-Registry-Config",
    ]

    init(_ request: HTTPRequest, defaultTLS: TLSOptions) throws(HTTPError) {
        self.request = request
        self.request.tls = request.tls ?? defaultTLS
        target = try Target(request.url)
        guard HTTPHeaders.isToken(request.method), request.headers.areWellFormed else {
            throw HTTPError(.invalidRequest, "a method or header that HTTP cannot carry", host: target.authority)
        }
    }

    private init(_ request: HTTPRequest, target: Target, followed: Int) {
        self.request = request
        self.target = target
        self.followed = followed
    }

    /// Whether the response is a redirect that this request follows.
    func follows(_ response: HTTPResponse) -> Bool {
        [301, 302, 303, 307, 308].contains(response.status) && request.maximumRedirects > 0
            && response.headers["Location"] != nil
    }

    /// The request to make next (RFC 9110 section 15.4). Secrets stay with the origin they were given for, and so does what
    /// changes anything there; a deletion follows no redirect at all.
    func redirected(by response: HTTPResponse) throws(HTTPError) -> Hop {
        func refuse(_ why: String, hint: String? = nil) -> HTTPError {
            HTTPError(.redirect, "\(target.authority) \(why)", hint: hint, host: target.authority)
        }
        // What is deleted is what was named, where it was named: nobody else may choose that.
        guard request.method != "DELETE" else {
            throw refuse(
                "answers a deletion with a redirect, which is not followed",
                hint: "a deletion goes to the server that was named, and to no other")
        }
        guard followed < request.maximumRedirects else {
            throw refuse("redirects more than \(request.maximumRedirects) times: a loop?")
        }
        let location = response.headers["Location"] ?? ""
        let next: Target
        do {
            next = try target.resolving(location)
        } catch {
            throw refuse("redirects to \"\(escaped(location, limit: 120))\", which is not followed: \(error.message)")
        }
        if target.scheme == "https", next.scheme == "http" {
            throw refuse("redirects from https to http (\(escaped(next.authority))), which is not followed")
        }
        if request.unixSocket != nil, !next.hasSameOrigin(as: target) {
            throw refuse("redirects from a unix socket to \(escaped(next.authority)), which is not followed")
        }
        var following = request
        following.url = next.url
        let becomesGet =
            (response.status == 303 && request.method != "HEAD")
            || (response.status < 303 && request.method == "POST")
        if becomesGet {
            following.method = "GET"
            following.body = .none
            following.headers["Content-Type"] = nil
        }
        if case .stream = following.body { throw refuse("redirects an upload, which cannot be sent twice") }
        // Nor may a server have things written at another.
        guard ["GET", "HEAD"].contains(following.method) || next.hasSameOrigin(as: target) else {
            throw refuse(
                "redirects what is written to it to \(escaped(next.authority)), which is not followed",
                hint: "if that is where it belongs, name that address")
        }
        if !next.hasSameOrigin(as: target) {
            for name in Hop.secretHeaders { following.headers[name] = nil }
            following.tls?.clientCertificate = nil
            following.tls?.clientKey = nil
        }
        return Hop(following, target: next, followed: followed + 1)
    }

    /// Sets the handle's options. Returns the lists that must live as long as the request.
    func configure(_ handle: EasyHandle, configuration: HTTPClient.Configuration) throws(HTTPError) -> [TextList] {
        func require(_ done: Bool, _ what: String) throws(HTTPError) {
            if !done {
                throw HTTPError(.unavailable, "this libcurl does not support \(what)", host: target.authority)
            }
        }
        handle.set(CURLOPT_NOSIGNAL, true)
        try require(handle.set(CURLOPT_URL, target.url), "such a URL")
        handle.set(CURLOPT_PROTOCOLS, Int(CURLPROTO_HTTP | CURLPROTO_HTTPS))
        handle.set(CURLOPT_FOLLOWLOCATION, false)
        handle.set(CURLOPT_HTTP09_ALLOWED, false)
        handle.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        handle.set(CURLOPT_USERAGENT, configuration.userAgent)
        handle.set(CURLOPT_TCP_KEEPALIVE, true)
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.limits.connect.milliseconds))
        let http2 = request.version == .automatic && ccurl_supports_http2()
        handle.set(CURLOPT_HTTP_VERSION, Int(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
        // Waiting for a connection that may turn out to be multiplexed only makes sense where it can.
        handle.set(CURLOPT_PIPEWAIT, http2 && target.scheme == "https")
        if let path = request.unixSocket {
            try require(handle.set(CURLOPT_UNIX_SOCKET_PATH, path), "unix sockets")
        }
        configureProxy(handle, configuration)
        try configureTLS(handle, require)
        var lists = configureBody(handle)
        if !configuration.resolve.isEmpty {
            let list = TextList(configuration.resolve)
            handle.set(CURLOPT_RESOLVE, list.raw)
            lists.append(list)
        }
        return lists
    }

    private func configureProxy(_ handle: EasyHandle, _ configuration: HTTPClient.Configuration) {
        let direct = !request.allowProxy || target.isLoopback || request.unixSocket != nil
        switch (direct, configuration.proxy) {
        case (true, _), (_, .none): handle.set(CURLOPT_PROXY, "")
        case (_, .environment):
            // libcurl reads http_proxy, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case, but HTTP_PROXY not: for a
            // web server's CGI program that is a header of the request. Docker and podman read it.
            if target.scheme == "http", getenv("http_proxy") == nil, getenv("REQUEST_METHOD") == nil,
                let proxy = getenv("HTTP_PROXY"), proxy[0] != 0
            {
                handle.set(CURLOPT_PROXY, String(cString: proxy))
            }
        case (_, .url(let url)): handle.set(CURLOPT_PROXY, url)
        }
    }

    private func configureTLS(
        _ handle: EasyHandle, _ require: (Bool, String) throws(HTTPError) -> Void
    ) throws(HTTPError) {
        guard target.scheme == "https", let tls = request.tls else { return }
        if let problem = tls.problem {
            throw HTTPError(.tls, "TLS to \(target.authority) cannot be set up: \(problem)", host: target.authority)
        }
        handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        handle.set(CURLOPT_SSL_VERIFYPEER, !tls.insecure)
        handle.set(CURLOPT_SSL_VERIFYHOST, tls.insecure ? 0 : 2)
        if let bundle = tls.authorities {
            let done = bundle.pem.withUnsafeBytes {
                ccurl_set_bytes(handle.raw, CURLOPT_CAINFO_BLOB, $0.baseAddress, $0.count)
            }
            try require(done == CURLE_OK, "authorities in memory")
        } else if let file = tls.authorityFile {
            try require(handle.set(CURLOPT_CAINFO, file), "authority files")
        }
        if let path = tls.authorityDirectory { try require(handle.set(CURLOPT_CAPATH, path), "authority directories") }
        if let file = tls.clientCertificate { try require(handle.set(CURLOPT_SSLCERT, file), "client certificates") }
        if let file = tls.clientKey { try require(handle.set(CURLOPT_SSLKEY, file), "client keys") }
    }

    private func configureBody(_ handle: EasyHandle) -> [TextList] {
        // A colon and nothing removes what libcurl would add; a semicolon sends a field without value.
        var lines = ["Expect:"]
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        switch (request.method, request.body) {
        case ("HEAD", _): handle.set(CURLOPT_NOBODY, true)
        case ("GET", .none): handle.set(CURLOPT_HTTPGET, true)
        case (let method, .none):
            // POST without a body still says that its length is 0.
            if method == "POST" || method == "PUT" || method == "PATCH" { setBytes([], handle) }
            handle.set(CURLOPT_CUSTOMREQUEST, method)
        case (let method, .bytes(let bytes)):
            setBytes(bytes, handle)
            handle.set(CURLOPT_CUSTOMREQUEST, method)
        case (let method, .stream(let length, _)):
            handle.set(CURLOPT_UPLOAD, true)
            // Files are read in pieces of this size: with libcurl's own 64 KB a fast upload takes more calls than it needs.
            handle.set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
            handle.set(CURLOPT_INFILESIZE_LARGE, offset: length ?? -1)
            handle.set(CURLOPT_CUSTOMREQUEST, method)
        }
        let list = TextList(lines)
        handle.set(CURLOPT_HTTPHEADER, list.raw)
        return [list]
    }

    private func setBytes(_ bytes: [UInt8], _ handle: EasyHandle) {
        handle.set(CURLOPT_POST, true)
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(bytes.count))
        // libcurl copies them. One more byte than it reads: an empty array has no address, and NULL would mean
        // "read from a callback".
        var padded = bytes + [0]
        padded.withUnsafeMutableBytes { handle.set(CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
    }
}
