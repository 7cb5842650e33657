import Glibc
import HTTP
import JSON
import OCI

/// One request to a token server (distribution's `token.md`; with an identity token its `oauth.md`).
struct TokenRequest: Sendable {
    struct Answer: Sendable {
        let token: Secret
        let lifetime: Duration
        /// What to keep in the place of the password, where it was asked for and given.
        var refreshToken: Secret?
    }

    let realm: String
    let service: String
    let scope: String
    let credentials: Credentials?
    /// Whether the registry itself is spoken to without (verified) TLS.
    let allowsPlain: Bool
    /// The registry as messages call it, and where it was spoken to: `https://registry-1.docker.io`.
    let registry: String
    let origin: String
    let tls: TLSOptions?
    /// Whether configuration lets that host go without verified TLS.
    var isInsecureHost: @Sendable (String) -> Bool = { _ in false }
    let limits: HTTPLimits
    /// Asks for a token that can be kept instead of the password (`offline_token`).
    var wantsRefreshToken = false

    /// The least time a token is held for, as Docker has it.
    static let shortestLifetime: Int64 = 60
    static let maximumBytes = 1 << 20

    /// Throws `unauthorized`, `denied`, `rateLimited`, … as the token server answers.
    func send(_ http: HTTPClient) async throws(RegistryError) -> Answer {
        let request = try request()
        let response: HTTPResponse
        let body: [UInt8]
        do {
            (response, body) = try await http.send(request, maximumBytes: TokenRequest.maximumBytes)
        } catch {
            guard error.code == .tooLarge else { throw failed(RegistryError(error, registry: registry)) }
            throw RegistryError(.malformed, "\(server) answers without end", registry: registry)
        }
        guard response.status == 200 else { throw refused(response, body) }
        return try answer(response, body)
    }

    /// `the token server of quay.io (https://quay.io/v2/auth)`: its URL as the registry names it, without the query, in
    /// which anything may stand.
    private var server: String {
        let url = (try? Target(realm)).map { String($0.url.prefix { $0 != "?" }) } ?? realm
        return "the token server of \(registry) (\(escaped(url, limit: 200)))"
    }

    /// An error of the connection, which names a host that the user may never have heard of.
    private func failed(_ error: RegistryError) -> RegistryError {
        guard error.reason != .interrupted else { return error }
        return RegistryError(
            error.reason, "\(server) cannot be asked: \(error.message)", hint: error.hint, registry: registry,
            isRetryable: error.isRetryable, isUnconnected: error.isUnconnected, cause: error.cause)
    }

    /// What an answer other than a token means: 401, 403 and 429 are about whoever asks, all others about the server.
    private func refused(_ response: HTTPResponse, _ body: [UInt8]) -> RegistryError {
        let subject = RegistrySubject(kind: .token, name: scope.isEmpty ? "" : escaped(scope, limit: 200))
        var error = RegistryError(
            response, body: body, registry: registry, subject: subject, sent: credentials?.sent)
        error.isOfTokenServer = true
        if [.unauthorized, .denied, .rateLimited].contains(error.reason) { return error }
        let told = error.told.map { " (\($0))" } ?? ""
        return RegistryError(
            error.isRetryable ? .network : .malformed, "\(server) answers \(response.status)\(told)",
            hint: error.isRetryable
                ? "it has a problem; try again later"
                : "the registry names it for logins, and it is none: whoever runs the registry can mend that",
            status: response.status, registry: registry, isRetryable: error.isRetryable,
            retryAfter: error.retryAfter)
    }

    func request() throws(RegistryError) -> HTTPRequest {
        let target: Target
        do {
            target = try Target(realm)
        } catch {
            throw RegistryError(
                .malformed, "\(registry) names a token server that cannot be asked: \(error.message)",
                registry: registry)
        }
        guard target.scheme == "https" || allowsPlain else {
            throw RegistryError(
                .malformed, "\(registry) names a token server without TLS (\(escaped(target.authority)))",
                hint: "tokens are only sent over plain HTTP for registries that are themselves", registry: registry)
        }
        var request = HTTPRequest(url: target.url, limits: limits)
        request.tls = tls
        // The registry's client certificate is for the registry.
        if (try? Target(origin))?.hasSameOrigin(as: target) != true {
            request.tls?.clientCertificate = nil
            request.tls?.clientKey = nil
        }
        if credentials != nil { request.tls = try tlsForCredentials(target, request.tls) }
        request.headers["Accept"] = "application/json"
        var fields: [(String, String)] = []
        if !service.isEmpty { fields.append(("service", service)) }
        // Several scopes come parted by spaces, and are asked for one by one.
        let scopes = scope.split(separator: " ").map(String.init)
        if case .identityToken(_, let token)? = credentials {
            fields += [("grant_type", "refresh_token"), ("client_id", "dsh"), ("refresh_token", token.reveal())]
            if !scope.isEmpty { fields.append(("scope", scope)) }
            request.method = "POST"
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            request.body = .bytes(Array(encode(fields).utf8))
            // The secret is in the body, which a redirect would carry along.
            request.maximumRedirects = 0
        } else {
            fields += scopes.map { ("scope", $0) }
            if case .basic(let username, _)? = credentials { fields.append(("account", username)) }
            if wantsRefreshToken { fields += [("client_id", "dsh"), ("offline_token", "true")] }
            let separator = target.url.contains("?") ? "&" : "?"
            if !fields.isEmpty { request.url = target.url + separator + encode(fields) }
            request.headers["Authorization"] = credentials?.basicHeader?.reveal()
        }
        return request
    }

    /// How to speak to a token server that gets the login. One on another host than the registry's gets it over verified
    /// TLS or not at all: whoever answers for the registry could otherwise have it sent anywhere in the clear.
    private func tlsForCredentials(_ target: Target, _ request: TLSOptions?) throws(RegistryError) -> TLSOptions? {
        guard let own = try? Target(origin), own.host != target.host else { return request }
        guard target.scheme == "https" else {
            throw RegistryError(
                .denied,
                "\(registry) wants its login sent without TLS to another host (\(escaped(target.authority)))",
                hint: "nothing was sent: a login goes to another host than its registry's only over https",
                registry: registry)
        }
        var options = request
        if options?.insecure == true { options?.insecure = isInsecureHost(target.authority) }
        return options
    }

    private func encode(_ fields: [(String, String)]) -> String {
        fields.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
    }

    private func answer(_ response: HTTPResponse, _ body: [UInt8]) throws(RegistryError) -> Answer {
        let json = try? JSONValue.parse(body)
        let text = [json?["token"], json?["access_token"]].compactMap { $0?.stringValue }.first { !$0.isEmpty }
        guard let text, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            let isPage = response.headers["Content-Type"]?.hasPrefix("text/html") == true
            throw RegistryError(
                .malformed, "\(server) gives no token\(isPage ? ", but a web page" : "")",
                hint: isPage ? "is there a login portal before it?" : nil, registry: registry)
        }
        let said = json?["expires_in"]?.numberValue.flatMap { Int64(exactly: $0.rounded(.down)) } ?? 0
        let whole = min(max(said, TokenRequest.shortestLifetime), 86400)
        // A token from a cache on the way is older than its answer.
        let issued = json?["issued_at"]?.stringValue.flatMap(Timestamp.init)
        let age = issued.map { Int64(time(nil)) - $0.seconds } ?? 0
        let left = (0..<whole).contains(age) ? whole - age : whole
        // Not to the last second: the request that uses it takes time too.
        let refresh = wantsRefreshToken ? json?["refresh_token"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } : nil
        return Answer(
            token: Secret(text), lifetime: .seconds(left - min(10, left / 4)), refreshToken: refresh.map(Secret.init))
    }
}

/// Text as it goes into a query or form: everything but unreserved characters, `:` and `/` in percent form.
func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            result.append(byte)
        case _ where "-._~:/".utf8.contains(byte): result.append(byte)
        default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: result, as: UTF8.self)
}
