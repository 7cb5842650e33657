import HTTP
import OCI
import Threads

/// One blob on its way into a repository (distribution-spec, "Pushing blobs"). Only one thread uses it.
final class BlobUpload {
    let client: RegistryClient
    let descriptor: Descriptor
    let endpoint: RegistryEndpoint
    let cancellation: CancellationFlag
    let events: UploadEvents
    private var mountable: [String]

    /// Where the session goes on; nil while there is none. Noted for a run after this one.
    var session: String? {
        didSet { if let session, session != oldValue { note?.write(session: session) } }
    }
    var note: UploadNote?
    /// The registry and its login, as they were last used.
    private(set) var lastPlace: (origin: String, tls: TLSOptions?, authorization: Secret?)?
    /// How much of the blob the registry has.
    private(set) var offset: Int64 = 0
    /// The most that it ever had: only what is beyond that is progress.
    private var furthest: Int64 = 0
    private var sent: Int64 = 0
    /// The most that goes into one request; nil while nothing was refused as too large.
    private var pieceLength: Int64?
    private var leastPieceLength: Int64 = 1
    /// What the registry has must be asked for before going on.
    var isUncertain = false
    /// The last request may have completed the blob although its answer did not come.
    private var mayBeThere = false
    private var hasResumed = false
    private var mountedFrom: String?

    /// Up to here one request with all of it costs less than a session that could be resumed.
    static let wholeLength: Int64 = 4 << 20
    /// Pieces are never halved below this.
    private static let shortestPiece: Int64 = 1 << 20

    init(
        client: RegistryClient, descriptor: Descriptor, endpoint: RegistryEndpoint, mountable: [String],
        cancellation: CancellationFlag, events: UploadEvents
    ) {
        self.client = client
        self.descriptor = descriptor
        self.endpoint = endpoint
        self.mountable = mountable
        self.cancellation = cancellation
        self.events = events
    }

    func run(_ source: @Sendable () throws -> any UploadSource) throws(RegistryError) -> UploadOutcome {
        var opened: (any UploadSource)?
        defer { opened?.close() }
        if try isThere() { return UploadOutcome(how: .exists, sent: 0) }
        resumeNoted()
        var known: Int64 = 0
        let events = events
        func attempt() throws(RegistryError) -> UploadOutcome.How {
            if mayBeThere {
                if try isThere() { return .uploaded }
                mayBeThere = false
            }
            if session != nil, isUncertain { try askForOffset() }
            if session == nil, try begin() { return .mounted }
            let reading: any UploadSource
            if let opened {
                reading = opened
            } else {
                do { reading = try source() } catch { throw consumer(error) }
                opened = reading
            }
            try complete(from: reading)
            return .uploaded
        }
        func progressed() -> Bool {
            defer { known = max(known, furthest) }
            return furthest - known >= 1 << 20
        }
        do throws(RegistryError) {
            let how = try client.configuration.retry.runBlocking(
                registry: endpoint.registry, cancellation: cancellation,
                onRetry: { error, _ in events.onRetry(error) }, progressed: progressed, attempt)
            note?.remove()
            return UploadOutcome(how: how, sent: sent, mountedFrom: mountedFrom)
        } catch {
            // What the network broke off may go on in another run; all else leaves nothing behind.
            if ![.network, .timeout].contains(error.reason) {
                endSession()
                note?.remove()
            }
            throw error
        }
    }

    private func isThere() throws(RegistryError) -> Bool {
        let (client, descriptor, endpoint) = (client, descriptor, endpoint)
        return try blockingCall(cancellation) { () async throws(RegistryError) in
            try await client.configuration.retry.run(registry: endpoint.registry) { () throws(RegistryError) in
                try await client.hasBlob(descriptor, at: endpoint)
            }
        }
    }

    // MARK: The session

    /// Begins a session, or mounts the blob: true where that did.
    private func begin() throws(RegistryError) -> Bool {
        offset = 0
        isUncertain = false
        let uploads = "/v2/\(endpoint.path)/blobs/uploads/"
        while let other = mountable.first {
            mountable.removeFirst()
            let query = "?mount=\(descriptor.digest)&from=\(percentEncoded(other))"
            do throws(RegistryError) {
                let response = try request(
                    "POST", uploads + query, access: RegistryAccess.push.reading(from: other)
                ).response
                if response.status == 201 {
                    mountedFrom = other
                    return true
                }
                // It does not mount, or not this: the session that it offers instead will do.
                if response.status == 202 {
                    try take(response)
                    return false
                }
            } catch {
                // Whatever is wrong with the other repository, the blob can be sent.
                if error.reason == .interrupted { throw error }
            }
        }
        let (response, _) = try request("POST", uploads)
        guard response.status == 202 else {
            throw malformed("answers \(response.status) where an upload was to begin")
        }
        try take(response)
        return false
    }

    /// Where the session goes on, as a response says.
    private func take(_ response: HTTPResponse) throws(RegistryError) {
        guard let location = response.headers["Location"], !location.isEmpty else {
            // The place may stay the same, but for the first answer.
            guard session != nil else { throw malformed("does not say where to upload to") }
            return
        }
        session = try UploadLocation.resolve(location, from: response.url, registry: endpoint.registry)
        if let text = response.headers["OCI-Chunk-Min-Length"], let length = Int64(text), length > 0 {
            leastPieceLength = length
        }
    }

    /// Asks how much the registry has. A session that it has forgotten is one no more.
    func askForOffset() throws(RegistryError) {
        guard let session else { return }
        let (response, _) = try request("GET", session, accepting: [400, 404, 405, 410, 416])
        guard (200..<300).contains(response.status) else {
            self.session = nil
            return
        }
        try take(response)
        let end = UploadLocation.end(response.headers["Range"]) ?? 0
        guard end <= descriptor.size else {
            self.session = nil
            return
        }
        offset = end
        furthest = max(furthest, offset)
        if end > 0 { hasResumed = true }
        isUncertain = false
    }

    // MARK: The bytes

    private func complete(from source: any UploadSource) throws(RegistryError) {
        if offset == 0, descriptor.size <= BlobUpload.wholeLength, pieceLength == nil {
            return try finish(source, 0..<descriptor.size)
        }
        while offset < descriptor.size { try sendPiece(source) }
        try finish(source, descriptor.size..<descriptor.size)
    }

    private func sendPiece(_ source: any UploadSource) throws(RegistryError) {
        guard let session else { throw vanished() }
        let end = min(descriptor.size, offset + (pieceLength ?? descriptor.size))
        isUncertain = true
        let (response, body) = try request(
            "PATCH", session, headers: ["Content-Range": "\(offset)-\(end - 1)"], sending: (source, offset..<end),
            accepting: [404, 413, 416])
        switch response.status {
        case 200..<300:
            try take(response)
            // What it has taken counts, not what was sent: less than that is gone on from.
            let told = UploadLocation.end(response.headers["Range"])
            offset = told.flatMap { $0 > offset && $0 <= end ? $0 : nil } ?? end
            furthest = max(furthest, offset)
            isUncertain = false
        case 404: throw vanished()
        case 416:
            throw RegistryError(
                .network, "\(endpoint.registry) is at another place of \(descriptor.digest)", status: 416,
                registry: endpoint.registry, isRetryable: true)
        default:
            let length = (end - offset) / 2
            guard length >= max(BlobUpload.shortestPiece, leastPieceLength) else {
                throw RegistryError(
                    response, body: body, registry: endpoint.registry,
                    subject: RegistrySubject(kind: .upload, name: descriptor.digest.description))
            }
            pieceLength = max(min(length, 64 << 20), leastPieceLength)
            throw RegistryError(
                .network, "\(endpoint.registry) takes less than \(end - offset) bytes at once", status: 413,
                registry: endpoint.registry, isRetryable: true)
        }
    }

    /// Sends what is left, which may be nothing, and has the registry compare the digest.
    private func finish(_ source: any UploadSource, _ range: Range<Int64>) throws(RegistryError) {
        guard let session else { throw vanished() }
        let url = session + (session.contains("?") ? "&" : "?") + "digest=\(descriptor.digest)"
        isUncertain = true
        mayBeThere = true
        let (response, body) = try request("PUT", url, sending: (source, range), accepting: [400, 404, 413, 416])
        mayBeThere = false
        switch response.status {
        case 200..<300:
            if let said = response.headers["Docker-Content-Digest"], said != descriptor.digest.description,
                said.hasPrefix(descriptor.digest.algorithm.rawValue + ":")
            {
                throw RegistryError(
                    .digestMismatch, "\(endpoint.registry) stored \(escaped(said, limit: 80)) as \(descriptor.digest)",
                    registry: endpoint.registry)
            }
        case 404: throw vanished()
        case 413 where range.count > 1:
            pieceLength = max(Int64(range.count) / 2, leastPieceLength)
            throw RegistryError(
                .network, "\(endpoint.registry) takes less than \(range.count) bytes at once", status: 413,
                registry: endpoint.registry, isRetryable: true)
        default:
            let error = RegistryError(
                response, body: body, registry: endpoint.registry,
                subject: RegistrySubject(kind: .upload, name: descriptor.digest.description))
            self.session = nil
            // What was put together from several attempts may have been put together wrongly: once more, from the start.
            guard hasResumed else { throw error }
            hasResumed = false
            throw vanished()
        }
    }

    private func vanished() -> RegistryError {
        session = nil
        return RegistryError(
            .network, "\(endpoint.registry) has forgotten the upload of \(descriptor.digest)", status: 404,
            registry: endpoint.registry, isRetryable: true)
    }

    private func malformed(_ what: String) -> RegistryError {
        RegistryError(
            .malformed, "\(endpoint.registry) \(what) (\(descriptor.digest))", registry: endpoint.registry)
    }

    private func consumer(_ error: any Error) -> RegistryError {
        if let own = error as? RegistryError { return own }
        return RegistryError(
            .consumer, "the upload of \(descriptor.digest) was stopped: \(error)", registry: endpoint.registry,
            cause: error)
    }
}

// MARK: Requests

extension BlobUpload {
    /// Redirects of an upload are followed here, since its body has to be read again for each.
    private static let redirects = 4

    /// One request with its logins, on this thread. `target` is a path on the registry, or a session's URL: only the
    /// registry's own origin is shown a login.
    private func request(
        _ method: String, _ target: String, headers: HTTPHeaders = [:], access: RegistryAccess = .push,
        sending: (source: any UploadSource, range: Range<Int64>)? = nil, accepting: Set<Int> = []
    ) throws(RegistryError) -> (response: HTTPResponse, body: [UInt8]) {
        let (client, endpoint) = (client, endpoint)
        let place = try blockingCall(cancellation) { () async throws(RegistryError) in
            client.place(endpoint, try await client.origin(of: endpoint), access: access)
        }
        var url = target.hasPrefix("/") ? place.origin + target : target
        let subject = RegistrySubject(kind: .upload, name: descriptor.digest.description)
        var authorization = try blockingCall(cancellation) { () async throws(RegistryError) in
            try await client.authorization(for: place, subject: subject)
        }
        var attempt = 1
        var redirects = 0
        while true {
            let isOwn = UploadLocation.areSameOrigin(url, place.origin)
            var request = HTTPRequest(method: method, url: url, headers: headers)
            request.tls = isOwn ? place.tls : client.configuration.tls
            request.limits = client.configuration.limits
            // The registry may have to move the whole blob before it answers.
            if method == "PUT" { request.limits.stall *= 4 }
            request.version = .http1
            request.maximumRedirects = 0
            if isOwn { request.headers["Authorization"] = authorization?.reveal() }
            lastPlace = (place.origin, place.tls, authorization)
            let (response, body) = try transfer(&request, sending)
            if (200..<300).contains(response.status) || accepting.contains(response.status) {
                if isOwn { client.authenticator.accepted(authorization, for: place) }
                return (response, body)
            }
            if [307, 308].contains(response.status), let location = response.headers["Location"],
                redirects < BlobUpload.redirects
            {
                redirects += 1
                url = try UploadLocation.resolve(location, from: response.url, registry: endpoint.registry)
                continue
            }
            guard isOwn else {
                throw RegistryError(response, body: body, registry: endpoint.registry, subject: subject)
            }
            let (sent, number) = (authorization, attempt)
            authorization = try blockingCall(cancellation) { () async throws(RegistryError) in
                try await client.reaction(
                    to: response, body: body, place: place, sent: sent, attempt: number, subject: subject)
            }
            attempt += 1
        }
    }

    private func transfer(
        _ request: inout HTTPRequest, _ sending: (source: any UploadSource, range: Range<Int64>)?
    ) throws(RegistryError) -> (HTTPResponse, [UInt8]) {
        var content: UploadBody?
        let length = sending.map { $0.range.upperBound - $0.range.lowerBound } ?? 0
        if let (source, range) = sending {
            request.headers["Content-Type"] = "application/octet-stream"
            if length > 0 {
                do { try source.seek(to: range.lowerBound) } catch { throw consumer(error) }
                let (events, end) = (events, range.upperBound)
                let body = UploadBody(source, length: length) { left in events.onProgress(end - left) }
                request.body = .stream(length: length) { try body.read($0) }
                request.rate = client.transport.rate
                content = body
            }
        }
        defer { if let content { sent += length - content.left } }
        var answer: [UInt8] = []
        do throws(HTTPError) {
            let response = try client.http.transfer(request, cancellation: cancellation) { bytes in
                answer += bytes.prefix(max(0, (64 << 10) - answer.count))
            }
            return (response, answer)
        } catch {
            if let failure = content?.failure {
                throw failure is UploadBody.Ended ? tooShort() : consumer(failure)
            }
            throw RegistryError(error, registry: endpoint.registry)
        }
    }

    private func tooShort() -> RegistryError {
        RegistryError(
            .blobTooShort, "there is less of \(descriptor.digest) than its \(descriptor.size) bytes",
            hint: "it is damaged where it came from; for the store, `fsck` tells", registry: endpoint.registry)
    }
}
