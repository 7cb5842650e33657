import CCurl
import Glibc

/// A URL taken apart by libcurl's own parser, so that what is checked here is what will be connected to.
package struct Target: Sendable, Hashable {
    /// The URL in libcurl's normal form, without fragment.
    package let url: String
    package let scheme: String
    /// Lower-case; an IPv6 address is in brackets.
    package let host: String
    package let port: Int

    /// Parses an absolute URL; only `http` and `https`, and no user information in it.
    package init(_ text: String) throws(HTTPError) {
        try self.init(text, relativeTo: nil)
    }

    /// What a `Location` or `Link` of a response from here points at (RFC 3986 section 5).
    package func resolving(_ reference: String) throws(HTTPError) -> Target {
        try Target(reference, relativeTo: self)
    }

    private init(_ text: String, relativeTo base: Target?) throws(HTTPError) {
        try HTTPError.requireCurl()
        guard let handle = ccurl_url() else { throw HTTPError(.unavailable, "out of memory") }
        defer { ccurl_url_cleanup(handle) }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            guard let raw = ccurl_url_get(handle, part, UInt32(flags)) else { return nil }
            defer { ccurl_free(raw) }
            return String(cString: raw)
        }
        let shown = text.prefix(200)
        // A control character or a space is never part of a URL, whatever version of libcurl parses it.
        guard text.utf8.count <= 16384, text.utf8.allSatisfy({ $0 > 32 && $0 != 127 }),
            base == nil || ccurl_url_set(handle, CURLUPART_URL, base?.url, 0) == CURLUE_OK,
            ccurl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK
        else {
            throw HTTPError(.invalidRequest, "not a URL: \"\(escaped(String(shown)))\"")
        }
        guard let scheme = part(CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https" else {
            throw HTTPError(.invalidRequest, "only http and https URLs are used, not \"\(escaped(String(shown)))\"")
        }
        guard part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil else {
            throw HTTPError(.invalidRequest, "a URL with a user name or password in it is not used")
        }
        _ = ccurl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
        guard let host = part(CURLUPART_HOST)?.lowercased(), !host.isEmpty,
            let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }), (1...65535).contains(port),
            let url = part(CURLUPART_URL)
        else {
            throw HTTPError(.invalidRequest, "not a URL: \"\(escaped(String(shown)))\"")
        }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.url = url
    }

    /// The host, with the port where it is not the scheme's own: what messages show.
    package var authority: String {
        port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)"
    }

    /// Scheme, host and port: what credentials belong to.
    package func hasSameOrigin(as other: Target) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    package var isLoopback: Bool { Target.isLoopback(host: host) }

    /// Whether a host (without port; IPv6 with or without brackets) is this machine: `localhost`, names below it
    /// (RFC 6761), 127.0.0.0/8, ::1 and the mapped forms.
    package static func isLoopback(host: String) -> Bool {
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        var four = in_addr()
        if inet_pton(AF_INET, name, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        var six = in6_addr()
        guard inet_pton(AF_INET6, name, &six) == 1 else { return false }
        let bytes = withUnsafeBytes(of: &six) { Array($0) }
        let mapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
        return (bytes.prefix(15).allSatisfy { $0 == 0 } && bytes[15] == 1) || (mapped && bytes[12] == 127)
    }
}

/// Text from outside as it may stand in a message: at most `limit` characters, one line, nothing that moves a
/// terminal's cursor or turns the direction of writing.
package func escaped(_ text: String, limit: Int = 300) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == limit { return result + "…" }
        count += 1
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            result += scalar == "\n" || scalar == "\t" ? " " : "\\u{\(String(scalar.value, radix: 16))}"
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
