package import OCI

/// One row of `index.json`: a named image, or a dangling one.
package struct StoreEntry: Sendable, Hashable {
    /// What the row points to: a manifest or an index, as the registry served it for the name.
    package let digest: Digest
    package let mediaType: MediaType
    package let size: Int64
    /// `org.opencontainers.image.ref.name` as it stands: a full reference where dsh wrote it, maybe only a tag or a bare
    /// name where another tool did. Nil for a dangling image.
    package let name: String?
    /// `io.containerd.image.name`: what `docker save` and containerd write beside a bare tag.
    package let fullName: String?
    /// When dsh pulled it last, RFC 3339: our own annotation, so that it is as atomic and as lasting as the row.
    package let lastPulled: String?

    package init(
        digest: Digest, mediaType: MediaType, size: Int64, name: String? = nil, fullName: String? = nil,
        lastPulled: String? = nil
    ) {
        self.digest = digest
        self.mediaType = mediaType
        self.size = size
        self.name = name
        self.fullName = fullName
        self.lastPulled = lastPulled
    }

    package var isDangling: Bool { name == nil && fullName == nil }

    /// The name as a Docker user reads it: `nginx:1.25` is docker.io's, a bare `latest` is the repository
    /// `docker.io/library/latest` with tag `latest`. Nil for a dangling image and for a name that is no reference.
    package var reference: Reference? {
        for text in [fullName, name] {
            if let text, let reference = try? Reference(text) { return reference.taggedDefault }
        }
        return nil
    }

    /// Whether the row bears this name, which has a tag or a digest. Parses only names that can be it.
    func isNamed(_ wanted: Reference) -> Bool {
        guard let name = fullName ?? name else { return false }
        let canonical = wanted.canonical
        if fullName == nil, name == canonical { return true }
        // However it is written, the last part of the path is in it.
        let last = wanted.repository.path.utf8.split(separator: UInt8(ascii: "/")).last ?? Substring(canonical).utf8
        let text = Array(name.utf8)
        guard text.count >= last.count,
            (0...(text.count - last.count)).contains(where: { text[$0...].starts(with: last) })
        else { return false }
        return reference == wanted
    }

    package var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: size) }

    static let nameKey = "org.opencontainers.image.ref.name"
    static let fullNameKey = "io.containerd.image.name"
    static let lastPulledKey = "io.dsh.last-pulled"
}
