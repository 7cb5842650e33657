package import OCI
import Registry
import Store

/// An image of the store as a push tells of it.
package struct LocalLayers: Sendable {
    package struct Layer: Sendable, Hashable {
        package var digest: Digest
        /// What the layer is unpacked.
        package var diffID: Digest
    }

    /// Base first.
    package var layers: [Layer]
    /// Whether all that an index lists is here; true of a single image.
    package var isWhole: Bool
}

extension RegistryBackend {
    /// The layers of an image of the store, for `platform` or this machine's; nil where the store has no such name.
    ///
    /// Throws `no_matching_platform`, `not_found` where that platform is not here, `corrupt`, `io`.
    package func localLayers(
        of reference: Reference, platform: Platform?
    ) throws(BackendError) -> LocalLayers? {
        let store = try store()
        guard let entry = try storing({ () throws(StoreError) in try store.entry(named: reference) }) else {
            return nil
        }
        var digest = entry.digest
        var isWhole = true
        do throws(ManifestError) {
            var bytes = try read(digest, store)
            if entry.mediaType.isIndex {
                let index = try Index(bytes: bytes, mediaType: entry.mediaType, digest: digest)
                isWhole = index.manifests.allSatisfy { store.hasBlob($0.digest) }
                digest = try index.select(platform ?? .host).digest
                bytes = try read(digest, store)
            }
            let manifest = try Manifest(bytes: bytes)
            let diffIDs = manifest.isImage ? try ImageConfig(bytes: read(manifest.config.digest, store)).diffIDs : []
            return LocalLayers(
                layers: zip(manifest.layers, diffIDs).map { LocalLayers.Layer(digest: $0.digest, diffID: $1) },
                isWhole: isWhole)
        } catch { throw BackendError(error) }
    }

    private func read(_ digest: Digest, _ store: Store) throws(ManifestError) -> [UInt8] {
        do throws(StoreError) { return try store.readBlob(digest, limit: ImageConfig.maximumBytes) } catch {
            throw ManifestError(.malformed(error.message))
        }
    }
}
