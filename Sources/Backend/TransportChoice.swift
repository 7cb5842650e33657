import HTTP
import Registry

/// How one command speaks to registries: what its options say, before any configuration.
package struct TransportChoice: Sendable, Hashable {
    package enum Security: Sendable, Hashable {
        /// As the configuration says: verified TLS, but plain HTTP on this machine.
        case configured
        /// TLS whose certificate nobody looks at.
        case unverified
        case plainHTTP
    }

    package var security: Security
    /// For all blobs of the command together, nil for as fast as it goes.
    package var bytesPerSecond: Int64?

    package init(security: Security = .configured, bytesPerSecond: Int64? = nil) {
        self.security = security
        self.bytesPerSecond = bytesPerSecond
    }

    /// What the registry client takes, with a rate limit of its own.
    var override: TransportOverride {
        let security: TransportOverride.Security? =
            switch self.security {
            case .configured: nil
            case .unverified: .unverified
            case .plainHTTP: .plainHTTP
            }
        return TransportOverride(security: security, rate: bytesPerSecond.map(RateLimiter.init(bytesPerSecond:)))
    }
}

extension LocalBackend {
    /// The registry client for one operation. It shares connections and logins with every other.
    ///
    /// Throws `corrupt` where the configuration cannot be used.
    func client(_ transport: TransportChoice) throws(BackendError) -> RegistryClient {
        try registry.value().with(transport.override)
    }
}
