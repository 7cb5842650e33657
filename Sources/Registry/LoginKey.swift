import HTTP
import OCI

/// What a login is kept under: a registry, or a namespace or repository on one (containers-auth.json(5)).
package struct LoginKey: Sendable, Hashable {
    /// `quay.io`, `localhost:5000`; Docker Hub's names are one, `index.docker.io`.
    let host: String
    /// `team/app`; empty for the registry as a whole.
    let path: String

    private static let hub = "index.docker.io"
    /// Docker Hub's key in `config.json` and in helpers, since its first version.
    private static let hubKey = "https://index.docker.io/v1/"

    private init(host: String, path: String) {
        self.host = host
        self.path = path
    }

    /// A key as files and helpers have it, with or without scheme, version path and trailing slash.
    init(stored key: String) {
        var text = key[...]
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            text = text.dropFirst(scheme.count)
            // docker/cli keeps old keys as URLs, whose path means nothing.
            for suffix in ["/v1/", "/v2/", "/v1", "/v2"] where text.hasSuffix(suffix) {
                text = text.dropLast(suffix.count)
                break
            }
            break
        }
        while text.hasSuffix("/") { text = text.dropLast() }
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        host = LoginKey.hostName(String(text[..<slash]))
        path = String(text[slash...].dropFirst())
    }

    /// What a user calls a registry or a namespace: `quay.io`, `https://quay.io/v2/`, `quay.io/team`; nothing is Docker
    /// Hub. nil where it is neither.
    package init?(_ text: String) {
        guard !text.isEmpty else {
            self.init(host: LoginKey.hub, path: "")
            return
        }
        self.init(stored: text)
        let scheme = text.hasPrefix("http://") ? "" : "https://"
        guard let target = try? Target(scheme.isEmpty ? "http://\(host)/" : scheme + host + "/"),
            !target.host.isEmpty, host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"?#@\\\"'<>{}|^`%".utf8.contains($0) })
        else { return nil }
        guard path.isEmpty || (try? Repository("\(registry)/\(path)")) != nil else { return nil }
    }

    /// The keys under which a login for a repository may be kept, longest first.
    static func candidates(registry: String, path: String) -> [LoginKey] {
        let host = hostName(registry)
        var components = path.split(separator: "/").map(String.init)
        var keys: [LoginKey] = []
        while !components.isEmpty {
            keys.append(LoginKey(host: host, path: components.joined(separator: "/")))
            components.removeLast()
        }
        return keys + [LoginKey(host: host, path: "")]
    }

    private static func hostName(_ name: String) -> String {
        ["docker.io", "registry-1.docker.io", "index.docker.io"].contains(name) ? hub : name
    }

    package var isLoopback: Bool { RegistryEndpoint.isLoopback(host) }

    var registryKey: LoginKey { LoginKey(host: host, path: "") }

    /// The registry as references name it: `docker.io`.
    package var registry: String { host == LoginKey.hub ? Repository.defaultRegistry : host }

    /// As users see it: `docker.io`, `quay.io/team`.
    package var name: String { path.isEmpty ? registry : "\(registry)/\(path)" }

    /// What a helper of registries.conf may have it under: podman's name, then Docker's where it is another.
    var helperServers: [String] { stored == registry ? [registry] : [registry, stored] }

    /// The key that it is stored under, in files and in helpers.
    var stored: String {
        if path.isEmpty { return host == LoginKey.hub ? LoginKey.hubKey : host }
        return "\(registry)/\(path)"
    }
}
