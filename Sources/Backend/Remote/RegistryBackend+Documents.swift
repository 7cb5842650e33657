package import OCI
import Registry
import Store
import Synchronization

/// A manifest or index as a registry has it, its digest verified.
package struct RemoteManifest: Sendable {
    package let reference: Reference
    package let descriptor: Descriptor
    /// Exactly what the registry serves.
    package let bytes: [UInt8]
}

/// One image of a registry, without its layers.
package struct RemoteImage: Sendable {
    package let reference: Reference
    /// What the reference points to: the manifest, or an index.
    package let root: Descriptor
    /// The platforms that there are: of an index its entries', else the config's.
    package let platforms: [Platform]
    package let manifest: Manifest
    /// nil for an artifact that is no image.
    package let config: ImageConfig?
}

/// Manifests and configs never change under their digest: what the store or its cache has is not asked for again.
extension RegistryBackend {
    /// Indexes may hold indexes; deeper than this they surely hold themselves.
    private static let deepest = 4

    /// The manifest or index that a reference names now. A tag is asked for with `HEAD`, and what it names is only
    /// fetched where it is not known; in a repository that nothing was read of before, a `GET` tells both at once.
    ///
    /// Throws `manifest_unknown`, `digest_mismatch`, `corrupt`, `unauthorized`, `network`, …
    package func manifest(_ reference: Reference) async throws(BackendError) -> RemoteManifest {
        let descriptor: Descriptor
        if let digest = reference.digest, let bytes = known(digest), let type = mediaType(of: bytes) {
            descriptor = Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
            return RemoteManifest(reference: reference, descriptor: descriptor, bytes: bytes)
        }
        if let cache = try? store().documents, visits.isFirst(to: reference.repository, cache) {
            let client = try client()
            let fetched = try await asking { () throws(RegistryError) in try await client.manifest(reference) }
            cache.write(fetched.bytes, digest: fetched.digest)
            return RemoteManifest(reference: reference, descriptor: fetched.descriptor, bytes: fetched.bytes)
        }
        descriptor = try await resolve(reference)
        let bytes = try await manifestBytes(descriptor.digest, in: reference.repository)
        return RemoteManifest(
            reference: reference,
            descriptor: Descriptor(
                mediaType: descriptor.mediaType, digest: descriptor.digest, size: Int64(bytes.count)),
            bytes: bytes)
    }

    /// The image that a reference names, for `platform`; without one for this machine's, or else the first that there is.
    ///
    /// Throws `no_matching_platform`, and as `manifest` and `config` do.
    package func image(_ reference: Reference, platform: Platform? = nil) async throws(BackendError) -> RemoteImage {
        let root = try await manifest(reference)
        guard root.descriptor.mediaType.isIndex else {
            let manifest = try parsed(root.bytes, root.descriptor)
            let config = try await config(of: manifest, in: reference.repository)
            let own = config?.platform ?? .unknown
            if let platform, config != nil, platform.bestMatch(in: [own]) == nil {
                throw BackendError(
                    .noMatchingPlatform, "\(reference) is for \(own), not for \(platform)", hint: "available: \(own)")
            }
            return RemoteImage(
                reference: reference, root: root.descriptor, platforms: config == nil ? [] : [own], manifest: manifest,
                config: config)
        }
        var platforms: [Platform] = []
        let manifest = try await child(of: root, platform, &platforms, depth: 0)
        return RemoteImage(
            reference: reference, root: root.descriptor, platforms: platforms, manifest: manifest,
            config: try await config(of: manifest, in: reference.repository))
    }

    /// The index that a reference names now. Throws `unsupported` for a single image, and as `manifest` does.
    package func index(_ reference: Reference) async throws(BackendError) -> RemoteManifest {
        let found = try await manifest(reference)
        guard found.descriptor.mediaType.isIndex else {
            let name = reference.familiar
            throw BackendError(
                .unsupported, "\(name) is a single image and no index",
                hint: "`manifest \(name)` shows it and `annotate \(name) KEY=VALUE` annotates it; "
                    + "`multiarch create NAME \(name) …` makes an index of images")
        }
        return found
    }

    /// The manifest for a platform below an index.
    package func manifest(_ root: RemoteManifest, for platform: Platform) async throws(BackendError) -> RemoteManifest {
        guard root.descriptor.mediaType.isIndex else { return root }
        var platforms: [Platform] = []
        let manifest = try await child(of: root, platform, &platforms, depth: 0)
        return RemoteManifest(reference: root.reference, descriptor: manifest.descriptor, bytes: manifest.bytes)
    }

    /// The config of an image's manifest; nil for what is no image.
    ///
    /// Throws `not_found`, `digest_mismatch`, `corrupt`, …
    package func config(
        of manifest: Manifest, in repository: Repository
    ) async throws(BackendError) -> ImageConfig? {
        guard manifest.isImage else { return nil }
        let descriptor = manifest.config
        let client = try client()
        let bytes = try await document(descriptor.digest, in: repository) { () async throws(RegistryError) in
            try await client.smallBlob(descriptor, from: repository, maximumBytes: ImageConfig.maximumBytes)
        }
        do { return try ImageConfig(bytes: bytes) } catch { throw BackendError(error) }
    }

    /// A manifest's or index's bytes by its digest.
    func manifestBytes(_ digest: Digest, in repository: Repository) async throws(BackendError) -> [UInt8] {
        let client = try client()
        return try await document(digest, in: repository) { () async throws(RegistryError) in
            try await client.manifest(Reference(repository: repository, digest: digest)).bytes
        }
    }

    private func child(
        of root: RemoteManifest, _ platform: Platform?, _ platforms: inout [Platform], depth: Int
    ) async throws(BackendError) -> Manifest {
        guard depth < RegistryBackend.deepest else {
            throw BackendError(.corrupt, "the index \(root.descriptor.digest) is nested too deeply")
        }
        let chosen: Descriptor
        do throws(ManifestError) {
            let index = try Index(
                bytes: root.bytes, mediaType: root.descriptor.mediaType, digest: root.descriptor.digest)
            if depth == 0 { platforms = index.images.compactMap(\.platform) }
            if let platform {
                chosen = try index.select(platform)
            } else if let best = (try? index.select(.host)) ?? index.images.first ?? index.manifests.first {
                chosen = best
            } else {
                throw ManifestError(.malformed("the index lists nothing"))
            }
        } catch { throw BackendError(error) }
        let bytes = try await manifestBytes(chosen.digest, in: root.reference.repository)
        guard chosen.mediaType.isIndex else { return try parsed(bytes, chosen) }
        let next = RemoteManifest(reference: root.reference, descriptor: chosen, bytes: bytes)
        return try await child(of: next, platform, &platforms, depth: depth + 1)
    }

    private func parsed(_ bytes: [UInt8], _ descriptor: Descriptor) throws(BackendError) -> Manifest {
        do {
            return try Manifest(bytes: bytes, mediaType: descriptor.mediaType, digest: descriptor.digest)
        } catch { throw BackendError(error) }
    }

    private func mediaType(of bytes: [UInt8]) -> MediaType? {
        if let manifest = try? Manifest(bytes: bytes) { return manifest.mediaType }
        return (try? Index(bytes: bytes))?.mediaType
    }

    /// What is here under a digest: an image's in the store, or in the cache.
    private func known(_ digest: Digest) -> [UInt8]? {
        guard let store = try? store() else { return nil }
        if let bytes = store.documents.read(digest) { return bytes }
        guard let bytes = try? store.readBlob(digest, limit: ImageConfig.maximumBytes),
            Digest.of(bytes, algorithm: digest.algorithm) == digest
        else { return nil }
        return bytes
    }

    /// A document from here, or from the registry and then kept. However many ask for it at once, it is fetched once.
    private func document(
        _ digest: Digest, in repository: Repository,
        fetch: @escaping @Sendable () async throws(RegistryError) -> [UInt8]
    ) async throws(BackendError) -> [UInt8] {
        if let bytes = known(digest) { return bytes }
        let cache = try? store().documents
        let key = DocumentKey(digest: digest, repository: repository)
        do throws(RegistryError) {
            return try await flights.value(key, registry: repository.registry) {
                do throws(RegistryError) {
                    let bytes = try await fetch()
                    cache?.write(bytes, digest: digest)
                    return .success(bytes)
                } catch { return .failure(error) }
            }.get()
        } catch { throw BackendError(error) }
    }
}

/// Remembers the repositories that documents were read of: in a new one there is nothing to be found here.
final class RepositoryVisits: Sendable {
    private let firsts = Mutex<[Repository: Bool]>([:])

    /// Whether nothing of the repository was read before this command.
    func isFirst(to repository: Repository, _ cache: DocumentCache) -> Bool {
        firsts.withLock { firsts in
            if let known = firsts[repository] { return known }
            // The name itself is the mark, as a document among the others: it goes when they go.
            let mark = Array(repository.canonical.utf8)
            let digest = Digest.of(mark)
            let isFirst = cache.read(digest) == nil
            if isFirst { cache.write(mark, digest: digest) }
            firsts[repository] = isFirst
            return isFirst
        }
    }
}

/// Registries may let one read a document in one repository and not in another.
struct DocumentKey: Hashable, Sendable {
    let digest: Digest
    let repository: Repository
}
