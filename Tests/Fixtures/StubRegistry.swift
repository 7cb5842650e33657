import Foundation
import Synchronization

/// A registry in this process that serves images from memory, records every request, and misbehaves as it is told:
///
///     let registry = StubRegistry()
///     registry.add(StandardImages.named("library/alpine", "3.20"), "library/alpine", tags: ["3.20"])
///     registry.rule("blobs/", times: 2, .status(503, retryAfter: "1"))
///     registry.login = .bearer(username: "me", password: "secret")
package final class StubRegistry: Sendable {
    /// Who may read.
    package enum Login: Sendable {
        case none
        case basic(username: String, password: String)
        /// Tokens from `/token` of this server, or of `realm`; without a name anybody gets one.
        case bearer(username: String? = nil, password: String = "", realm: String? = nil, lifetime: Int? = 300)
    }

    struct Manifest {
        let bytes: [UInt8]
        let mediaType: String
        let digest: String
    }

    struct Rule {
        let part: String
        let method: String?
        var skip: Int
        var times: Int
        let action: StubAction
    }

    struct State {
        var login = Login.none
        var servesRanges = true
        var rules: [Rule] = []
        var blobs: [String: [UInt8]] = [:]
        var manifests: [String: Manifest] = [:]
        var tags: [String: [String]] = [:]
        var tokens: Set<String> = []
        var issued = 0
        var writing = Writing()
    }

    final class Contents: Sendable {
        let state = Mutex(State())
    }

    let contents = Contents()
    private let server: StubServer

    package init() {
        let contents = contents
        server = StubServer { request in
            let plain = StubRegistry.answer(request, contents)
            return StubRegistry.action(for: request, contents)?.apply(request, plain) ?? plain
        }
    }

    /// `127.0.0.1:PORT`
    package var host: String { server.host }
    package var url: String { server.url }
    package var requests: [StubRequest] { server.requests }
    package var connections: Int { server.connections }
    package func forgetRequests() { server.forgetRequests() }
    package func stop() { server.stop() }

    /// The requests whose path and query contain that text.
    package func requests(_ part: String) -> [StubRequest] { requests.filter { $0.target.contains(part) } }

    package var login: Login {
        get { contents.state.withLock { $0.login } }
        set { contents.state.withLock { $0.login = newValue } }
    }

    /// Whether blobs answer `Range` with 206; else with all of it and 200.
    package var servesRanges: Bool {
        get { contents.state.withLock { $0.servesRanges } }
        set { contents.state.withLock { $0.servesRanges = newValue } }
    }

    /// A registries.conf in which Docker Hub is mirrored by this registry.
    package var registriesConf: String {
        "[[registry]]\nprefix = \"docker.io\"\nlocation = \"docker.io\"\n\n[[registry.mirror]]\nlocation = \"\(host)\"\n"
    }

    package func add(_ image: BuiltImage, _ repository: String, tags: [String]) {
        for blob in image.blobs { contents.state.withLock { $0.blobs[blob.digest] = blob.bytes } }
        for manifest in image.manifests + [image.root] {
            addManifest(repository, tags: [], manifest.bytes, mediaType: manifest.mediaType)
        }
        addManifest(repository, tags: tags, image.root.bytes, mediaType: image.root.mediaType)
    }

    /// Returns the blob's digest.
    @discardableResult
    package func addBlob(_ bytes: [UInt8]) -> String {
        let digest = sha256(bytes)
        contents.state.withLock { $0.blobs[digest] = bytes }
        return digest
    }

    /// Returns the manifest's digest.
    @discardableResult
    package func addManifest(
        _ repository: String, tags: [String], _ bytes: [UInt8],
        mediaType: String = "application/vnd.oci.image.manifest.v1+json"
    ) -> String {
        let manifest = Manifest(bytes: bytes, mediaType: mediaType, digest: sha256(bytes))
        contents.state.withLock { state in
            state.manifests["\(repository)@\(manifest.digest)"] = manifest
            var known = Set(state.tags[repository] ?? [])
            for tag in tags {
                state.manifests["\(repository):\(tag)"] = manifest
                if known.insert(tag).inserted { state.tags[repository, default: []].append(tag) }
            }
        }
        return manifest.digest
    }

    /// Tags that only `tags/list` knows.
    package func addTags(_ repository: String, _ tags: [String]) {
        contents.state.withLock { $0.tags[repository, default: []] += tags }
    }

    /// Does something to the next `times` requests whose path and query contain `part`, after `skip` of them; the
    /// first rule that has something left counts.
    package func rule(
        _ part: String, method: String? = nil, skip: Int = 0, times: Int = .max, _ action: StubAction
    ) {
        contents.state.withLock {
            $0.rules.append(Rule(part: part, method: method, skip: skip, times: times, action: action))
        }
    }

    /// Has a catalog of these repositories, in pages of that many.
    package func serveCatalog(_ names: [String], page length: Int) {
        rule(
            "_catalog",
            StubAction { request, _ in
                let last = request.query.split(separator: "&").first { $0.hasPrefix("last=") }?.dropFirst(5)
                let start = last.flatMap { names.firstIndex(of: $0.removingPercentEncoding ?? "") }.map { $0 + 1 } ?? 0
                let page = names[start...].prefix(length)
                var response = StubResponse(
                    200, text: "{\"repositories\":[\(page.map { "\"\($0)\"" }.joined(separator: ","))]}")
                if page.endIndex < names.count {
                    response.set("Link", "</v2/_catalog?n=\(length)&last=\(page.last ?? "")>; rel=\"next\"")
                }
                return response
            })
    }

    package func forgetRules() { contents.state.withLock { $0.rules = [] } }

    /// Makes every token so far worthless.
    package func revokeTokens() { contents.state.withLock { $0.tokens = [] } }
}

extension StubRegistry {
    private static func action(for request: StubRequest, _ contents: Contents) -> StubAction? {
        contents.state.withLock { state in
            for index in state.rules.indices where request.target.contains(state.rules[index].part) {
                if let method = state.rules[index].method, method != request.method { continue }
                if state.rules[index].skip > 0 {
                    state.rules[index].skip -= 1
                    continue
                }
                guard state.rules[index].times > 0 else { continue }
                state.rules[index].times -= 1
                return state.rules[index].action
            }
            return nil
        }
    }

    private static func answer(_ request: StubRequest, _ contents: Contents) -> StubResponse {
        if request.path == "/token" { return token(request, contents) }
        guard request.path.hasPrefix("/v2/") else { return StubResponse(404, text: "no such page") }
        if let refusal = refusal(request, contents) { return refusal }
        let rest = String(request.path.dropFirst(4))
        if rest.isEmpty { return StubResponse(200, [("Content-Type", "application/json")], text: "{}") }
        if let written = write(request, rest, contents) { return written }
        if let (repository, name) = split(rest, "/manifests/") { return manifest(repository, name, contents) }
        if let (repository, name) = split(rest, "/blobs/") { return blob(repository, name, request, contents) }
        if let (repository, _) = split(rest, "/tags/list") { return tags(repository, request, contents) }
        return error(404, "NAME_UNKNOWN", "repository name not known to registry")
    }

    static func split(_ text: String, _ part: String) -> (String, String)? {
        let words = text.split(separator: part, maxSplits: 1, omittingEmptySubsequences: false)
        return words.count == 2 ? (String(words[0]), String(words[1])) : nil
    }

    private static func manifest(_ repository: String, _ name: String, _ contents: Contents) -> StubResponse {
        let key = repository + (name.contains(":") ? "@" : ":") + name
        guard let found = contents.state.withLock({ $0.manifests[key] }) else {
            return error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        }
        return StubResponse(
            200, [("Content-Type", found.mediaType), ("Docker-Content-Digest", found.digest)], found.bytes)
    }

    private static func blob(
        _ repository: String, _ digest: String, _ request: StubRequest, _ contents: Contents
    ) -> StubResponse {
        let (found, ranges) = contents.state.withLock { state in
            (state.writing.blobs["\(repository)@\(digest)"] ?? state.blobs[digest], state.servesRanges)
        }
        guard let bytes = found else { return error(404, "BLOB_UNKNOWN", "blob unknown to registry") }
        var response = StubResponse(200, [("Content-Type", "application/octet-stream")], bytes)
        response.set("Docker-Content-Digest", digest)
        guard ranges, let field = request.header("Range"), field.hasPrefix("bytes="), field.hasSuffix("-"),
            let first = Int(field.dropFirst(6).dropLast())
        else { return response }
        guard first < bytes.count else { return StubResponse(416, [("Content-Range", "bytes */\(bytes.count)")]) }
        response.status = 206
        response.body = Array(bytes[first...])
        response.set("Content-Range", "bytes \(first)-\(bytes.count - 1)/\(bytes.count)")
        return response
    }

    private static func tags(_ repository: String, _ request: StubRequest, _ contents: Contents) -> StubResponse {
        guard let all = contents.state.withLock({ $0.tags[repository] }) else {
            return error(404, "NAME_UNKNOWN", "repository name not known to registry")
        }
        var fields: [String: String] = [:]
        for field in request.query.split(separator: "&") {
            let words = field.split(separator: "=", maxSplits: 1).map(String.init)
            if words.count == 2 { fields[words[0]] = words[1] }
        }
        let start = fields["last"].flatMap { all.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        let page = Array(all.dropFirst(start).prefix(fields["n"].flatMap { Int($0) } ?? all.count))
        let list = page.map { "\"\($0)\"" }.joined(separator: ",")
        var response = StubResponse(
            200, [("Content-Type", "application/json")], text: "{\"name\":\"\(repository)\",\"tags\":[\(list)]}")
        if let last = page.last, start + page.count < all.count {
            response.set("Link", "</v2/\(repository)/tags/list?n=\(page.count)&last=\(last)>; rel=\"next\"")
        }
        return response
    }

    /// An error in the form of the distribution specification.
    package static func error(_ status: Int, _ code: String, _ message: String) -> StubResponse {
        StubResponse(
            status, [("Content-Type", "application/json")],
            text: "{\"errors\":[{\"code\":\"\(code)\",\"message\":\"\(message)\",\"detail\":null}]}")
    }
}

extension StubRegistry {
    /// The 401 for a request without a good login, nil where it may pass.
    private static func refusal(_ request: StubRequest, _ contents: Contents) -> StubResponse? {
        let host = request.header("Host") ?? ""
        let sent = request.header("Authorization")
        let challenge: String
        switch contents.state.withLock({ $0.login }) {
        case .none: return nil
        case .basic(let username, let password):
            if sent == basic(username, password) { return nil }
            challenge = "Basic realm=\"stub\""
        case .bearer(_, _, let realm, _):
            if let sent, contents.state.withLock({ $0.tokens.contains(sent) }) { return nil }
            let path = request.path.dropFirst(4)
            let end = ["/manifests/", "/blobs/", "/tags/"].compactMap { path.range($0)?.lowerBound }.first
            let actions = ["GET", "HEAD"].contains(request.method) ? "pull" : "pull,push"
            let scope = end.map { ",scope=\"repository:\(path[..<$0]):\(actions)\"" } ?? ""
            challenge = "Bearer realm=\"\(realm ?? "http://\(host)/token")\",service=\"stub\"\(scope)"
        }
        var response = error(401, "UNAUTHORIZED", "authentication required")
        response.set("WWW-Authenticate", challenge)
        return response
    }

    private static func token(_ request: StubRequest, _ contents: Contents) -> StubResponse {
        guard case .bearer(let username, let password, _, let lifetime) = contents.state.withLock({ $0.login }) else {
            return StubResponse(404, text: "no tokens here")
        }
        if let username, request.header("Authorization") != basic(username, password) {
            return StubResponse(401, [("Content-Type", "application/json")], text: "{\"details\":\"wrong password\"}")
        }
        let token = contents.state.withLock { state in
            state.issued += 1
            state.tokens.insert("Bearer token-\(state.issued)")
            return "token-\(state.issued)"
        }
        let expires = lifetime.map { ",\"expires_in\":\($0)" } ?? ""
        return StubResponse(200, [("Content-Type", "application/json")], text: "{\"token\":\"\(token)\"\(expires)}")
    }

    /// The value of a basic `Authorization` header.
    package static func basic(_ username: String, _ password: String) -> String {
        "Basic " + base64("\(username):\(password)")
    }

    package static func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var result = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start..<min(start + 3, bytes.count)])
            let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
            for index in 0..<4 { result.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : "=") }
        }
        return result
    }
}

extension Substring {
    fileprivate func range(_ part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
