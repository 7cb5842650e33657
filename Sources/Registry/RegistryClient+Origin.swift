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
    /// TLS comes first. A connection that broke says nothing of it: plain HTTP is spoken, for as long as the process lives,
    /// only to a server that answers in it and does not send its clients to TLS. Throws what kept TLS from being spoken
    /// where neither is.
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
        case .tls where failure.isPlainServer, .network: break
        default: return .failure(RegistryError(failure, registry: endpoint.registry))
        }
        do throws(HTTPError) {
            let (response, body) = try await look(at: endpoint, "http")
            let text = String(decoding: body.prefix(16 << 10), as: UTF8.self)
            if !response.wantsTLS(text), !response.leadsToTLS { return .success("http") }
        } catch {
            if error.code == .interrupted { return .failure(.interrupted(endpoint.registry)) }
            if error.code == .tooLarge { return .success("http") }
        }
        return .failure(RegistryError(failure, registry: endpoint.registry))
    }

    private func look(
        at endpoint: RegistryEndpoint, _ scheme: String
    ) async throws(HTTPError) -> (HTTPResponse, [UInt8]) {
        var request = HTTPRequest(
            url: "\(scheme)://\(endpoint.authority)/v2/", limits: configuration.limits(forAnswerOf: 1 << 20))
        request.tls = tls(for: endpoint)
        request.maximumRedirects = 0
        return try await http.send(request, maximumBytes: 1 << 20)
    }
}

extension HTTPResponse {
    /// Whether it sends its client to TLS.
    fileprivate var leadsToTLS: Bool {
        (300..<400).contains(status) && headers["Location"]?.lowercased().hasPrefix("https://") == true
    }
}
