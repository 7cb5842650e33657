import Registry

extension RegistryBackend {
    /// Verifies a login with its registry and keeps it for this user: in the credential helper that the configuration
    /// names, else in a file.
    ///
    /// Throws `unauthorized` where the registry refuses it, `usage` for what is no registry, `io` where it cannot be kept, …
    package func login(_ request: LoginRequest) async throws(BackendError) -> LoginResult {
        let key = try loginKey(request.registry)
        let client = try client()
        return try await asking { () throws(RegistryError) in
            let verified = try await client.verifyLogin(key, username: request.username, password: request.password)
            var record = try await client.storeLogin(verified.credentials, for: key, dryRun: request.dryRun)
            record.username = request.username
            return LoginResult(login: Login(record), isVerified: verified.isVerified, isChanged: record.isChanged)
        }
    }

    /// Whose login is kept for a registry, nil where there is none or it has no name. Throws `usage`, `interrupted`.
    package func knownUsername(_ registry: String) async throws(BackendError) -> String? {
        let key = try loginKey(registry)
        let client = try client()
        return try await asking { () throws(RegistryError) in try await client.storedUsername(key) }
    }

    /// Verifies the login that is kept for a registry once more; false where there is none.
    package func loginAgain(_ registry: String) async throws(BackendError) -> Bool {
        let key = try loginKey(registry)
        let client = try client()
        return try await asking { () throws(RegistryError) in try await client.verifyStoredLogin(key) }
    }

    /// `http` for a registry on this machine, else `https`.
    package static func scheme(_ registry: String) -> String {
        LoginKey(registry)?.isLoopback == true ? "http" : "https"
    }

    /// Forgets the login to a registry or namespace (empty: Docker Hub), wherever it is kept: the places that it was in,
    /// and what kept it in others. Throws `usage` for what is no registry.
    package func logout(
        _ registry: String, dryRun: Bool
    ) async throws(BackendError) -> (removed: [Login], failures: [BackendError]) {
        let key = try loginKey(registry)
        let (records, failures) = await (try client()).eraseLogin(key, dryRun: dryRun)
        if failures.contains(where: { $0.reason == .interrupted }) { throw .interrupted }
        return (records.map(Login.init), failures.map { BackendError($0) })
    }

    /// This user's logins, in the order in which they are looked for, and what kept credential helpers from telling.
    package func logins() async throws(BackendError) -> (logins: [Login], failures: [BackendError]) {
        let client = try client()
        return try await asking { () throws(RegistryError) in
            let (records, failures) = try await client.logins()
            return (records.map(Login.init), failures.map { BackendError($0) })
        }
    }

    private func loginKey(_ text: String) throws(BackendError) -> LoginKey {
        if let key = LoginKey(text) { return key }
        throw BackendError(
            .usage, "\"\(text.prefix(200))\" is no registry",
            hint: "a registry is a host and, where it is not 443, a port: quay.io, localhost:5000; "
                + "or a namespace on one: quay.io/team"
        ).about(text)
    }
}
