import OCI
import Registry
import Store
import Synchronization
import Threads

/// Where an image is copied from.
protocol ImageOrigin: Sendable {
    /// A manifest's or index's bytes, verified; nil where this place does not have it.
    func document(_ descriptor: Descriptor) async throws(BackendError) -> [UInt8]?

    /// Opens a blob. Called on a thread that may wait.
    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource

    /// Repositories that may have the blob, for the target's registry to mount it from.
    func repositories(with digest: Digest) -> [Repository]
}

/// The local store, or another OCI layout.
struct StoreOrigin: ImageOrigin {
    let store: Store
    let places: BlobPlaces

    func document(_ descriptor: Descriptor) async throws(BackendError) -> [UInt8]? {
        guard store.hasBlob(descriptor.digest) else { return nil }
        let bytes = try storing { () throws(StoreError) in
            try store.readBlob(descriptor.digest, limit: Manifest.maximumBytes)
        }
        guard Digest.of(bytes, algorithm: descriptor.digest.algorithm) == descriptor.digest else {
            throw BackendError(
                .corrupt, "the store's manifest \(descriptor.digest) is damaged", hint: "`fsck` tells what else is")
        }
        return bytes
    }

    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource {
        try StoreBlob(descriptor.digest, in: store)
    }

    func repositories(with digest: Digest) -> [Repository] { places.repositories(with: digest) }
}

/// A repository on a registry.
struct RegistryOrigin: ImageOrigin {
    let registries: RegistryBackend
    /// Without a rate limit of its own, for blobs that are sent on.
    let client: RegistryClient
    let repository: Repository

    func document(_ descriptor: Descriptor) async throws(BackendError) -> [UInt8]? {
        try await registries.manifestBytes(descriptor.digest, in: repository)
    }

    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource {
        BlobPipe(descriptor, from: repository, endpoint: nil, client: client, cancellation: cancellation)
    }

    func repositories(with digest: Digest) -> [Repository] { [repository] }
}

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
