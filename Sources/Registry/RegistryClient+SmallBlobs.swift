package import OCI

extension RegistryClient {
    /// A small blob whole, such as an image's config: its size and digest are verified. Tried again as the configuration
    /// says.
    ///
    /// Throws `blobTooLong` for more than `maximumBytes` or than the descriptor says, `blobTooShort`, `digestMismatch`,
    /// `notFound`, …
    package func smallBlob(
        _ descriptor: Descriptor, from repository: Repository, preferring: RegistryEndpoint? = nil, maximumBytes: Int
    ) async throws(RegistryError) -> [UInt8] {
        guard descriptor.size <= maximumBytes else {
            throw RegistryError(
                .blobTooLong, "\(descriptor.digest) has \(descriptor.size) bytes, and at most \(maximumBytes) are read",
                registry: repository.registry)
        }
        var endpoints = try endpoints(for: repository, byDigest: true)
        if let preferring { endpoints = [preferring] + endpoints.filter { $0 != preferring } }
        return try await configuration.retry.run(registry: repository.registry) { () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                try await smallBlob(descriptor, from: endpoint)
            }
        }
    }

    private func smallBlob(
        _ descriptor: Descriptor, from endpoint: RegistryEndpoint
    ) async throws(RegistryError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(RegistryError) {
            (_, bytes) = try await send(
                "GET", endpoint, "/v2/\(endpoint.path)/blobs/\(descriptor.digest)",
                subject: RegistrySubject(kind: .blob, name: descriptor.digest.description),
                maximumBytes: Int(descriptor.size))
        } catch {
            guard error.reason == .answerTooLarge else { throw error }
            throw RegistryError(
                .blobTooLong,
                "\(endpoint.registry) sends more for \(descriptor.digest) than the \(descriptor.size) bytes it has",
                registry: endpoint.registry)
        }
        guard bytes.count == descriptor.size else {
            throw RegistryError(
                .blobTooShort,
                "\(endpoint.registry) sends \(bytes.count) bytes for \(descriptor.digest), which has \(descriptor.size)",
                hint: "the blob on the registry is damaged, or something on the way cut it off",
                registry: endpoint.registry)
        }
        let actual = Digest.of(bytes, algorithm: descriptor.digest.algorithm)
        guard actual == descriptor.digest else {
            throw RegistryError(
                .digestMismatch, "\(endpoint.registry) serves \(actual) as \(descriptor.digest)",
                hint: "the registry or something on the way changes content; nothing was kept",
                registry: endpoint.registry)
        }
        return bytes
    }
}
