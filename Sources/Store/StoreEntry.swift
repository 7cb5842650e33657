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

    package var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: size) }

    static let nameKey = "org.opencontainers.image.ref.name"
    static let fullNameKey = "io.containerd.image.name"
    static let lastPulledKey = "io.dsh.last-pulled"
}
