package import OCI

/// Where a copy is put.
package enum ImageDestination: Sendable {
    /// A name in a registry. Without tag and digest it gets the source's tag, and is put by its digest where that has none.
    case registry(Reference)
    /// A name in the local store; nil for the source's own.
    case store(Reference?)
    /// An OCI layout, which is added to, and the image's name in it; nil for the source's own.
    case layout(path: String, name: String?)
    /// An archive of this image alone, in the place of one that is there.
    case archive(ArchiveDestination)

    /// Whether what refers to an image has a place beside it.
    var takesReferrers: Bool {
        switch self {
        case .registry, .layout: true
        case .store: false
        case .archive(let archive): archive.kind == .oci
        }
    }
}

/// An archive that is to be written.
package struct ArchiveDestination: Sendable {
    package enum Kind: String, Sendable {
        case docker = "docker-archive"
        case oci = "oci-archive"
    }

    package var kind: Kind
    package var path: String
    /// In a docker-archive a reference, else any text; nil for the source's own.
    package var name: String?
    /// Opens the file; called once it is to be written.
    package var open: @Sendable () async throws -> any ArchiveOutput

    package init(
        kind: Kind, path: String, name: String?, open: @escaping @Sendable () async throws -> any ArchiveOutput
    ) {
        self.kind = kind
        self.path = path
        self.name = name
        self.open = open
    }

    /// As the user writes it.
    var shown: String { "\(kind.rawValue):\(path)" + (name.map { ":" + $0 } ?? "") }
}

/// A file that appears under its name when it is whole, or not at all. One thread at a time uses it.
package protocol ArchiveOutput: AnyObject, Sendable {
    /// Waits for a slow disk or reader, asking `cancelled` meanwhile. Throws `no_space`, `io`, `interrupted`.
    func write(_ bytes: UnsafeRawBufferPointer, cancelled: () -> Bool) throws(BackendError)
    /// Makes it durable and gives it its name. Throws `no_space`, `io`.
    func commit() async throws(BackendError)
    /// Deletes what is not committed.
    func discard()
}
