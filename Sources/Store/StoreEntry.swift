import Glibc
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

    /// Whether the row bears this name, which has a tag or a digest.
    func isNamed(_ wanted: Reference) -> Bool { EntryName(wanted).isName(of: self) }

    package var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: size) }

    static let nameKey = "org.opencontainers.image.ref.name"
    static let fullNameKey = "io.containerd.image.name"
    static let lastPulledKey = "io.dsh.last-pulled"
}

/// Finds the rows of one name among many: parses only names that can be it.
package struct EntryName: Sendable {
    private let wanted: Reference
    private let canonical: String
    /// The last part of the path, which is in the name however it is written.
    private let last: [UInt8]

    /// `wanted` has a tag or a digest.
    package init(_ wanted: Reference) {
        self.wanted = wanted
        canonical = wanted.canonical
        last = Array(wanted.repository.path.utf8.split(separator: UInt8(ascii: "/")).last ?? Substring(canonical).utf8)
    }

    /// Whether the row bears the name.
    package func isName(of entry: StoreEntry) -> Bool {
        guard mayBeName(of: entry) else { return false }
        return entry.fullName == nil && entry.name == canonical || entry.reference == wanted
    }

    /// Whether the row is of the same repository and points to the digest that the name has: what `name@digest` also means.
    package func isDigest(of entry: StoreEntry) -> Bool {
        guard wanted.digest == entry.digest, let reference = entry.reference else { return false }
        return reference.repository == wanted.repository && (wanted.tag == nil || reference.tag == wanted.tag)
    }

    private func mayBeName(of entry: StoreEntry) -> Bool {
        guard var name = entry.fullName ?? entry.name else { return false }
        return name.withUTF8 { text in
            guard let start = text.baseAddress, let first = last.first, text.count >= last.count else { return false }
            for place in 0...(text.count - last.count) where start[place] == first {
                if memcmp(start + place, last, last.count) == 0 { return true }
            }
            return false
        }
    }
}
