import OCI
import Registry
import Store
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

    /// What refers to a manifest: signatures, SBOMs, attestations. Throws `corrupt`, `network`, …
    func referrers(of digest: Digest) async throws(BackendError) -> [Descriptor]

    /// What to do where part of an index, of the image that is called `source`, is not here.
    func hintOnAbsence(of source: String) -> String

    /// An error of writing a blob that was read here, with where and why if it is this place's own. Called on a thread that
    /// may wait.
    func explained(_ error: BackendError, of blob: Descriptor, flag: CancellationFlag) -> BackendError
}

extension ImageOrigin {
    func expect(_ descriptor: Descriptor) throws(BackendError) {}

    func explained(_ error: BackendError, of blob: Descriptor, flag: CancellationFlag) -> BackendError { error }

    func hintOnAbsence(of source: String) -> String {
        "`pull --all-platforms \(source)` fetches what is missing; --platform takes one platform alone"
    }
}

/// The local store, or another OCI layout.
struct StoreOrigin: ImageOrigin {
    let store: Store
    let places: BlobPlaces
    /// The directory of another layout, as the user wrote it; nil for the store.
    var layout: String?

    func document(_ descriptor: Descriptor) async throws(BackendError) -> [UInt8]? {
        let digest = descriptor.digest
        guard store.hasBlob(digest) else { return nil }
        let bytes = try reading(digest) { () throws(StoreError) in
            try store.readBlob(digest, limit: Manifest.maximumBytes)
        }
        guard Digest.of(bytes, algorithm: digest.algorithm) == digest else {
            throw BackendError(
                .corrupt,
                layout.map { "\($0): the manifest \(digest) is damaged" }
                    ?? "the store's manifest \(digest) is damaged",
                hint: layout == nil ? "`fsck` tells what else is" : BackendError.hintOnLayout)
        }
        return bytes
    }

    /// Reads a blob; what fails is said of the place that it is in.
    private func reading<Value>(
        _ digest: Digest, _ body: () throws(StoreError) -> Value
    ) throws(BackendError) -> Value {
        guard let layout else { return try storing(body) }
        do throws(StoreError) { return try body() } catch {
            guard error.code == .notFound else { return try inLayout(layout) { () throws(StoreError) in throw error } }
            throw BackendError(.notFound, "\(layout) has no blob \(digest)", hint: BackendError.hintOnLayout)
        }
    }

    func platform(of manifest: Manifest) async throws(BackendError) -> Platform? {
        try store.config(of: manifest).platform
    }

    func expect(_ descriptor: Descriptor) throws(BackendError) {
        _ = try reading(descriptor.digest) { () throws(StoreError) in try StoreBlob(descriptor.digest, in: store) }
    }

    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource {
        try reading(descriptor.digest) { () throws(StoreError) in try StoreBlob(descriptor.digest, in: store) }
    }

    func repositories(with digest: Digest) -> [Repository] { places.repositories(with: digest) }

    func hintOnAbsence(of source: String) -> String {
        layout == nil
            ? "`pull --all-platforms \(source)` fetches what is missing; --platform takes one platform alone"
            : "--platform takes one platform alone"
    }

    /// Whoever takes a blob finds its content wrong, and speaks of the store. Reading it again tells whether the layout is
    /// what is damaged.
    func explained(_ error: BackendError, of blob: Descriptor, flag: CancellationFlag) -> BackendError {
        guard let layout, error.code == .corrupt || error.code == .digestMismatch else { return error }
        var failure = error
        do throws(StoreError) {
            let isSound = try LayoutAddition(path: layout).holds(blob, cancelled: { flag.isCancelled })
            if !isSound {
                failure.message = "\(layout): the blob \(blob.digest) is damaged"
                failure.hint = BackendError.hintOnLayout
            } else if error.code == .digestMismatch {
                failure.hint = "it is whole in \(layout), so it changed on the way: try again"
            }
        } catch { failure.hint = nil }
        return failure
    }

    /// The rows of `index.json` whose manifests or indexes say so, and the index under the name `sha256-HEX` that tools keep for
    /// registries without the referrers API (distribution-spec, "Referrers Tag Schema").
    func referrers(of digest: Digest) async throws(BackendError) -> [Descriptor] {
        let (store, tag) = (store, "\(digest.algorithm.rawValue)-\(digest.hex)")
        return try await onOwnThread { () throws(BackendError) in
            var found: [Descriptor] = []
            for entry in try storing({ () throws(StoreError) in try store.entries() }) {
                guard let bytes = try? store.readBlob(entry.digest, limit: Manifest.maximumBytes) else { continue }
                if entry.mediaType.isIndex {
                    guard let index = try? Index(bytes: bytes) else { continue }
                    if entry.layoutName.tag == tag { found += index.manifests }
                    if index.subject?.digest == digest { found.append(index.referrer) }
                } else if let manifest = try? Manifest(bytes: bytes), manifest.subject?.digest == digest {
                    found.append(manifest.referrer)
                }
            }
            return found
        }
    }
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

    func referrers(of digest: Digest) async throws(BackendError) -> [Descriptor] {
        try await asking { () throws(RegistryError) in
            try await client.referrers(of: digest, in: repository)
        }.descriptors
    }
}

extension Manifest {
    /// The descriptor as lists of referrers have it (distribution-spec, "Listing Referrers").
    var referrer: Descriptor { descriptor.listed(artifactType ?? config.mediaType.rawValue, annotations) }
}

extension Index {
    /// The descriptor as lists of referrers have it, likewise.
    var referrer: Descriptor { descriptor.listed(artifactType, annotations) }
}

extension Descriptor {
    fileprivate func listed(_ artifactType: String?, _ annotations: [String: String]) -> Descriptor {
        var descriptor = self
        descriptor.artifactType = artifactType
        descriptor.annotations = annotations
        return descriptor
    }
}
