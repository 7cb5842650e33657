package import OCI

/// What to make an image of.
package struct ImportRequest: Sendable {
    package enum Source: Sendable {
        case directory(String)
        case file(String)
        /// A tar archive that comes through an open descriptor, which stays open; `name` is what messages call it.
        case descriptor(Int32, name: String)
    }

    package var source: Source
    package var reference: Reference?
    package var platform: Platform
    package var message: String
    /// Dockerfile instructions that set up the config: `ENV A=b`, `CMD ["sh"]`.
    package var changes: [String]

    package init(
        source: Source, reference: Reference?, platform: Platform = .host, message: String = "", changes: [String] = []
    ) {
        self.source = source
        self.reference = reference
        self.platform = platform
        self.message = message
        self.changes = changes
    }
}

/// The image that was made.
package struct ImportResult: Sendable {
    package var reference: Reference?
    package var id: Digest
    package var digest: Digest
    package var size: Int64
    package var layer: Digest
}
