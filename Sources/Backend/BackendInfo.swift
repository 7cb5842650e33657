/// What a backend is and how it reaches registries: the source of `info`. No secret is in it.
package struct BackendInfo: Sendable {
    /// A host or prefix that `registries.conf` says something about.
    package struct Registry: Sendable, Hashable {
        package struct Mirror: Sendable, Hashable {
            package var location: String
            package var insecure: Bool?
            /// `all`, `digest-only` or `tag-only`.
            package var use: String

            package init(location: String, insecure: Bool?, use: String) {
                self.location = location
                self.insecure = insecure
                self.use = use
            }
        }

        package var prefix: String
        /// What takes the prefix's place; nil keeps the name.
        package var location: String?
        package var insecure: Bool?
        package var blocked: Bool
        package var mirrors: [Mirror]

        package init(prefix: String, location: String?, insecure: Bool?, blocked: Bool, mirrors: [Mirror]) {
            self.prefix = prefix
            self.location = location
            self.insecure = insecure
            self.blocked = blocked
            self.mirrors = mirrors
        }
    }

    /// `local`: a store of one's own.
    package var name: String
    /// The store's directory; nil where there is none.
    package var storePath: String?
    /// Rows of the list of images, names and dangling ones.
    package var referenceCount: Int
    /// Images, each once.
    package var imageCount: Int
    package var danglingCount: Int
    package var disk: DiskUsage.Disk?
    /// Bytes free on the store's disk for this user; nil where nobody knows.
    package var freeBytes: Int64?
    package var registries: [Registry]
    /// Versions of the libraries that it works with, by name.
    package var libraries: [(name: String, version: String)]

    package init(
        name: String, storePath: String? = nil, referenceCount: Int = 0, imageCount: Int = 0, danglingCount: Int = 0,
        disk: DiskUsage.Disk? = nil, freeBytes: Int64? = nil, registries: [Registry] = [],
        libraries: [(name: String, version: String)] = []
    ) {
        self.name = name
        self.storePath = storePath
        self.referenceCount = referenceCount
        self.imageCount = imageCount
        self.danglingCount = danglingCount
        self.disk = disk
        self.freeBytes = freeBytes
        self.registries = registries
        self.libraries = libraries
    }
}
