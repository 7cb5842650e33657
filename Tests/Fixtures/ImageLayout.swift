/// An OCI image layout on disk, written by hand from the specification: what other tools would hand to dsh.
package enum ImageLayout {
    /// Writes `images` to `directory`, each under its reference, or nameless where that is nil.
    package static func write(_ images: [(reference: String?, image: BuiltImage)], to directory: String) {
        writeFile(directory + "/oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        var descriptors: [JSONText] = []
        for (reference, image) in images {
            for blob in image.blobs + image.manifests + [image.root] {
                let hex = blob.digest.dropFirst("sha256:".count)
                writeFile("\(directory)/blobs/sha256/\(hex)", blob.bytes)
            }
            var members = [
                ("mediaType", JSONText.string(image.root.mediaType)), ("digest", .string(image.root.digest)),
                ("size", .number(image.root.bytes.count)),
            ]
            if let reference {
                members.append(("annotations", ["org.opencontainers.image.ref.name": .string(reference)]))
            }
            descriptors.append(.object(members))
        }
        let index: JSONText = ["schemaVersion": 2, "manifests": .array(descriptors)]
        writeFile(directory + "/index.json", index.bytes)
    }
}
