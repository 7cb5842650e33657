import HTTP
import JSON
import OCI
import Synchronization

/// Answers registries' challenges: basic, or bearer tokens (distribution's `token.md` and `oauth.md`), which are kept
/// until they expire and asked for once however many requests want one.
final class Authenticator: Sendable {
    /// Where a login belongs: an origin, and the repository on it (credentials may be for a path).
    struct Place: Sendable, Hashable {
        /// `https://registry-1.docker.io`, as it is connected to.
        let origin: String
        let endpoint: RegistryEndpoint
        let allowsPlain: Bool
        let tls: TLSOptions?
        var access = RegistryAccess.pull

        /// Whether what is sent there is read by nobody on the way: plain HTTP only does on this machine.
        var keepsSecrets: Bool {
            guard origin.hasPrefix("http://") else { return true }
            return (try? Target(origin))?.isLoopback == true
        }

        var scope: String { endpoint.path.isEmpty ? "" : access.scope(of: endpoint.path) }
    }

    private struct TokenKey: Sendable, Hashable {
        let realm: String
        let service: String
        let scope: String
        let place: Place
    }

    private struct Token: Sendable {
        let header: Secret
        let expires: ContinuousClock.Instant
        /// The registry took it at least once: if it refuses it now, a new one may help.
        var isProven = false
        /// Why it is one for nobody in particular although there is a login.
        var refusal: RegistryError?
    }

    /// A login that did not help, and is not tried again at once.
    private struct Refusal: Sendable {
        let credentials: Credentials?
        /// What the token server said; nil where it gave a token that the registry did not take.
        let error: RegistryError?
        let until: ContinuousClock.Instant
    }

    private struct State {
        var challenges: [String: AuthenticationChallenge] = [:]
        /// What a registry calls the scope of a repository, where it says so.
        var scopes: [Place: String] = [:]
        var tokens: [TokenKey: Token] = [:]
        var refusals: [TokenKey: Refusal] = [:]
    }

    /// For how long what was refused is not asked for again: long enough for one command, which may ask for many
    /// documents, and short enough for a person who has logged in meanwhile.
    private static let refusalSeconds: Duration = .seconds(30)

    private let http: HTTPClient
    private let logins: Logins
    private let registries: RegistriesConfiguration
    private let limits: HTTPLimits
    private let state = Mutex(State())
    private let flights = SingleFlight<TokenKey, Secret>()

    init(
        http: HTTPClient, logins: Logins, registries: RegistriesConfiguration, limits: HTTPLimits
    ) {
        self.http = http
        self.logins = logins
        self.registries = registries
        self.limits = limits
    }

    /// The `Authorization` value to send along without being asked: nil where the registry has not asked yet.
    func authorization(for place: Place) async throws(RegistryError) -> Secret? {
        guard let challenge = state.withLock({ $0.challenges[place.origin] }) else { return nil }
        // Without credentials a basic registry is asked plainly: its own answer says what is missing.
        if challenge.scheme == "basic" { return try await credentials(for: place)?.basicHeader }
        return try await answer(challenge, for: place, rejected: nil)
    }

    /// The `Authorization` value for a request that was answered 401. `rejected` is what it was sent with.
    ///
    /// Throws `unauthorized` where nothing better can be sent.
    func authorization(
        for place: Place, challenged headers: HTTPHeaders, rejected: Secret?
    ) async throws(RegistryError) -> Secret? {
        let challenges = AuthenticationChallenge.parse(headers)
        guard
            let challenge = challenges.first(where: { $0.scheme == "bearer" && $0.parameters["realm"] != nil })
                ?? challenges.first(where: { $0.scheme == "basic" })
        else {
            let schemes = challenges.map { escaped($0.scheme, limit: 20) }.joined(separator: ", ")
            throw RegistryError(
                .unsupported,
                "\(place.endpoint.registry) wants a login by \(schemes.isEmpty ? "no known scheme" : schemes)",
                hint: "dsh knows basic and bearer", status: 401, registry: place.endpoint.registry)
        }
        state.withLock { state in
            state.challenges[place.origin] = challenge
            if let scope = challenge.parameters["scope"], !scope.isEmpty, scope.utf8.count <= 4096 {
                // A look before an upload is challenged for less than what follows: one token is to do for all of it.
                state.scopes[place] =
                    place.access == .pull ? scope : RegistryAccess.union(place.scope, scope)
            }
        }
        return try await answer(challenge, for: place, rejected: rejected)
    }

    /// Throws `interrupted`: a look-up that was broken off says nothing of whether there is a login.
    private func credentials(for place: Place) async throws(RegistryError) -> Credentials? {
        let found = place.keepsSecrets ? await stored(for: place)?.credentials : nil
        if Task.isCancelled { throw .interrupted(place.endpoint.registry) }
        return found
    }

    private func stored(for place: Place) async -> StoredLogin? {
        await logins.stored(registry: place.endpoint.registry, path: place.endpoint.path)
    }

    private func answer(
        _ challenge: AuthenticationChallenge, for place: Place, rejected: Secret?
    ) async throws(RegistryError) -> Secret? {
        let credentials = try await credentials(for: place)
        if case .registryToken(let token)? = credentials {
            let header = Secret("Bearer " + token.reveal())
            return header == rejected ? nil : header
        }
        if challenge.scheme == "basic" {
            var header = credentials?.basicHeader
            // What a helper said a while ago may have changed since.
            if header != nil, header == rejected, logins.forgetOld() {
                header = try await self.credentials(for: place)?.basicHeader
            }
            return header == rejected ? nil : header
        }
        let key = state.withLock { Authenticator.key(challenge, place, $0) }
        if let held = held(key, rejected: rejected, credentials: credentials) { return held }
        if let refusal = state.withLock({ $0.refusals[key] }), refusal.until > .now,
            refusal.credentials == credentials
        {
            if let error = refusal.error { throw error }
            return nil
        }
        return try await flights.value(key, registry: place.endpoint.registry) { [self] in
            await askForToken(key, credentials)
        }.get()
    }

    private static func key(_ place: Place, _ state: State) -> TokenKey {
        guard let challenge = state.challenges[place.origin] else {
            return TokenKey(realm: "", service: "", scope: "", place: place)
        }
        return key(challenge, place, state)
    }

    private static func key(_ challenge: AuthenticationChallenge, _ place: Place, _ state: State) -> TokenKey {
        TokenKey(
            realm: challenge.parameters["realm"] ?? "", service: challenge.parameters["service"] ?? "",
            scope: state.scopes[place] ?? place.scope, place: place)
    }

    /// The token that is there and may help. One that the registry refused goes; if it never took it, the same login
    /// would only bring another like it.
    private func held(_ key: TokenKey, rejected: Secret?, credentials: Credentials?) -> Secret? {
        state.withLock { state -> Secret? in
            guard let token = state.tokens[key] else { return nil }
            guard token.header == rejected || token.expires <= .now else { return token.header }
            state.tokens[key] = nil
            if token.header == rejected, !token.isProven {
                state.refusals[key] = Refusal(
                    credentials: credentials, error: token.refusal, until: .now + Authenticator.refusalSeconds)
            }
            return nil
        }
    }

    /// Asks the token server, and remembers what it answers.
    private func askForToken(
        _ key: TokenKey, _ credentials: Credentials?
    ) async -> Result<Secret, RegistryError> {
        do throws(RegistryError) {
            return .success(try await keep(request(key, credentials).send(http), key, refusal: nil))
        } catch {
            // Whoever's login is out of date may still have what everybody may have.
            if error.reason == .unauthorized, credentials != nil, !key.scope.contains("push"),
                let answer = try? await request(key, nil).send(http)
            {
                return .success(keep(answer, key, refusal: error))
            }
            if error.reason == .unauthorized || error.reason == .denied {
                state.withLock {
                    $0.refusals[key] = Refusal(
                        credentials: credentials, error: error, until: .now + Authenticator.refusalSeconds)
                }
            }
            return .failure(error)
        }
    }

    /// A request for a token that is for no repository in particular: what a login is verified by.
    func tokenRequest(
        _ challenge: AuthenticationChallenge, _ place: Place, _ credentials: Credentials
    ) -> TokenRequest {
        let key = TokenKey(
            realm: challenge.parameters["realm"] ?? "", service: challenge.parameters["service"] ?? "",
            scope: challenge.parameters["scope"] ?? "", place: place)
        return request(key, credentials)
    }

    private func request(_ key: TokenKey, _ credentials: Credentials?) -> TokenRequest {
        let (place, registries) = (key.place, registries)
        return TokenRequest(
            realm: key.realm, service: key.service, scope: key.scope, credentials: credentials,
            allowsPlain: place.allowsPlain, registry: place.endpoint.registry, origin: place.origin,
            tls: place.tls, isInsecureHost: { registries.match($0 + "/token")?.entry.insecure == true },
            limits: limits)
    }

    private func keep(_ answer: TokenRequest.Answer, _ key: TokenKey, refusal: RegistryError?) -> Secret {
        let header = Secret("Bearer " + answer.token.reveal())
        state.withLock {
            $0.tokens[key] = Token(header: header, expires: .now + answer.lifetime, refusal: refusal)
        }
        return header
    }

    /// Notes that the registry took a token. What was sent without one says nothing.
    func accepted(_ header: Secret?, for place: Place) {
        guard let header else { return }
        state.withLock { state in
            guard let challenge = state.challenges[place.origin] else { return }
            let key = Authenticator.key(challenge, place, state)
            guard state.tokens[key]?.header == header else { return }
            state.tokens[key]?.isProven = true
        }
    }

    /// The error for a request that was answered 401 where there is a login: that it is refused, or that it is another
    /// one that is wanted; `failure` itself where there is none. `sent` is what the request was sent with.
    func explained(_ failure: RegistryError, at place: Place, sent: Secret?, subject: String) async -> RegistryError {
        guard failure.reason == .unauthorized, place.keepsSecrets, let login = await stored(for: place) else {
            return failure
        }
        let (registry, refusal) = (
            place.endpoint.registry,
            state.withLock { state in
                let key = Authenticator.key(place, state)
                return state.tokens[key]?.refusal ?? state.refusals[key].flatMap(\.error)
            }
        )
        let isToken = sent?.reveal().hasPrefix("Bearer ") == true
        var isRefused = failure.isOfTokenServer || refusal != nil || sent != nil && !isToken
        if case .registryToken = login.credentials { isRefused = true }
        let told = (refusal?.told ?? failure.told).map { " (\($0))" } ?? ""
        var error = RegistryError(
            .unauthorized,
            isRefused
                ? "\(registry) refuses \(login.name) for \(subject)\(told)"
                : "\(registry) does not let \(login.name) have \(subject)\(told)",
            hint: isRefused
                ? "the password may have changed, or the token run out: log in anew (login \(registry))"
                : "check the name: it may not exist; else log in with an account that may have it (login \(registry))",
            status: failure.status, registry: registry)
        error.told = refusal?.told ?? failure.told
        return error
    }

    /// The failure of a credential helper that did not answer in its time, where no login was found for that.
    func unansweredHelper(for place: Place) async -> RegistryError? {
        guard place.keepsSecrets, let failure = logins.failure(registry: place.endpoint.registry),
            failure.reason == .timeout
        else { return nil }
        return await stored(for: place) == nil ? failure : nil
    }

    /// What to add to an error where a login would have helped and there may be one.
    func loginHint(for place: Place) async -> String? {
        let stored = await stored(for: place)
        if !place.keepsSecrets, stored != nil {
            return "there is a login, but it is not sent over plain HTTP to another machine"
        }
        guard stored == nil, let failure = logins.failure(registry: place.endpoint.registry) else { return nil }
        return "there may be a login, but \(failure.message)"
    }

    /// Forgets every token and refusal of a registry: there is another login now, or none.
    func forget(registry: String) {
        logins.forget()
        state.withLock { state in
            state.tokens = state.tokens.filter { $0.key.place.endpoint.registry != registry }
            state.refusals = state.refusals.filter { $0.key.place.endpoint.registry != registry }
        }
    }
}
