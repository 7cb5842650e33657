import Foundation

/// Who may use a registry of the tests.
package enum RegistryAccess: Sendable {
    case open
    /// Basic authentication from a password file.
    case password(username: String, password: String)
    /// Tokens of that server.
    case tokens(TokenServer)

    /// The part of docker-registry's configuration that says so; what it names is written to `directory`.
    func configuration(_ directory: String) -> String {
        switch self {
        case .open: return ""
        case .password(let username, let password):
            // libcrypt knows bcrypt, the one form that docker-registry takes, and perl has its function.
            let hash = runTool(
                "perl", "-e", "print crypt($ARGV[0], q($2y$05$) . q(abcdefghijklmnopqrstuu))", password)
            precondition(hash.code == 0 && hash.text.hasPrefix("$2y$"), "crypt: \(hash)")
            writeFile(directory + "/htpasswd", Array("\(username):\(hash.text)\n".utf8))
            return "auth: {htpasswd: {realm: test, path: \"\(directory)/htpasswd\"}}"
        case .tokens(let server):
            return "auth: {token: {realm: \"\(server.realm)\", service: \(TokenServer.service), "
                + "issuer: \(TokenServer.issuer), rootcertbundle: \"\(server.certificate)\"}}"
        }
    }
}

/// A token server (distribution's `token.md` and `oauth.md`) that signs what docker-registry verifies. Names and passwords,
/// refresh tokens, and who may have what are its own; every request is recorded.
package final class TokenServer: Sendable {
    static let service = "test-registry"
    static let issuer = "test-tokens"
    /// The refresh token that it gives for the right login, and takes.
    package static let refreshToken = "refresh-token-of-the-tests"

    private let files = TemporaryDirectory()
    private let server: StubServer
    /// The certificate of its key.
    let certificate: String

    /// - Parameter anonymous: what everybody may pull, without a login.
    package init(
        username: String, password: String, anonymous: Set<String> = [], givesRefreshTokens: Bool = false
    ) {
        let files = files
        let made = runTool(
            "sh", "-c",
            "cd '\(files.path)' && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2"
                + " -subj /CN=tokens 2>/dev/null && openssl x509 -in cert.pem -outform DER | base64 -w0 >cert.b64")
        precondition(made.code == 0, "openssl: \(made)")
        let path = files.path
        certificate = path + "/cert.pem"
        let basic = "Basic " + StubRegistry.base64("\(username):\(password)")
        server = StubServer { request in
            let form = TokenServer.fields(request)
            let isRefresh = form["grant_type"]?.first == "refresh_token"
            let isKnown =
                isRefresh
                ? form["refresh_token"]?.first == TokenServer.refreshToken : request.header("Authorization") == basic
            if !isKnown, isRefresh || request.header("Authorization") != nil {
                return StubResponse(401, text: "{\"details\":\"incorrect username or password\"}")
            }
            let scopes = (form["scope"] ?? []).flatMap { $0.split(separator: " ").map(String.init) }
            let access = scopes.compactMap { scope -> String? in
                let parts = scope.split(separator: ":").map(String.init)
                guard parts.count == 3, isKnown || anonymous.contains(parts[1]) else { return nil }
                let actions = isKnown ? parts[2].split(separator: ",").map(String.init) : ["pull"]
                return "{\"type\":\"\(parts[0])\",\"name\":\"\(parts[1])\",\"actions\":"
                    + "[\(actions.map { "\"\($0)\"" }.joined(separator: ","))]}"
            }
            let token = TokenServer.sign(access, username: isKnown ? username : "", directory: path)
            let wantsRefresh = isKnown && (isRefresh || form["offline_token"]?.first == "true")
            let refresh =
                givesRefreshTokens && wantsRefresh ? ",\"refresh_token\":\"\(TokenServer.refreshToken)\"" : ""
            return StubResponse(200, text: "{\"token\":\"\(token)\",\"expires_in\":300\(refresh)}")
        }
    }

    package var realm: String { server.url + "/token" }
    package var requests: [StubRequest] { server.requests }
    package func forgetRequests() { server.forgetRequests() }

    /// The fields of the query and of a form.
    private static func fields(_ request: StubRequest) -> [String: [String]] {
        let text = request.query + "&" + String(decoding: request.body, as: UTF8.self)
        var fields: [String: [String]] = [:]
        for field in text.split(separator: "&") {
            let halves = field.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            if halves.count == 2 { fields[halves[0], default: []].append(halves[1]) }
        }
        return fields
    }

    /// A JSON Web Token (RFC 7519) for that access.
    private static func sign(_ access: [String], username: String, directory: String) -> String {
        func encoded(_ bytes: [UInt8]) -> String {
            Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }
        let certificate = String(decoding: readFile(directory + "/cert.b64") ?? [], as: UTF8.self)
        let now = Int(Date().timeIntervalSince1970)
        let header = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"\(certificate)\"]}"
        let claims =
            "{\"iss\":\"\(issuer)\",\"sub\":\"\(username)\",\"aud\":\"\(service)\",\"exp\":\(now + 300),"
            + "\"nbf\":\(now - 60),\"iat\":\(now - 60),\"jti\":\"\(UUID().uuidString)\","
            + "\"access\":[\(access.joined(separator: ","))]}"
        let text = encoded(Array(header.utf8)) + "." + encoded(Array(claims.utf8))
        let signed = runTool(
            "openssl", "dgst", "-sha256", "-sign", directory + "/key.pem", input: Array(text.utf8))
        precondition(signed.code == 0, "openssl: \(signed)")
        return text + "." + encoded(signed.outputBytes)
    }
}
