import HTTP
import JSON
import OCI

/// The static credentials of Docker's `config.json` (docker/cli `cli/config/configfile`).
package struct DockerConfiguration: Sendable {
    /// Docker Hub's key in the file.
    static let hubKey = "https://index.docker.io/v1/"

    private var credentials: [String: Credentials] = [:]
    /// Whether a credential helper holds what this file does not.
    package private(set) var namesHelper = false

    package init() {}

    /// Reads the file's bytes; `path` is for messages. What is not of that form is told to `warn` and left out: images
    /// that need no login can be had without it.
    package init(bytes: [UInt8], path: String, warn: (String) -> Void = { _ in }) {
        let json: JSONValue
        do {
            json = try JSONValue.parse(bytes)
        } catch {
            warn("no logins are used: \(path) is not JSON: \(error.message)")
            return
        }
        guard json.objectValue != nil else {
            warn("no logins are used: \(path) is no JSON object")
            return
        }
        namesHelper = json["credsStore"]?.stringValue?.isEmpty == false || json["credHelpers"]?.objectValue != nil
        for (key, entry) in json["auths"]?.objectValue ?? [:] {
            do throws(EntryError) {
                if let found = try DockerConfiguration.credentials(of: entry) {
                    credentials[DockerConfiguration.normalized(key)] = found
                }
            } catch {
                let name = escaped(key, limit: 100)
                warn(
                    "\(path): the login for \(name) is not used: \(error.why); `docker login \(name)` makes it anew")
            }
        }
    }

    /// What `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json` holds; nothing where there is no such file.
    ///
    /// A file that cannot be read is told to `warn`, like one that is damaged.
    package static func load(
        environment: [String: String], warn: (String) -> Void = { _ in }
    ) -> DockerConfiguration {
        var directory = environment["DOCKER_CONFIG"] ?? ""
        if directory.isEmpty {
            guard let home = environment["HOME"], !home.isEmpty else { return DockerConfiguration() }
            directory = home + "/.docker"
        }
        let path = directory + "/config.json"
        do throws(RegistryError) {
            guard let bytes = try ConfigurationFile.read(path) else { return DockerConfiguration() }
            return DockerConfiguration(bytes: bytes, path: path, warn: warn)
        } catch {
            warn("no logins are used: \(error.message)")
            return DockerConfiguration()
        }
    }

    /// The credentials for a repository on a registry host: those of the longest path that has any, then the host's.
    package func credentials(registry: String, path: String) -> Credentials? {
        let host =
            registry == Repository.defaultRegistry || registry == "registry-1.docker.io" ? "index.docker.io" : registry
        var components = path.split(separator: "/").map(String.init)
        while !components.isEmpty {
            if let found = credentials[([host] + components).joined(separator: "/")] { return found }
            components.removeLast()
        }
        return credentials[host]
    }

    /// A key without scheme, version path and trailing slash; Docker Hub's names are one.
    private static func normalized(_ key: String) -> String {
        var text = key[...]
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            text = text.dropFirst(scheme.count)
            // docker/cli keeps old keys as URLs, whose path means nothing.
            for suffix in ["/v1/", "/v2/", "/v1", "/v2"] where text.hasSuffix(suffix) {
                text = text.dropLast(suffix.count)
                break
            }
        }
        while text.hasSuffix("/") { text = text.dropLast() }
        for hub in ["docker.io", "registry-1.docker.io"] where text == hub || text.hasPrefix(hub + "/") {
            return "index.docker.io" + text.dropFirst(hub.count)
        }
        return String(text)
    }

    /// Why an entry cannot be used; nothing of it is in the text.
    private struct EntryError: Error {
        let why: String
    }

    private static func credentials(of entry: JSONValue) throws(EntryError) -> Credentials? {
        var username = entry["username"]?.stringValue ?? ""
        var password = entry["password"]?.stringValue ?? ""
        if let auth = entry["auth"]?.stringValue, !auth.isEmpty {
            guard let bytes = Base64.decode(auth), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
                throw EntryError(why: "its \"auth\" is not the base64 of name:password")
            }
            username = String(decoding: bytes[..<colon], as: UTF8.self)
            // Docker's own writer once padded with NULs.
            password = String(decoding: bytes[(colon + 1)...].filter { $0 != 0 }, as: UTF8.self)
        }
        if let token = entry["registrytoken"]?.stringValue, !token.isEmpty { return .registryToken(Secret(token)) }
        if let token = entry["identitytoken"]?.stringValue, !token.isEmpty {
            return .identityToken(username: username, token: Secret(token))
        }
        guard !username.isEmpty || !password.isEmpty else { return nil }
        return .basic(username: username, password: Secret(password))
    }
}
