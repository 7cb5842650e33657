import Layers
import OCI

/// Where things are in a store: the OCI image layout (image-spec `image-layout.md`) and dsh's own files beside it.
struct StoreLayout: Sendable {
    let root: String

    var layoutFile: String { root + "/oci-layout" }
    var indexFile: String { root + "/index.json" }
    var lockFile: String { root + "/lock" }
    var blobs: String { root + "/blobs" }
    var ingest: String { root + "/ingest" }
    var leases: String { root + "/ingest/leases" }
    /// Digests that a removal left because a lease held them, a line each.
    var heldBack: String { root + "/ingest/held-back" }
    /// Damaged files that `fsck` put aside.
    var quarantine: String { root + "/quarantine" }
    var cache: String { root + "/cache" }
    /// Notes of uploads that go on.
    var uploadNotes: String { cache + "/uploads" }
    var summaries: String { root + "/cache/images" }
    var documents: String { root + "/cache/documents.sqlite" }
    var listing: String { root + "/cache/list" }

    func blobDirectory(_ algorithm: Digest.Algorithm) -> String { blobs + "/" + algorithm.rawValue }
    func blob(_ digest: Digest) -> String { blobDirectory(digest.algorithm) + "/" + digest.hex }
    func partial(_ digest: Digest) -> String { ingest + "/\(digest.algorithm.rawValue)-\(digest.hex).partial" }

    func factsDirectory(_ algorithm: Digest.Algorithm) -> String { cache + "/layers/" + algorithm.rawValue }
    func facts(_ digest: Digest) -> String { factsDirectory(digest.algorithm) + "/" + digest.hex }
    func fileTable(_ digest: Digest) -> String { facts(digest) + ".files" }
}
