import OCI
import Store

extension LocalBackend {
    package func trees(_ query: ImageQuery) async throws(BackendError) -> [ImageTree] {
        var query = query
        query.withSizes = false
        var trees: [ImageTree] = []
        var places: [Digest: Int] = [:]
        let list = try await images(query)
        for place in 0..<list.count {
            guard let image = list.withImage(place, ListedName.init) else { continue }
            if let place = places[image.digest] {
                trees[place].names += image.names
                continue
            }
            places[image.digest] = trees.count
            trees.append(
                ImageTree(
                    names: image.names, digest: image.digest, id: image.id, created: image.created,
                    variants: try await variants(of: image)))
        }
        return trees
    }

    private func variants(of image: ListedName) async throws(BackendError) -> [ImageTree.Variant] {
        let bytes = try storing { () throws(StoreError) in
            try store.readBlob(image.digest, limit: Manifest.maximumBytes)
        }
        guard let index = try? Index(bytes: bytes, digest: image.digest) else {
            let manifest: Manifest
            do { manifest = try Manifest(bytes: bytes, digest: image.digest) } catch { throw BackendError(error) }
            return [try await variant(of: manifest, platform: image.platform)]
        }
        var variants: [ImageTree.Variant] = []
        for child in index.images {
            let platform = child.platform ?? Platform(os: "unknown", architecture: "unknown")
            guard store.hasBlob(child.digest),
                let bytes = try? store.readBlob(child.digest, limit: Manifest.maximumBytes),
                let manifest = try? Manifest(bytes: bytes, mediaType: child.mediaType, digest: child.digest)
            else {
                variants.append(
                    ImageTree.Variant(
                        platform: platform, id: nil, digest: child.digest, size: 0, contentSize: 0, isAvailable: false))
                continue
            }
            variants.append(try await variant(of: manifest, platform: platform))
        }
        return variants
    }

    private func variant(of manifest: Manifest, platform: Platform) async throws(BackendError) -> ImageTree.Variant {
        var seen: Set<Digest> = []
        let blobs = ([manifest.config] + manifest.layers).filter { seen.insert($0.digest).inserted }
        let here = blobs.filter { store.hasBlob($0.digest) }
        // A foreign layer stays where it is, also of an image that is complete.
        let isAvailable = blobs.allSatisfy { $0.mediaType.isForeignLayer || store.hasBlob($0.digest) }
        let sizes = isAvailable ? try await layerSizes(of: manifest) : []
        return ImageTree.Variant(
            platform: platform, id: manifest.config.digest, digest: manifest.digest, size: sizes.reduce(0, +),
            contentSize: here.reduce(Int64(manifest.bytes.count)) { $0 + $1.size }, isAvailable: isAvailable)
    }
}

/// What a tree begins with.
private struct ListedName {
    /// One, or none for a dangling image.
    let names: [String]
    let digest: Digest
    let id: Digest
    let created: String?
    let platform: Platform

    init?(_ image: ListedImage) {
        guard let digest = Digest(utf8: image.digest), let id = Digest(utf8: image.id) else { return nil }
        func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
        let name = image.reference.isEmpty ? image.name : image.reference
        names = name.isEmpty ? [] : [text(name)]
        (self.digest, self.id) = (digest, id)
        created = image.created.isEmpty ? nil : text(image.created)
        let parts = text(image.platform).split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        platform = Platform(
            os: String(parts[0]), architecture: parts.count > 1 ? String(parts[1]) : "",
            variant: parts.count > 2 ? String(parts[2]) : nil)
    }
}
