/// Where an image's tags and blobs live: a registry host and a path on it.
///
/// Grammar: distribution's `reference` package. A value is always well formed.
package struct Repository: Hashable, Sendable, CustomStringConvertible {
    /// The registry as it is named in references: `docker.io`, `localhost:5000`, `[::1]:5000`.
    package let registry: String
    /// The path on the registry, `library/` included for Docker Hub's official images.
    package let path: String

    /// Parses a name without tag and digest; `docker.io` and `library/` are filled in as Docker does.
    package init(_ text: String) throws(ReferenceError) {
        let reference = try Reference(text)
        guard reference.tag == nil, reference.digest == nil else { throw ReferenceError(.format, text: text) }
        self = reference.repository
    }

    init(registry: String, path: String) {
        self.registry = registry
        self.path = path
    }

    package static let defaultRegistry = "docker.io"

    /// `docker.io/library/nginx`.
    package var canonical: String { registry + "/" + path }

    /// The shortest name that means the same: `nginx`, `myuser/app`, `ghcr.io/owner/app`.
    package var familiar: String {
        guard registry == Repository.defaultRegistry else { return canonical }
        guard path.utf8.starts(with: "library/".utf8) else { return path }
        let name = path.utf8.dropFirst("library/".utf8.count)
        return name.contains(UInt8(ascii: "/")) ? path : String(Substring(name))
    }

    package var description: String { familiar }
}

extension Repository: Comparable {
    package static func < (left: Repository, right: Repository) -> Bool {
        left.registry == right.registry ? left.path < right.path : left.registry < right.registry
    }
}
