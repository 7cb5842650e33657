import HTTP
package import OCI

extension RegistryClient {
    /// Deletes a tag, or with a digest a manifest and every tag that points to it (distribution-spec, "Deleting tags",
    /// "Deleting Manifests"). Blobs stay until the registry collects them.
    ///
    /// Throws `unsupported` where the registry deletes no such thing, `manifestUnknown`, `denied`, …
    package func delete(_ reference: Reference) async throws(RegistryError) {
        let endpoint = try writeEndpoint(for: reference.repository)
        let registry = reference.repository.registry
        let name =
            reference.digest.map { "\(reference.repository.familiar)@\($0)" }
            ?? "the tag \(reference.taggedDefault.familiar)"
        // A manifest's referrers are kept by the client where the registry does not.
        var subject: Digest?
        if let digest = reference.digest {
            let fetched = try await manifest(Reference(repository: reference.repository, digest: digest))
            subject = RegistryClient.subject(of: fetched.bytes)?.digest
        }
        try await configuration.retry.run(registry: registry) { () throws(RegistryError) in
            _ = try await send(
                "DELETE", endpoint, path(reference, endpoint), access: .delete,
                subject: RegistrySubject(kind: .delete, name: name), maximumBytes: 64 << 10)
        }
        guard let digest = reference.digest, let subject else { return }
        let referrers = try await referrers(of: subject, in: reference.repository)
        if referrers.source == .tag { try await removeReferrer(digest, from: subject, in: reference.repository) }
    }

    /// Deletes a blob from a repository (distribution-spec, "Deleting Blobs").
    package func deleteBlob(_ digest: Digest, from repository: Repository) async throws(RegistryError) {
        let endpoint = try writeEndpoint(for: repository)
        try await configuration.retry.run(registry: repository.registry) { () throws(RegistryError) in
            _ = try await send(
                "DELETE", endpoint, "/v2/\(endpoint.path)/blobs/\(digest)", access: .delete,
                subject: RegistrySubject(kind: .delete, name: digest.description), maximumBytes: 64 << 10)
        }
    }
}
