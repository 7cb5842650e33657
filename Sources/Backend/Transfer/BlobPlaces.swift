import OCI
import Store
import Synchronization

/// Which repositories of a registry have which blobs, as far as a store's images tell: a guess, and one that costs nothing
/// where it is wrong, since a registry that cannot mount a blob begins an upload instead.
final class BlobPlaces: Sendable {
    /// So many images are looked into at most.
    private static let images = 256
    /// A blob is never tried to be mounted from more than this.
    private static let perBlob = 2

    private let store: Store
    private let registry: String
    private let known = Mutex<[Digest: [Repository]]?>(nil)

    init(_ store: Store, on registry: String) {
        self.store = store
        self.registry = registry
    }

    func repositories(with digest: Digest) -> [Repository] {
        known.withLock { known in
            if let known { return known[digest] ?? [] }
            let found = read()
            known = found
            return found[digest] ?? []
        }
    }

    private func read() -> [Digest: [Repository]] {
        var places: [Digest: [Repository]] = [:]
        let named = ((try? store.entries()) ?? []).filter { $0.reference?.repository.registry == registry }
        // What was pulled is there; what only has such a name may be.
        let entries = named.filter { $0.lastPulled != nil } + named.filter { $0.lastPulled == nil }
        for entry in entries.prefix(BlobPlaces.images) {
            guard let repository = entry.reference?.repository else { continue }
            for digest in blobs(of: entry.digest, depth: 0) {
                var list = places[digest] ?? []
                guard list.count < BlobPlaces.perBlob, !list.contains(repository) else { continue }
                list.append(repository)
                places[digest] = list
            }
        }
        return places
    }

    private func blobs(of digest: Digest, depth: Int) -> [Digest] {
        guard depth < 3, let bytes = try? store.readBlob(digest, limit: Manifest.maximumBytes) else { return [] }
        if let manifest = try? Manifest(bytes: bytes) { return ([manifest.config] + manifest.layers).map(\.digest) }
        guard let index = try? Index(bytes: bytes) else { return [] }
        return index.manifests.flatMap { blobs(of: $0.digest, depth: depth + 1) }
    }
}
