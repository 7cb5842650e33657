package import HTTP

/// How one operation speaks to registries, whatever the configuration says.
package struct TransportOverride: Sendable {
    package enum Security: Sendable, Hashable {
        /// TLS whose certificate nobody looks at; never plain HTTP.
        case unverified
        case plainHTTP
    }

    /// nil leaves it to the configuration. Mirrors keep what the configuration says of them: the user spoke of the
    /// registry that was named.
    package var security: Security?
    /// Holds the blobs of the operation to a rate, all of them together; nil for none.
    package var rate: RateLimiter?

    package init(security: Security? = nil, rate: RateLimiter? = nil) {
        self.security = security
        self.rate = rate
    }

    func applied(to endpoint: RegistryEndpoint) -> RegistryEndpoint {
        guard let security, !endpoint.isMirror else { return endpoint }
        return endpoint.speaking(security == .plainHTTP ? .http : .unverified)
    }
}
