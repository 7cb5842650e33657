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
        let name = RegistryClient.name(of: reference)
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

    /// Whether the registry deletes tags, or with a digest manifests, as far as it tells: it is asked to delete one like
    /// `reference` that is not there, by a name made of chance. nil where it only says that there is none.
    ///
    /// Nothing is deleted. Throws what the deletion of `reference` would, for want of leave or of a registry that deletes.
    package func wouldDelete(_ reference: Reference) async throws(RegistryError) -> Bool? {
        let endpoint = try writeEndpoint(for: reference.repository)
        let registry = reference.repository.registry
        let name = RegistryClient.name(of: reference)
        let hex = String((0..<64).compactMap { _ in "0123456789abcdef".randomElement() })
        let absent = reference.digest == nil ? "dsh-none-\(hex.prefix(32))" : "sha256:\(hex)"
        return try await configuration.retry.run(registry: registry) { () throws(RegistryError) in
            let (response, _) = try await send(
                "DELETE", endpoint, "/v2/\(endpoint.path)/manifests/\(absent)", access: .delete,
                subject: RegistrySubject(kind: .delete, name: name), maximumBytes: 64 << 10, accepting: [404])
            return response.status == 404 ? nil : true
        }
    }

    /// What messages call what is to be deleted.
    private static func name(of reference: Reference) -> String {
        reference.digest.map { "\(reference.repository.familiar)@\($0)" }
            ?? "the tag \(reference.taggedDefault.familiar)"
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
