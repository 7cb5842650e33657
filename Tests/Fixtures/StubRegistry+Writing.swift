import Foundation
import Synchronization

extension StubRegistry {
    /// What was written to the registry, and how it takes that.
    struct Writing {
        /// By `repository@digest`: what is uploaded to one repository is not in the others.
        var blobs: [String: [UInt8]] = [:]
        var sessions: [String: [UInt8]] = [:]
        var begun = 0
        /// Of the next `PATCH` requests, so many bytes are taken each before the connection breaks.
        var breaks: [Int] = []
        var mounts = true
        var deletes = true
        var knowsSubjects = true
        var leastPiece: Int?
        var largestBody: Int?
        var sessionHost: String?
    }

    private func change(_ body: (inout Writing) -> Void) { contents.state.withLock { body(&$0.writing) } }

    /// Bytes that a repository was given; nil where it has no such blob.
    package func uploaded(_ repository: String, _ digest: String) -> [UInt8]? {
        contents.state.withLock { $0.writing.blobs["\(repository)@\(digest)"] }
    }

    /// The manifest that a tag or digest of a repository names.
    package func manifest(_ repository: String, _ name: String) -> [UInt8]? {
        contents.state.withLock { $0.manifests[repository + (name.contains(":") ? "@" : ":") + name]?.bytes }
    }

    /// The next uploads break off after so many bytes of a `PATCH`, one after the other; those bytes are kept.
    package func breakUploads(after counts: [Int]) { change { $0.breaks = counts } }
    /// Every session that is open is forgotten.
    package func forgetSessions() { change { $0.sessions = [:] } }
    /// What sessions have is not what was sent.
    package func spoilSessions() {
        change { writing in
            for id in writing.sessions.keys { writing.sessions[id]?[0] ^= 1 }
        }
    }
    package var openSessions: Int { contents.state.withLock { $0.writing.sessions.count } }

    /// Whether blobs are mounted from other repositories; else a session is offered instead.
    package func setMounts(_ value: Bool) { change { $0.mounts = value } }
    package func setDeletes(_ value: Bool) { change { $0.deletes = value } }
    /// Whether `OCI-Subject` is answered: a registry that knows the referrers API.
    package func setKnowsSubjects(_ value: Bool) { change { $0.knowsSubjects = value } }
    /// `OCI-Chunk-Min-Length`, and 413 above the largest body.
    package func setPieces(least: Int? = nil, largest: Int? = nil) {
        change {
            $0.leastPiece = least
            $0.largestBody = largest
        }
    }
    /// Sessions go on at another host (`http://HOST`), which answers for this one.
    package func setSessionHost(_ host: String?) { change { $0.sessionHost = host } }

    /// The answer to a request that changes something or asks for a session; nil for every other.
    static func write(_ request: StubRequest, _ rest: String, _ contents: Contents) -> StubResponse? {
        if let largest = contents.state.withLock({ $0.writing.largestBody }), request.body.count > largest {
            return StubResponse(413, text: "too large")
        }
        if let (repository, session) = split(rest, "/blobs/uploads/") {
            return contents.state.withLock { upload(request, repository, session, &$0) }
        }
        switch request.method {
        case "PUT":
            guard let (repository, name) = split(rest, "/manifests/") else { return nil }
            return contents.state.withLock { putManifest(request, repository, name, &$0) }
        case "DELETE":
            return contents.state.withLock { state in
                guard state.writing.deletes else { return error(405, "UNSUPPORTED", "The operation is unsupported.") }
                if let (repository, digest) = split(rest, "/blobs/") {
                    let known = state.writing.blobs.removeValue(forKey: "\(repository)@\(digest)") != nil
                    return known ? StubResponse(202) : error(404, "BLOB_UNKNOWN", "blob unknown to registry")
                }
                guard let (repository, name) = split(rest, "/manifests/") else { return nil }
                return deleteManifest(repository, name, &state)
            }
        default: return nil
        }
    }

    private static func upload(
        _ request: StubRequest, _ repository: String, _ session: String, _ state: inout State
    ) -> StubResponse {
        let fields = queryFields(request)
        func location(_ id: String) -> (String, String) {
            let host = state.writing.sessionHost ?? ""
            return (
                "Location",
                "\(host)/v2/\(repository)/blobs/uploads/\(id)?state=\(state.writing.sessions[id]?.count ?? 0)"
            )
        }
        if request.method == "POST" {
            if let digest = fields["mount"], let from = fields["from"], state.writing.mounts,
                let bytes = state.writing.blobs["\(from)@\(digest)"]
            {
                state.writing.blobs["\(repository)@\(digest)"] = bytes
                return StubResponse(201, [("Location", "/v2/\(repository)/blobs/\(digest)")])
            }
            state.writing.begun += 1
            let id = "session-\(state.writing.begun)"
            state.writing.sessions[id] = []
            var response = StubResponse(202, [location(id), ("Range", "0-0")])
            response.set("OCI-Chunk-Min-Length", state.writing.leastPiece.map(String.init))
            return response
        }
        guard var bytes = state.writing.sessions[session] else {
            return error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        }
        switch request.method {
        case "GET":
            return StubResponse(204, [location(session), ("Range", "0-\(max(0, bytes.count - 1))")])
        case "PATCH":
            let start = request.header("Content-Range").flatMap { Int($0.prefix { $0 != "-" }) }
            guard start == nil || start == bytes.count else { return StubResponse(416) }
            if !state.writing.breaks.isEmpty {
                bytes += request.body.prefix(state.writing.breaks.removeFirst())
                state.writing.sessions[session] = bytes
                var response = StubResponse(202)
                response.delivery = .hangUp
                return response
            }
            bytes += request.body
            state.writing.sessions[session] = bytes
            return StubResponse(202, [location(session), ("Range", "0-\(max(0, bytes.count - 1))")])
        case "PUT":
            bytes += request.body
            state.writing.sessions[session] = nil
            guard let digest = fields["digest"], sha256(bytes) == digest else {
                return error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
            }
            state.writing.blobs["\(repository)@\(digest)"] = bytes
            return StubResponse(
                201, [("Location", "/v2/\(repository)/blobs/\(digest)"), ("Docker-Content-Digest", digest)])
        default:
            state.writing.sessions[session] = nil
            return StubResponse(204)
        }
    }

    private static func putManifest(
        _ request: StubRequest, _ repository: String, _ name: String, _ state: inout State
    ) -> StubResponse {
        guard let json = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any] else {
            return error(400, "MANIFEST_INVALID", "manifest invalid")
        }
        let parts = (json["layers"] as? [[String: Any]] ?? []) + [json["config"] as? [String: Any]].compactMap { $0 }
        for part in parts {
            let digest = part["digest"] as? String ?? ""
            guard state.writing.blobs["\(repository)@\(digest)"] != nil || state.blobs[digest] != nil else {
                return error(404, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")
            }
        }
        for child in json["manifests"] as? [[String: Any]] ?? [] where state.writing.knowsSubjects {
            guard state.manifests["\(repository)@\(child["digest"] as? String ?? "")"] != nil else {
                return error(404, "MANIFEST_BLOB_UNKNOWN", "manifest unknown to registry")
            }
        }
        let digest = sha256(request.body)
        guard !name.contains(":") || name == digest else {
            return error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        }
        let manifest = Manifest(
            bytes: request.body, mediaType: request.header("Content-Type") ?? "", digest: digest)
        state.manifests["\(repository)@\(digest)"] = manifest
        if !name.contains(":") {
            state.manifests["\(repository):\(name)"] = manifest
            if state.tags[repository]?.contains(name) != true { state.tags[repository, default: []].append(name) }
        }
        var response = StubResponse(
            201, [("Location", "/v2/\(repository)/manifests/\(digest)"), ("Docker-Content-Digest", digest)])
        if state.writing.knowsSubjects, let subject = json["subject"] as? [String: Any] {
            response.set("OCI-Subject", subject["digest"] as? String)
        }
        return response
    }

    private static func deleteManifest(_ repository: String, _ name: String, _ state: inout State) -> StubResponse {
        let key = repository + (name.contains(":") ? "@" : ":") + name
        guard let found = state.manifests.removeValue(forKey: key) else {
            return error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        }
        if name.contains(":") {
            for tag in state.tags[repository] ?? []
            where state.manifests["\(repository):\(tag)"]?.digest == found.digest {
                state.manifests["\(repository):\(tag)"] = nil
                state.tags[repository]?.removeAll { $0 == tag }
            }
        } else {
            state.tags[repository]?.removeAll { $0 == name }
        }
        return StubResponse(202)
    }

    private static func queryFields(_ request: StubRequest) -> [String: String] {
        var fields: [String: String] = [:]
        for field in request.query.split(separator: "&") {
            let words = field.split(separator: "=", maxSplits: 1).map(String.init)
            if words.count == 2 { fields[words[0]] = words[1].removingPercentEncoding }
        }
        return fields
    }
}
