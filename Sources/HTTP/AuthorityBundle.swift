import Glibc

/// Certificate authorities in PEM, held in memory: the system's and some more. libcurl takes a single file of them.
package final class AuthorityBundle: Sendable, Hashable {
    package let pem: [UInt8]

    package init(pem: [UInt8]) { self.pem = pem }

    /// The authorities that verify a server where nothing else is said: those of `file`, else of the place where the
    /// distribution keeps them; nothing where there are none.
    package static func system(file: String?) -> [UInt8] {
        let places = [
            file, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem",
        ]
        for case let place? in places {
            if let bytes = read(place), !bytes.isEmpty { return bytes }
        }
        return []
    }

    /// The file's bytes, at most 16 MiB of them; nil where it cannot be read.
    package static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < 16 << 20 {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    package static func == (left: AuthorityBundle, right: AuthorityBundle) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
