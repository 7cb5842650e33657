import Glibc
import HTTP
import Synchronization

/// What `certs.d` directories say about single hosts (containers-certs.d(5), Docker's "Verify repository client with
/// certificates"): `HOST:PORT/*.crt` are authorities beside the system's, `NAME.cert` with `NAME.key` is shown to the host.
package final class CertificateDirectories: Sendable {
    private struct Entry: Sendable {
        let options: TLSOptions
        let until: ContinuousClock.Instant
    }

    /// How long a directory is not looked at again: a session may last, and somebody may put a certificate there.
    private static let freshness: Duration = .seconds(10)

    let directories: [String]
    private let known = Mutex<[String: Entry]>([:])

    package init(directories: [String] = []) { self.directories = directories }

    /// The user's places first, then the system's: the first that has a directory for a host counts.
    package convenience init(environment: [String: String]) {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = set("HOME")
        let configuration = set("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" }
        let docker = set("DOCKER_CONFIG") ?? home.map { $0 + "/.docker" }
        self.init(
            directories: [
                docker.map { $0 + "/certs.d" }, configuration.map { $0 + "/docker/certs.d" },
                configuration.map { $0 + "/containers/certs.d" }, "/etc/containers/certs.d", "/etc/docker/certs.d",
            ].compactMap { $0 })
    }

    /// `options` with what the directories say about a host (`quay.io`, `localhost:5000`).
    func options(_ options: TLSOptions, for host: String) -> TLSOptions {
        guard !directories.isEmpty, host != ".", host != "..", !host.contains("/") else { return options }
        if let entry = known.withLock({ $0[host] }), entry.until > .now {
            return CertificateDirectories.merged(options, entry.options)
        }
        var found = TLSOptions()
        for directory in directories {
            guard let names = CertificateDirectories.names(in: directory + "/" + host) else { continue }
            found = CertificateDirectories.read(directory + "/" + host, names, options)
            break
        }
        let entry = Entry(options: found, until: .now + CertificateDirectories.freshness)
        known.withLock { $0[host] = entry }
        return CertificateDirectories.merged(options, found)
    }

    private static func merged(_ options: TLSOptions, _ own: TLSOptions) -> TLSOptions {
        var merged = options
        merged.authorities = own.authorities ?? merged.authorities
        merged.clientCertificate = own.clientCertificate ?? merged.clientCertificate
        merged.clientKey = own.clientKey ?? merged.clientKey
        merged.problem = own.problem ?? merged.problem
        return merged
    }

    private static func read(_ path: String, _ names: [String], _ options: TLSOptions) -> TLSOptions {
        var found = TLSOptions()
        var pem: [UInt8] = []
        for name in names where name.hasSuffix(".crt") {
            guard let bytes = AuthorityBundle.read(path + "/" + name) else {
                found.problem = "cannot read \(path)/\(name)"
                return found
            }
            pem += bytes + [UInt8(ascii: "\n")]
        }
        if !pem.isEmpty {
            found.authorities = AuthorityBundle(pem: AuthorityBundle.system(file: options.authorityFile) + pem)
        }
        // Several pairs may be there; a server is shown one.
        for name in names where name.hasSuffix(".cert") {
            let key = name.dropLast(5) + ".key"
            guard names.contains(String(key)) else {
                found.problem = "\(path)/\(name) has no key \(key) beside it"
                return found
            }
            if found.clientCertificate == nil {
                (found.clientCertificate, found.clientKey) = ("\(path)/\(name)", "\(path)/\(key)")
            }
        }
        if let key = names.first(where: { $0.hasSuffix(".key") && !names.contains($0.dropLast(4) + ".cert") }) {
            found.problem = "\(path)/\(key) has no certificate \(key.dropLast(4)).cert beside it"
        }
        return found
    }

    /// What is in a directory, sorted; nil where there is no such directory.
    private static func names(in path: String) -> [String]? {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }
}
