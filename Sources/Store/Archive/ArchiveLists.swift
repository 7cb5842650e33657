import JSON
import OCI

/// The documents of an archive that name its images, as moby's `image/tarexport/save.go` writes them.
struct ArchiveLists {
    private let images: [ArchivedImage]

    init(_ images: [ArchivedImage]) { self.images = images }

    /// The files with their paths, in the order that Go walks a directory in, which is how Docker fills its archive: by name.
    func files(_ format: ArchiveFormat) -> [(path: String, bytes: [UInt8])] {
        var files = [("index.json", index)]
        if format == .docker { files.append(("manifest.json", manifest)) }
        files.append(("oci-layout", Store.layoutBytes))
        if format == .docker, let repositories { files.append(("repositories", repositories)) }
        return files
    }

    /// `index.json`: a row for each name, one for an image without.
    var index: [UInt8] {
        var rows: [JSONValue] = []
        for image in images {
            var descriptor = image.descriptor
            descriptor.platform = nil
            if image.references.isEmpty { rows.append(descriptor.json) }
            for reference in image.references {
                descriptor.annotations = image.descriptor.annotations
                // As in containerd, a name is a tag's or a digest's.
                let name = Reference(
                    repository: reference.repository, tag: reference.tag,
                    digest: reference.tag == nil ? reference.digest : nil)
                descriptor.annotations[StoreEntry.fullNameKey] = name.canonical
                descriptor.annotations[StoreEntry.nameKey] = reference.tag
                rows.append(descriptor.json)
            }
        }
        let document: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue), "manifests": .array(rows),
        ]
        return Array(document.compact.utf8)
    }

    /// `manifest.json`: what Docker before 25, podman and skopeo's `docker-archive:` go by.
    var manifest: [UInt8] {
        var rows: [JSONValue] = []
        for image in images {
            guard let manifest = image.manifest else { continue }
            let tags = ArchiveLists.tags(image).map { JSONValue.string($0.familiar) }
            rows.append([
                "Config": .string(ArchiveWriter.path(manifest.config.digest)),
                "RepoTags": tags.isEmpty ? .null : .array(tags),
                "Layers": .array(manifest.layers.map { .string(ArchiveWriter.path($0.digest)) }),
            ])
        }
        return Array((JSONValue.array(rows).compact + "\n").utf8)
    }

    /// `repositories`: what Docker before 1.10 went by, and newer ones still write. Nil where nothing has a tag.
    var repositories: [UInt8]? {
        var repositories = JSONObject()
        for image in images {
            guard let last = image.manifest?.layers.last else { continue }
            for reference in ArchiveLists.tags(image) {
                guard let tag = reference.tag else { continue }
                var tags = repositories[reference.repository.familiar]?.objectValue ?? JSONObject()
                tags[tag] = .string(last.digest.hex)
                repositories[reference.repository.familiar] = .object(tags)
            }
        }
        return repositories.count == 0 ? nil : Array((JSONValue.object(repositories).compact + "\n").utf8)
    }

    /// Names as `manifest.json` takes them: a repository and a tag.
    private static func tags(_ image: ArchivedImage) -> [Reference] {
        image.references.compactMap { reference in
            reference.tag.map { Reference(repository: reference.repository, tag: $0) }
        }
    }
}
