import HTTP
import OCI
import Threads

/// What a registry said to a login.
package struct VerifiedLogin: Sendable {
    /// What to keep: the refresh token that the token server gave in the password's place, where it did.
    package let credentials: Credentials
    /// Whether the registry looked at it: one that asks for no login takes any.
    package let isVerified: Bool
}

extension RegistryClient {
    /// Shows a login to its registry (`GET /v2/`, distribution-spec "Determining Support"), and to its token server as
    /// Docker's login does. Nothing is kept.
    ///
    /// Throws `unauthorized` where it is refused, `denied` where it would have to go over plain HTTP to another
    /// machine, `blocked`, `network`, …
    package func verifyLogin(
        _ key: LoginKey, username: String, password: Secret
    ) async throws(RegistryError) -> VerifiedLogin {
        let endpoint = try rootEndpoint(key.registry)
        return try await verify(
            .basic(username: username, password: password), username, key,
            at: place(endpoint, try await origin(of: endpoint)))
    }

    /// Whose login is kept for a registry, nil where there is none or it has no name. Throws `interrupted`.
    package func storedUsername(_ key: LoginKey) async throws(RegistryError) -> String? {
        let stored = await configuration.logins.credentials(registry: key.registry, path: key.path)
        // A look-up that was broken off says nothing.
        if Task.isCancelled { throw .interrupted(key.registry) }
        return stored?.username
    }

    /// Shows the login that is kept to its registry once more; false where there is none. Throws `timeout` where a credential
    /// helper does not tell, and as `verifyLogin`.
    package func verifyStoredLogin(_ key: LoginKey) async throws(RegistryError) -> Bool {
        let stored = await configuration.logins.credentials(registry: key.registry, path: key.path)
        if Task.isCancelled { throw .interrupted(key.registry) }
        guard let stored else {
            if let failure = configuration.logins.failure(registry: key.registry), failure.reason == .timeout {
                throw failure
            }
            return false
        }
        let endpoint = try rootEndpoint(key.registry)
        _ = try await verify(
            stored, stored.username ?? "", key, at: place(endpoint, try await origin(of: endpoint)))
        return true
    }

    private func verify(
        _ credentials: Credentials, _ username: String, _ key: LoginKey, at place: Authenticator.Place
    ) async throws(RegistryError) -> VerifiedLogin {
        guard place.keepsSecrets else {
            throw RegistryError(
                .denied, "the login for \(key.name) is not sent over plain HTTP to another machine",
                hint: "use https; a registry without TLS can be had through a tunnel: ssh -L 5000:localhost:5000 …",
                registry: key.registry)
        }
        return try await configuration.retry.run(registry: key.registry) { () throws(RegistryError) in
            try await show(credentials, username, key, place)
        }
    }

    private func show(
        _ credentials: Credentials, _ username: String, _ key: LoginKey, _ place: Authenticator.Place
    ) async throws(RegistryError) -> VerifiedLogin {
        let (asked, _) = try await root(place, authorization: nil)
        guard asked.status == 401 else {
            try check(asked, key, username)
            // Nobody asked, but whoever looks at what is shown may still say no.
            let (answer, body) = try await root(place, authorization: credentials.basicHeader)
            try check(answer, key, username, body, sent: credentials.sent)
            return VerifiedLogin(credentials: credentials, isVerified: false)
        }
        let challenges = AuthenticationChallenge.parse(asked.headers)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" && $0.parameters["realm"] != nil }) {
            var request = authenticator.tokenRequest(bearer, place, credentials)
            request.wantsRefreshToken = true
            let token: TokenRequest.Answer
            do throws(RegistryError) { token = try await request.send(http) } catch {
                guard [.unauthorized, .denied].contains(error.reason), error.status != nil else { throw error }
                throw refused(key, username, error.message)
            }
            let (answer, body) = try await root(place, authorization: Secret("Bearer " + token.token.reveal()))
            try check(answer, key, username, body, sent: credentials.sent)
            let kept = token.refreshToken.map { Credentials.identityToken(username: username, token: $0) }
            return VerifiedLogin(credentials: kept ?? credentials, isVerified: true)
        }
        guard challenges.contains(where: { $0.scheme == "basic" }) else {
            throw RegistryError(
                .unsupported, "\(key.registry) wants a login by no scheme that dsh knows",
                hint: "dsh knows basic and bearer", registry: key.registry)
        }
        let (answer, body) = try await root(place, authorization: credentials.basicHeader)
        try check(answer, key, username, body, sent: credentials.sent)
        return VerifiedLogin(credentials: credentials, isVerified: true)
    }

    private func root(
        _ place: Authenticator.Place, authorization: Secret?
    ) async throws(RegistryError) -> (HTTPResponse, [UInt8]) {
        var request = HTTPRequest(url: place.origin + "/v2/", limits: configuration.limits(forAnswerOf: 64 << 10))
        request.tls = place.tls
        request.headers["Authorization"] = authorization?.reveal()
        do { return try await http.send(request, maximumBytes: 64 << 10) } catch {
            throw RegistryError(error, registry: place.endpoint.registry)
        }
    }

    private func check(
        _ response: HTTPResponse, _ key: LoginKey, _ username: String, _ body: [UInt8] = [], sent: Secret? = nil
    ) throws(RegistryError) {
        if (200..<300).contains(response.status) { return }
        let error = RegistryError(
            response, body: body, registry: key.registry, subject: RegistrySubject(kind: .ping, name: ""), sent: sent)
        guard response.status == 401 || response.status == 403 else { throw error }
        throw refused(key, username, error.message)
    }

    private func refused(_ key: LoginKey, _ username: String, _ told: String) -> RegistryError {
        RegistryError(
            .unauthorized, "\(key.registry) refuses the login of \(escaped(username, limit: 100)): \(told)",
            hint: "check name and password; an account with a second factor needs an access token as its password",
            status: 401, registry: key.registry)
    }

    /// Keeps a login where this user's configuration keeps them.
    ///
    /// Throws `helper` where the helper fails or the file cannot be written.
    package func storeLogin(
        _ credentials: Credentials, for key: LoginKey, dryRun: Bool
    ) async throws(RegistryError) -> LoginRecord {
        let logins = configuration.logins
        let record = try await withCancellationFlag { flag throws(RegistryError) in
            try await onOwnThread { () throws(RegistryError) in
                try logins.store(credentials, for: key, dryRun: dryRun, cancellation: flag)
            }
        }
        authenticator.forget(registry: key.registry)
        return record
    }

    /// Forgets a login wherever it is kept: the places that it was in, and why it could not be taken from others.
    package func eraseLogin(
        _ key: LoginKey, dryRun: Bool
    ) async -> (records: [LoginRecord], failures: [RegistryError]) {
        let logins = configuration.logins
        let outcome = await withCancellationFlag { flag in
            await onOwnThread { logins.erase(key, dryRun: dryRun, cancellation: flag) }
        }
        authenticator.forget(registry: key.registry)
        return outcome
    }

    /// Every login of this user, in the order in which they are looked for, and what kept a helper from telling.
    package func logins() async throws(RegistryError) -> (records: [LoginRecord], failures: [RegistryError]) {
        let logins = configuration.logins
        return try await withCancellationFlag { flag throws(RegistryError) in
            try await onOwnThread { () throws(RegistryError) in
                var failures: [RegistryError] = []
                let records = try logins.list(cancellation: flag) { failures.append($0) }
                return (records, failures)
            }
        }
    }
}
