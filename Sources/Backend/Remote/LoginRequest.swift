package import Registry

/// A login to verify and to keep.
package struct LoginRequest: Sendable {
    /// A registry or a namespace on one, as the user calls it; empty for Docker Hub.
    package var registry: String
    package var username: String
    package let password: Secret
    /// Verify only; say where it would be kept.
    package var dryRun: Bool

    package init(
        registry: String, username: String, password: String, dryRun: Bool = false
    ) {
        self.registry = registry
        self.username = username
        self.password = Secret(password)
        self.dryRun = dryRun
    }
}

/// Where a login is kept, and whose it is. Nothing of it is secret.
package struct Login: Sendable, Hashable {
    package enum Storage: String, Sendable {
        /// A `config.json` or `auth.json`, in which it stands unencrypted.
        case file
        /// A credential helper.
        case helper
    }

    /// `docker.io`, `quay.io/team`.
    package let registry: String
    /// nil where it is not known.
    package let username: String?
    package let storage: Storage
    /// The file's path or the helper's name.
    package let location: String
    /// `password`, `identity_token` or `registry_token`; nil where only the helper knows.
    package let kind: String?

    init(_ record: LoginRecord) {
        registry = record.key.name
        username = record.username
        kind = record.kind?.rawValue
        switch record.storage {
        case .file(let path): (storage, location) = (.file, path)
        case .helper(let name): (storage, location) = (.helper, name)
        }
    }
}

/// What came of a login.
package struct LoginResult: Sendable {
    package let login: Login
    /// Whether the registry looked at it: one that asks for no login takes any.
    package let isVerified: Bool
    /// Whether something else was kept before, or nothing.
    package let isChanged: Bool
}
