import OCI
import Registry
import Store
import Synchronization
import Threads

/// Where an image is copied from.
protocol ImageOrigin: Sendable {
    /// A manifest's or index's bytes, verified; nil where this place does not have it.
    func document(_ descriptor: Descriptor) async throws(BackendError) -> [UInt8]?

    /// The platform of a manifest's image; nil where it does not say.
    func platform(of manifest: Manifest) async throws(BackendError) -> Platform?

    /// Throws as `blob` does for one that is not here.
    func expect(_ descriptor: Descriptor) throws(BackendError)

    /// Opens a blob. Called on a thread that may wait.
    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource

    /// Repositories that may have the blob, for the target's registry to mount it from.
    func repositories(with digest: Digest) -> [Repository]

    /// What to do where part of an index, of the image that is called `source`, is not here.
    func hintOnAbsence(of source: String) -> String
}

extension ImageOrigin {
    func expect(_ descriptor: Descriptor) throws(BackendError) {}

    func hintOnAbsence(of source: String) -> String {
        "`pull --all-platforms \(source)` fetches what is missing; --platform takes one platform alone"
    }
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

    func platform(of manifest: Manifest) async throws(BackendError) -> Platform? {
        try store.config(of: manifest).platform
    }

    func expect(_ descriptor: Descriptor) throws(BackendError) {
        _ = try storing { () throws(StoreError) in try StoreBlob(descriptor.digest, in: store) }
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

    func platform(of manifest: Manifest) async throws(BackendError) -> Platform? {
        try await registries.config(of: manifest, in: repository)?.platform
    }

    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource {
        BlobPipe(descriptor, from: repository, endpoint: nil, client: client, cancellation: cancellation)
    }

    func repositories(with digest: Digest) -> [Repository] { [repository] }
}

/// An image out of an archive, which is read and verified as a whole beside the store, and gone when this is.
///
/// Uploads run side by side and a staged archive belongs to one thread at a time: its files are opened under the lock, and
/// read without it.
final class ArchiveOrigin: ImageOrigin, @unchecked Sendable {
    let root: Descriptor
    /// Keeps what was staged from being collected.
    private let archive: StagedArchive
    private let files: [Digest: StagedFile]
    private let places: BlobPlaces
    private let lock = Mutex(())

    /// Reads the archive at `path`, of any kind and packed in any way, and picks the image that is called `name`, or the only
    /// one. Blocks: call it on a thread that may wait. `shown` is what messages call the source.
    ///
    /// Throws `not_found` where it has no such image, `usage` where it has several, and as `Store.stage` does.
    init(
        path: String, name: String?, shown: String, store: Store, places: BlobPlaces, flag: CancellationFlag
    ) throws(BackendError) {
        let staged: StagedArchive
        do throws(StoreError) {
            staged = try store.stage(.file(path), cancelled: { flag.isCancelled })
        } catch {
            var failure = BackendError(error)
            // Where there is no such file, the error names it itself.
            if failure.code != .interrupted, failure.code != .notFound {
                failure.message = "cannot read \(path): \(error.message)"
            }
            throw failure
        }
        let found = name.map { name in staged.images.filter { $0.isCalled(name) } } ?? staged.images
        guard let image = found.first, found.count == 1 else {
            let names = staged.images.prefix(8).map { image in
                image.references.first?.familiar ?? image.descriptor.digest.description
            }
            throw BackendError(
                found.isEmpty ? .notFound : .usage,
                found.isEmpty ? "there is no image \(shown)" : "there are \(found.count) images in \(shown)",
                hint: "say which, as in \(shown.prefix { $0 != ":" }):\(path):NAME; it has "
                    + names.joined(separator: ", "))
        }
        archive = staged
        root = image.descriptor
        files = image.blobs
        self.places = places
    }

    func platform(of manifest: Manifest) async throws(BackendError) -> Platform? {
        guard let file = files[manifest.config.digest] else { return nil }
        let bytes = try lock.withLock { _ throws(BackendError) in
            try storing { () throws(StoreError) in try file.bytes(limit: ImageConfig.maximumBytes) }
        }
        do { return try ImageConfig(bytes: bytes).platform } catch { throw BackendError(error) }
    }

    func document(_ descriptor: Descriptor) async throws(BackendError) -> [UInt8]? {
        guard let file = files[descriptor.digest] else { return nil }
        let bytes = try lock.withLock { _ throws(BackendError) in
            try storing { () throws(StoreError) in try file.bytes(limit: Manifest.maximumBytes) }
        }
        // What the store had already was not read out of the archive.
        guard Digest.of(bytes, algorithm: descriptor.digest.algorithm) == descriptor.digest else {
            throw BackendError(
                .corrupt, "the store's manifest \(descriptor.digest) is damaged", hint: "`fsck` tells what else is")
        }
        return bytes
    }

    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource {
        guard let file = files[descriptor.digest] else {
            throw BackendError(.notFound, "the archive has no blob \(descriptor.digest)")
        }
        return try lock.withLock { _ throws(StoreError) in StoreBlob(try file.open()) }
    }

    func repositories(with digest: Digest) -> [Repository] { places.repositories(with: digest) }

    func hintOnAbsence(of source: String) -> String { "--platform takes one platform alone" }
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

extension LoadableImage {
    /// Whether the archive calls it so: by the whole name, by the tag alone as most tools write it, or by its digest.
    fileprivate func isCalled(_ text: String) -> Bool {
        if descriptor.digest.description == text { return true }
        let wanted = (try? Reference(text))?.taggedDefault
        return references.contains { $0 == wanted || $0.tag == text }
    }
}
