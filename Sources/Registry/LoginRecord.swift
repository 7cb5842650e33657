/// Where a login is kept, and whose it is: nothing of it is secret.
package struct LoginRecord: Sendable, Hashable {
    package enum Storage: Sendable, Hashable {
        /// The path of a `config.json` or `auth.json`, in which it stands unencrypted.
        case file(String)
        /// The name of a credential helper.
        case helper(String)
    }

    package enum Kind: String, Sendable {
        case password
        case identityToken = "identity_token"
        case registryToken = "registry_token"
    }

    package let key: LoginKey
    /// nil where it is not known: tokens have none, and not every helper tells.
    package var username: String?
    package let storage: Storage
    /// nil where only the helper knows.
    package let kind: Kind?
    /// Whether keeping it changed anything.
    package var isChanged = false
}

extension Credentials {
    var kind: LoginRecord.Kind {
        switch self {
        case .basic: .password
        case .identityToken: .identityToken
        case .registryToken: .registryToken
        }
    }
}
