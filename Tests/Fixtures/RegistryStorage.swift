/// Images laid out as the reference registry keeps them on disk, so that a registry can be filled before it starts,
/// also with images that it would refuse over HTTP.
/// Source: distribution/distribution, registry/storage/paths.go.
package struct RegistryStorage: Sendable {
    private let root: String

    /// `directory`: the registry's `rootdirectory`.
    package init(directory: String) { root = directory + "/docker/registry/v2" }

    package func add(_ image: BuiltImage, repository: String, tags: [String]) {
        let home = "\(root)/repositories/\(repository)"
        for blob in image.blobs {
            write(blob)
            link(blob.digest, at: "\(home)/_layers")
        }
        for manifest in image.manifests + [image.root] {
            write(manifest)
            link(manifest.digest, at: "\(home)/_manifests/revisions")
        }
        for tag in tags {
            writeFile("\(home)/_manifests/tags/\(tag)/current/link", Array(image.root.digest.utf8))
            link(image.root.digest, at: "\(home)/_manifests/tags/\(tag)/index")
        }
    }

    /// Where the registry keeps the blob's bytes.
    package func path(of digest: String) -> String {
        let hex = digest.dropFirst("sha256:".count)
        return "\(root)/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
    }

    private func write(_ blob: Blob) {
        let path = path(of: blob.digest)
        if readFile(path) == nil { writeFile(path, blob.bytes) }
    }

    private func link(_ digest: String, at directory: String) {
        writeFile("\(directory)/sha256/\(digest.dropFirst("sha256:".count))/link", Array(digest.utf8))
    }
}
