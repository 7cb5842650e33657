import HTTP
import OCI

/// One place to ask for a repository: the registry itself or a mirror of it.
package struct RegistryEndpoint: Sendable, Hashable {
    /// How it is spoken to.
    package enum Transport: Sendable, Hashable {
        case https
        case http
        /// TLS whose certificate nobody looks at.
        case unverified
        /// TLS without verification and, where there is no TLS, plain HTTP: what `insecure = true` means.
        case insecure
    }

    /// The registry as configuration and references name it.
    package let registry: String
    /// The repository's path there.
    package let path: String
    package let transport: Transport
    package let isMirror: Bool

    /// Loopback hosts speak plain HTTP as they do for Docker, unless configuration says `insecure` either way: `false`
    /// is verified TLS, `true` is TLS unverified and then plain HTTP.
    init(registry: String, path: String, insecure: Bool?, isMirror: Bool) {
        self.registry = registry
        self.path = path
        self.isMirror = isMirror
        transport =
            switch insecure {
            case true?: .insecure
            case false?: .https
            case nil: RegistryEndpoint.isLoopback(registry) ? .http : .https
            }
    }

    private init(_ other: RegistryEndpoint, transport: Transport) {
        registry = other.registry
        path = other.path
        isMirror = other.isMirror
        self.transport = transport
    }

    /// The same place, spoken to in another way.
    func speaking(_ transport: Transport) -> RegistryEndpoint { RegistryEndpoint(self, transport: transport) }

    /// The same registry, at another path.
    init(_ other: RegistryEndpoint, path: String) {
        self.path = path
        (registry, transport, isMirror) = (other.registry, other.transport, other.isMirror)
    }

    /// The host and port to connect to.
    var authority: String { registry == Repository.defaultRegistry ? "registry-1.docker.io" : registry }

    /// Whether a registry's name is of this machine.
    static func isLoopback(_ registry: String) -> Bool { Target.isLoopback(host: hostWithoutPort(registry)) }

    private static func hostWithoutPort(_ registry: String) -> String {
        if registry.hasPrefix("[") { return String(registry.prefix { $0 != "]" }) + "]" }
        return String(registry.prefix { $0 != ":" })
    }
}
