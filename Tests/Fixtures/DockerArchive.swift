/// Files of an image archive, written by hand after what `docker save` writes, to be packed as they are or spoilt first.
package struct DockerArchive: Sendable {
    package var entries: [TarEntry] = []

    /// As Docker 1.10 to 24 saves it: a config, a directory for each layer, `manifest.json`. Layers must be plain.
    package init(_ images: [(tags: [String], image: BuiltImage)]) {
        var rows: [JSONText] = []
        var seen: Set<String> = []
        for (tags, image) in images {
            guard let config = image.config else { continue }
            let name = DockerArchive.hex(config.digest) + ".json"
            if seen.insert(name).inserted { entries.append(TarEntry(name, content: config.bytes)) }
            var layers: [JSONText] = []
            for layer in image.layers {
                let directory = DockerArchive.hex(layer.digest)
                layers.append(.string(directory + "/layer.tar"))
                guard seen.insert(directory).inserted else { continue }
                entries.append(.directory(directory))
                entries.append(.file(directory + "/VERSION", "1.0"))
                entries.append(TarEntry(directory + "/layer.tar", content: layer.bytes))
            }
            rows.append([
                "Config": .string(name), "RepoTags": tags.isEmpty ? .null : .array(tags.map(JSONText.string)),
                "Layers": .array(layers),
            ])
        }
        entries.append(TarEntry("manifest.json", content: JSONText.array(rows).bytes))
    }

    /// An OCI archive: the layout of `ImageLayout` in a tar.
    package init(layout images: [(reference: String?, image: BuiltImage)]) {
        var rows: [JSONText] = []
        var seen: Set<String> = []
        entries = [.file("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)]
        for (reference, image) in images {
            for blob in image.blobs + image.manifests + [image.root] where seen.insert(blob.digest).inserted {
                entries.append(TarEntry("blobs/sha256/" + DockerArchive.hex(blob.digest), content: blob.bytes))
            }
            var members = [
                ("mediaType", JSONText.string(image.root.mediaType)), ("digest", .string(image.root.digest)),
                ("size", .number(image.root.bytes.count)),
            ]
            if let reference {
                members.append(("annotations", ["org.opencontainers.image.ref.name": .string(reference)]))
            }
            rows.append(.object(members))
        }
        let index: JSONText = ["schemaVersion": 2, "manifests": .array(rows)]
        entries.append(TarEntry("index.json", content: index.bytes))
    }

    package var bytes: [UInt8] { tarArchive(entries) }

    /// The archive with one file's content put through `change`; nil takes the file out.
    package func changing(_ path: String, _ change: ([UInt8]) -> [UInt8]?) -> DockerArchive {
        var copy = self
        copy.entries = entries.compactMap { entry in
            guard entry.path == path || (path.hasSuffix("*") && entry.path.hasPrefix(String(path.dropLast()))) else {
                return entry
            }
            guard let content = change(entry.content) else { return nil }
            var changed = entry
            changed.content = content
            return changed
        }
        return copy
    }

    /// The archive with further entries before (or behind) the others.
    package func adding(_ more: TarEntry..., atEnd: Bool = false) -> DockerArchive {
        var copy = self
        copy.entries = atEnd ? entries + more : more + entries
        return copy
    }

    package static func hex(_ digest: String) -> String { String(digest.dropFirst("sha256:".count)) }
}
