import HTTP
import Synchronization

/// Whether an `insecure` registry turned out to speak TLS, by authority.
final class KnownSchemes: Sendable {
    fileprivate let byAuthority = Mutex<[String: String]>([:])
    fileprivate let flights = SingleFlight<String, String>()
}

extension RegistryClient {
    /// The origin of an endpoint, `https://host:port`. An `insecure` one is asked which it speaks, until that is known.
    ///
    /// TLS comes first. Plain HTTP is spoken, for as long as the process lives, only to a server that answers TLS with
    /// something else, or where the connection broke over it, answers in the clear as a registry does. A connection that breaks
    /// once does not do away with TLS; somebody on the way who also answers does, as `insecure` lets anybody pass for the
    /// registry. To another machine no login goes along in the clear, however it came to be spoken
    /// (`Authenticator.Place.keepsSecrets`). Throws what kept TLS from being spoken where neither is.
    func origin(of endpoint: RegistryEndpoint) async throws(RegistryError) -> String {
        let authority = endpoint.authority
        switch endpoint.transport {
        case .https, .unverified: return "https://" + authority
        case .http: return "http://" + authority
        case .insecure: break
        }
        if let known = schemes.byAuthority.withLock({ $0[authority] }) { return known + "://" + authority }
        let known = try await schemes.flights.value(authority, registry: endpoint.registry) { [self] in
            await scheme(spokenAt: endpoint)
        }.get()
        schemes.byAuthority.withLock { $0[authority] = known }
        return known + "://" + authority
    }

    private func scheme(spokenAt endpoint: RegistryEndpoint) async -> Result<String, RegistryError> {
        let failure: HTTPError
        do throws(HTTPError) {
            _ = try await look(at: endpoint, "https")
            return .success("https")
        } catch { failure = error }
        switch failure.code {
        // What comes after the handshake.
        case .tooLarge, .redirect, .protocolViolation: return .success("https")
        case .tls where failure.isPlainServer: return .success("http")
        case .network: break
        default: return .failure(RegistryError(failure, registry: endpoint.registry))
        }
        do throws(HTTPError) {
            if try await look(at: endpoint, "http").isOfPlainRegistry { return .success("http") }
        } catch {
            if error.code == .interrupted { return .failure(.interrupted(endpoint.registry)) }
        }
        return .failure(RegistryError(failure, registry: endpoint.registry))
    }

    private func look(
        at endpoint: RegistryEndpoint, _ scheme: String
    ) async throws(HTTPError) -> HTTPResponse {
        var request = HTTPRequest(
            url: "\(scheme)://\(endpoint.authority)/v2/", limits: configuration.limits(forAnswerOf: 1 << 20))
        request.tls = tls(for: endpoint)
        request.maximumRedirects = 0
        return try await http.send(request, maximumBytes: 1 << 20).0
    }
}

extension HTTPResponse {
    /// Whether a registry that does without TLS answers `GET /v2/` so. A server that wants TLS says 400 or 426, or sends its
    /// clients there; a proxy between that cannot reach anybody says 502 or the like.
    fileprivate var isOfPlainRegistry: Bool {
        switch status {
        case 200..<300, 401, 403, 404, 405, 429: true
        case 300..<400: headers["Location"]?.lowercased().hasPrefix("https://") != true
        default: false
        }
    }
}
