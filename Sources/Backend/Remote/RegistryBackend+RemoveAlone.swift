import OCI
import Registry

extension RegistryBackend {
    /// Takes a tag away where the registry deletes manifests alone, and leaves the manifest with its other tags: the tag is
    /// pointed to an index of nothing, which is then deleted.
    ///
    /// Whether the registry deletes anything at all is tried with an index that has no tag, unless that `isKnown`: a tag that
    /// cannot go is to keep what it names. Throws `unsupported` where it does not, `denied`, …
    func removeAlone(_ tag: Reference, isKnown: Bool) async throws(BackendError) {
        let client = try client()
        let bytes = RegistryBackend.indexOfNothing(for: tag)
        let own = Reference(repository: tag.repository, digest: Digest.of(bytes))
        for name in isKnown ? [tag] : [own, tag] {
            try await withGrace(.seconds(1)) { () async throws(BackendError) in
                try await asking { () throws(RegistryError) in
                    _ = try await client.putManifest(bytes, mediaType: .ociIndex, as: name)
                    try await client.delete(own)
                }
            }
        }
    }

    /// No other manifest has these bytes, so that none is deleted with it.
    private static func indexOfNothing(for tag: Reference) -> [UInt8] {
        let number = UInt64.random(in: .min ... .max)
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex.rawValue)","manifests":[],\
            "annotations":{"dsh.removed":"\(tag.tag ?? "") \(number)"}}
            """
        return Array(text.utf8)
    }
}
