package import HTTP
package import OCI
import Synchronization

/// Reads from registries: manifests, blobs and tags, by the OCI distribution specification, with mirrors, logins and
/// retries as the configuration says.
package final class RegistryClient: Sendable {
    package let configuration: RegistryConfiguration
    let http: HTTPClient
    let authenticator: Authenticator
    /// How this client differs from the configuration.
    let transport: TransportOverride
    let schemes: KnownSchemes
    private let warnings: RegistryWarnings

    package init(http: HTTPClient, configuration: RegistryConfiguration) {
        self.http = http
        self.configuration = configuration
        transport = TransportOverride()
        schemes = KnownSchemes()
        warnings = RegistryWarnings(warn: configuration.warn)
        authenticator = Authenticator(
            http: http, logins: configuration.logins, registries: configuration.registries,
            limits: configuration.limits(forAnswerOf: TokenRequest.maximumBytes))
    }

    private init(_ other: RegistryClient, transport: TransportOverride) {
        configuration = other.configuration
        http = other.http
        authenticator = other.authenticator
        schemes = other.schemes
        warnings = other.warnings
        self.transport = transport
    }

    /// A client that speaks to registries in another way, and shares this one's connections and logins.
    package func with(_ transport: TransportOverride) -> RegistryClient {
        RegistryClient(self, transport: transport)
    }

    /// The same client without a rate limit: for what goes through a limit elsewhere.
    package func withoutRate() -> RegistryClient { with(TransportOverride(security: transport.security)) }

    /// Where a repository is asked for, in order: its mirrors, then itself.
    ///
    /// Throws `blocked` or `configuration`.
    package func endpoints(for repository: Repository, byDigest: Bool) throws(RegistryError) -> [RegistryEndpoint] {
        try configuration.registries.endpoints(for: repository, byDigest: byDigest).map(transport.applied)
    }

    /// Asks whether there is a registry of that name that lets us in (`GET /v2/`).
    ///
    /// Throws `unauthorized` where it wants a login that there is none for, `malformed` where it is no registry.
    package func ping(_ registry: String) async throws(RegistryError) {
        let endpoint = try rootEndpoint(registry)
        let (response, body) = try await configuration.retry.run(registry: registry) { () throws(RegistryError) in
            try await send(
                "GET", endpoint, "/v2/", subject: RegistrySubject(kind: .ping, name: ""), maximumBytes: 64 << 10)
        }
        _ = (response, body)
    }

    /// A registry itself, not one of its repositories. Throws `blocked`.
    func rootEndpoint(_ registry: String) throws(RegistryError) -> RegistryEndpoint {
        // Any path will do: only the registry's own entry counts.
        let name = registry == Repository.defaultRegistry ? "docker.io/library/ping" : registry + "/ping"
        let entry = configuration.registries.match(name)?.entry
        if entry?.blocked == true {
            throw RegistryError(.blocked, "registries.conf blocks \(registry)", registry: registry)
        }
        return transport.applied(
            to: RegistryEndpoint(registry: registry, path: "", insecure: entry?.insecure, isMirror: false))
    }
}

extension RegistryClient {
    func tls(for endpoint: RegistryEndpoint) -> TLSOptions {
        var options = configuration.certificates.options(
            configuration.tls ?? http.configuration.tls, for: endpoint.authority)
        if endpoint.transport == .insecure || endpoint.transport == .unverified { options.insecure = true }
        return options
    }

    func place(
        _ endpoint: RegistryEndpoint, _ origin: String, access: RegistryAccess = .pull
    ) -> Authenticator.Place {
        Authenticator.Place(
            origin: origin, endpoint: endpoint,
            allowsPlain: origin.hasPrefix("http://") || endpoint.transport == .insecure,
            tls: tls(for: endpoint), access: access)
    }

    /// One small request with its logins: what it is answered with unless that is an error.
    ///
    /// `path` starts with `/v2/`, or is a whole URL on the endpoint's origin. Statuses `accepting` are no errors.
    func send(
        _ method: String, _ endpoint: RegistryEndpoint, _ path: String, headers: HTTPHeaders = [:],
        body content: HTTPBody = .none, access: RegistryAccess = .pull, subject: RegistrySubject, maximumBytes: Int,
        accepting: Set<Int> = []
    ) async throws(RegistryError) -> (HTTPResponse, [UInt8]) {
        let origin = try await origin(of: endpoint)
        let place = place(endpoint, origin, access: access)
        var request = HTTPRequest(method: method, url: path.hasPrefix("/") ? origin + path : path, body: content)
        request.headers = headers
        request.tls = tls(for: endpoint)
        request.limits =
            ["GET", "HEAD"].contains(method) && subject.kind != .catalog
            ? configuration.limits(forAnswerOf: maximumBytes) : configuration.patientLimits
        var authorization = try await authorization(for: place, subject: subject)
        var attempt = 1
        while true {
            request.headers["Authorization"] = authorization?.reveal()
            let response: HTTPResponse
            let body: [UInt8]
            do {
                (response, body) = try await http.send(request, maximumBytes: maximumBytes)
            } catch {
                throw RegistryError(error, registry: endpoint.registry)
            }
            if isOwn(response, origin) { warnings.tell(response, registry: endpoint.registry) }
            if (200..<300).contains(response.status) || accepting.contains(response.status) {
                authenticator.accepted(authorization, for: place)
                return (response, body)
            }
            let next = try await reaction(
                to: response, body: body, place: place, sent: authorization, attempt: attempt, subject: subject)
            authorization = next
            attempt += 1
        }
    }

    /// What to send a request with before anybody has asked for it: nil where the registry has not asked yet.
    func authorization(
        for place: Authenticator.Place, subject: RegistrySubject
    ) async throws(RegistryError) -> Secret? {
        do throws(RegistryError) { return try await authenticator.authorization(for: place) } catch {
            throw await explained(error, place, sent: nil, subject.placed(in: place.endpoint))
        }
    }

    /// The error with what is to be said of the login that there is, or may be.
    private func explained(
        _ error: RegistryError, _ place: Authenticator.Place, sent: Secret?, _ subject: RegistrySubject
    ) async -> RegistryError {
        var failure = await authenticator.explained(
            error, at: place, sent: sent, subject: subject.name.isEmpty ? "this" : subject.name)
        guard [.unauthorized, .denied].contains(failure.reason) else { return failure }
        // Who waited a minute for a login in vain is not to log in anew.
        if let silence = await authenticator.unansweredHelper(for: place) {
            return RegistryError(
                silence.reason, "\(silence.message), and without a login \(failure.message)", hint: silence.hint,
                status: failure.status, registry: failure.registry)
        }
        if let hint = await authenticator.loginHint(for: place) {
            failure.hint = [failure.hint, hint].compactMap { $0 }.joined(separator: "; ")
        }
        return failure
    }

    /// What to try a failed request again with, after a 401 that can be answered; throws what the response means else.
    func reaction(
        to response: HTTPResponse, body: [UInt8], place: Authenticator.Place, sent: Secret?, attempt: Int,
        subject: RegistrySubject
    ) async throws(RegistryError) -> Secret {
        let registry = place.endpoint.registry
        let subject = [401, 403].contains(response.status) ? subject.placed(in: place.endpoint) : subject
        var failure = RegistryError(response, body: body, registry: registry, subject: subject, sent: sent)
        // Only the registry itself may ask for its login, not where it redirected to.
        if response.status == 401, attempt <= 2, isOwn(response, place.origin) {
            do throws(RegistryError) {
                let next = try await authenticator.authorization(
                    for: place, challenged: response.headers, rejected: sent)
                if let next, next != sent { return next }
            } catch {
                failure = error
            }
        }
        throw await explained(failure, place, sent: sent, subject)
    }

    private func isOwn(_ response: HTTPResponse, _ origin: String) -> Bool {
        guard let answered = try? Target(response.url), let asked = try? Target(origin) else { return false }
        return answered.hasSameOrigin(as: asked)
    }

    /// Asks each endpoint in turn until one answers. The last one's error counts, unless it could not be reached: then a
    /// mirror that may recover makes it one to try again, and what mirrors know not to have is what was wrong. Every
    /// mirror's failure is told.
    func firstAnswer<Value>(
        _ endpoints: [RegistryEndpoint], _ ask: (RegistryEndpoint) async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        var failures = EndpointFailures()
        for endpoint in endpoints {
            do throws(RegistryError) {
                return try await ask(endpoint)
            } catch {
                try failures.add(error, endpoint)
            }
        }
        throw failures.summary
    }
}

/// What each endpoint failed with, in order.
struct EndpointFailures {
    private var errors: [RegistryError] = []

    /// Throws at once what no other endpoint can mend.
    mutating func add(_ error: RegistryError, _ endpoint: RegistryEndpoint) throws(RegistryError) {
        if error.reason == .interrupted || error.reason == .consumer { throw error }
        errors.append(error)
    }

    var summary: RegistryError {
        guard let last = errors.last else {
            return RegistryError(.configuration, "no registry is configured for it", registry: "")
        }
        let mirrors = errors.dropLast()
        guard !mirrors.isEmpty else { return last }
        let told = mirrors.map { "mirror \($0.registry): \($0.message)" }.joined(separator: "; ")
        let passing = mirrors.first { $0.isRetryable && !$0.isUnconnected } ?? mirrors.first { $0.isRetryable }
        let unreachable = last.status == nil && [.network, .timeout, .certificate].contains(last.reason)
        // Behind a mirror the registry itself is often out of reach for good: a name that is wrong must not look like that.
        if unreachable, let first = mirrors.first, mirrors.allSatisfy({ $0.reason == .manifestUnknown }) {
            return RegistryError(
                first.reason, "\(mirrors.map(\.message).joined(separator: "; ")), and \(last.message)",
                hint: "check the name; a mirror may also lack what the registry itself has: then check the network",
                registry: first.registry, isRetryable: last.isRetryable, isUnconnected: last.isUnconnected,
                retryAfter: last.retryAfter, cause: last.cause)
        }
        return RegistryError(
            last.reason, last.message, hint: [last.hint, told].compactMap { $0 }.joined(separator: "; "),
            status: last.status, registry: last.registry,
            isRetryable: last.isRetryable || (unreachable && passing != nil),
            // Tried for long only where one of them gives reason to.
            isUnconnected: unreachable && (last.isUnconnected || !last.isRetryable)
                && (passing ?? last).isUnconnected,
            retryAfter: last.retryAfter ?? (unreachable ? passing?.retryAfter : nil), cause: last.cause)
    }
}
