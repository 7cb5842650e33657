import HTTP
package import OCI
package import Threads

extension RegistryClient {
    /// Downloads a blob, or what is missing of one, on the calling thread: one attempt at each endpoint, logins
    /// included. Never call it from a task.
    ///
    /// `offset` is how much of the blob is there already. `onStart` says where the bytes that follow belong: at
    /// `offset`, or at 0 where the registry sends all of it again; it may be called again, with another place, when
    /// the next endpoint goes on. `onBytes` gets pieces of at most 16 KB, never more than the descriptor's size in
    /// all. The digest is for the caller to verify. What `onBytes` throws comes back as the error's `cause`.
    ///
    /// Throws `blobTooLong`, `blobTooShort`, `notFound`, `unauthorized`, `network`, `timeout`, `interrupted`, …
    package func downloadBlob(
        _ descriptor: Descriptor, from repository: Repository, preferring: RegistryEndpoint? = nil, offset: Int64 = 0,
        cancellation: CancellationFlag, onStart: (_ resumedAt: Int64) throws -> Void,
        onBytes: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RegistryError) {
        var endpoints = try endpoints(for: repository, byDigest: true)
        if let preferring { endpoints = [preferring] + endpoints.filter { $0 != preferring } }
        var failures = EndpointFailures()
        var position = (0...descriptor.size).contains(offset) ? offset : 0
        for endpoint in endpoints {
            let download = BlobDownload(
                client: self, descriptor: descriptor, endpoint: endpoint, cancellation: cancellation)
            do throws(RegistryError) {
                return try download.run(from: position, onStart: onStart, onBytes: onBytes)
            } catch {
                try failures.add(error, endpoint)
                // Content of a wrong length is not to be gone on with.
                let isSuspect = error.reason == .blobTooLong || error.reason == .blobTooShort
                position = isSuspect ? 0 : download.position
            }
        }
        throw failures.summary
    }

    /// The same, tried again as the configuration says, each time from where the last try ended. The count of tries
    /// starts again whenever one brought a MiB or more.
    package func downloadBlobRetrying(
        _ descriptor: Descriptor, from repository: Repository, preferring: RegistryEndpoint? = nil, offset: Int64 = 0,
        cancellation: CancellationFlag, onRetry: (RegistryError, Duration) -> Void = { _, _ in },
        onStart: (_ resumedAt: Int64) throws -> Void, onBytes: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RegistryError) {
        var position = offset
        var brought: Int64 = 0
        let progressed = { brought >= 1 << 20 }
        let download = { () throws(RegistryError) in
            brought = 0
            try self.downloadBlob(
                descriptor, from: repository, preferring: preferring, offset: position, cancellation: cancellation,
                onStart: { place in
                    position = place
                    try onStart(place)
                },
                onBytes: { bytes in
                    try onBytes(bytes)
                    position += Int64(bytes.count)
                    brought += Int64(bytes.count)
                })
        }
        try configuration.retry.runBlocking(
            registry: repository.registry, cancellation: cancellation, onRetry: onRetry, progressed: progressed,
            download)
    }
}

/// One blob from one endpoint.
private final class BlobDownload {
    private let client: RegistryClient
    private let descriptor: Descriptor
    private let endpoint: RegistryEndpoint
    private let cancellation: CancellationFlag
    /// How much of the blob the caller has.
    private(set) var position: Int64 = 0

    /// What one response turned out to be.
    private enum Answer {
        case done
        /// Not content: its head and the start of its body.
        case refused(HTTPResponse, [UInt8])
        /// A range that is not the one asked for: all of it has to be fetched.
        case wrongRange
    }

    init(
        client: RegistryClient, descriptor: Descriptor, endpoint: RegistryEndpoint, cancellation: CancellationFlag
    ) {
        self.client = client
        self.descriptor = descriptor
        self.endpoint = endpoint
        self.cancellation = cancellation
    }

    func run(
        from offset: Int64, onStart: (Int64) throws -> Void, onBytes: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RegistryError) {
        position = offset
        if offset == descriptor.size, offset > 0 {
            do { return try onStart(offset) } catch { throw consumer(error) }
        }
        let (client, endpoint) = (client, endpoint)
        let subject = RegistrySubject(kind: .blob, name: descriptor.digest.description)
        let place = try blockingCall(cancellation) { () async throws(RegistryError) in
            client.place(endpoint, try await client.origin(of: endpoint))
        }
        var authorization = try blockingCall(cancellation) { () async throws(RegistryError) in
            try await client.authorization(for: place, subject: subject)
        }
        var attempt = 1
        while true {
            switch try attemptOnce(place, authorization, onStart, onBytes) {
            case .done: return client.authenticator.accepted(authorization, for: place)
            case .wrongRange:
                guard position > 0 else { throw wrongRange() }
                position = 0
            case .refused(let response, let body):
                let (sent, number) = (authorization, attempt)
                authorization = try blockingCall(cancellation) { () async throws(RegistryError) in
                    try await client.reaction(
                        to: response, body: body, place: place, sent: sent, attempt: number, subject: subject)
                }
                attempt += 1
            }
        }
    }

    private func attemptOnce(
        _ place: Authenticator.Place, _ authorization: Secret?, _ onStart: (Int64) throws -> Void,
        _ onBytes: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RegistryError) -> Answer {
        var request = HTTPRequest(url: "\(place.origin)/v2/\(endpoint.path)/blobs/\(descriptor.digest)")
        request.tls = place.tls
        request.limits = client.configuration.limits
        // One large body on a connection of its own: HTTP/2's framing would only cost.
        request.version = .http1
        request.rate = client.transport.rate
        request.headers["Authorization"] = authorization?.reveal()
        if position > 0 { request.headers["Range"] = "bytes=\(position)-" }
        var head: HTTPResponse?
        var refusal: [UInt8] = []
        var isWrongRange = false
        do {
            let response = try client.http.transfer(
                request, cancellation: cancellation,
                onResponse: { response in
                    head = response
                    guard response.status == 200 || response.status == 206 else { return }
                    guard try begin(response, onStart) else {
                        isWrongRange = true
                        throw StopEarly()
                    }
                },
                onBytes: { bytes in
                    guard head?.status == 200 || head?.status == 206 else {
                        refusal += bytes.prefix(max(0, (64 << 10) - refusal.count))
                        if refusal.count >= 64 << 10 { throw StopEarly() }
                        return
                    }
                    guard Int64(bytes.count) <= descriptor.size - position else { throw tooLong() }
                    try onBytes(bytes)
                    position += Int64(bytes.count)
                })
            return try finish(response, refusal)
        } catch let error as RegistryError {
            throw error
        } catch let error as HTTPError where error.cause is StopEarly {
            if isWrongRange { return .wrongRange }
            guard let head else { throw RegistryError(error, registry: endpoint.registry) }
            return head.status == 416 && position > 0 ? .wrongRange : .refused(head, refusal)
        } catch let error as HTTPError {
            throw RegistryError(error, registry: endpoint.registry)
        } catch {
            throw consumer(error)
        }
    }

    /// Ends a transfer whose body is not wanted.
    private struct StopEarly: Error {}

    /// Looks at the head of content; returns false where it is not what was asked for.
    private func begin(_ response: HTTPResponse, _ onStart: (Int64) throws -> Void) throws -> Bool {
        if response.status == 200 {
            position = 0
        } else {
            guard let range = ContentRange(response.headers["Content-Range"] ?? ""), range.first == position else {
                return false
            }
            if let total = range.total, total != descriptor.size {
                throw total > descriptor.size ? tooLong() : tooShort(total)
            }
        }
        if let length = response.contentLength {
            let left = descriptor.size - position
            if length > left { throw tooLong() }
            if length < left, response.status == 200 { throw tooShort(length) }
        }
        try onStart(position)
        return true
    }

    private func finish(_ response: HTTPResponse, _ refusal: [UInt8]) throws(RegistryError) -> Answer {
        switch response.status {
        case 200, 206:
            guard position == descriptor.size else { throw tooShort(position, mayPass: response.contentLength == nil) }
            return .done
        case 416 where position > 0: return .wrongRange
        default: return .refused(response, refusal)
        }
    }

    private func tooLong() -> RegistryError {
        RegistryError(
            .blobTooLong,
            "\(endpoint.registry) sends more for \(descriptor.digest) than the \(descriptor.size) bytes it has",
            hint: "nothing of it was kept", registry: endpoint.registry)
    }

    private func tooShort(_ length: Int64, mayPass: Bool = false) -> RegistryError {
        RegistryError(
            .blobTooShort,
            "\(endpoint.registry) sends \(length) bytes for \(descriptor.digest), which has \(descriptor.size)",
            hint: "the blob on the registry is damaged, or something on the way cut it off",
            registry: endpoint.registry,
            isRetryable: mayPass)
    }

    private func wrongRange() -> RegistryError {
        RegistryError(
            .malformed, "\(endpoint.registry) answers \(descriptor.digest) with a part that was not asked for",
            registry: endpoint.registry)
    }

    private func consumer(_ error: any Error) -> RegistryError {
        RegistryError(
            .consumer, "the download of \(descriptor.digest) was stopped: \(error)", registry: endpoint.registry,
            cause: error)
    }
}

/// `bytes first-last/total` (RFC 9110 section 14.4).
struct ContentRange: Hashable {
    let first: Int64
    let last: Int64
    /// nil where the server does not know it.
    let total: Int64?

    init?(_ field: String) {
        let words = field.trimmingSpaces().split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let halves = words[1].split(separator: "/", omittingEmptySubsequences: false)
        let ends = halves.first?.split(separator: "-", omittingEmptySubsequences: false) ?? []
        guard halves.count == 2, ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]),
            first >= 0, last >= first
        else { return nil }
        self.first = first
        self.last = last
        if halves[1] == "*" {
            total = nil
        } else {
            guard let number = Int64(halves[1]), number > last else { return nil }
            total = number
        }
    }
}
