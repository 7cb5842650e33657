import HTTP
package import OCI

/// A manifest or index as a registry served it, its digest verified.
package struct FetchedManifest: Sendable {
    /// Exactly what was served.
    package let bytes: [UInt8]
    package let mediaType: MediaType
    package let digest: Digest
    package let repository: Repository
    /// Which mirror, or the registry itself, answered; blobs are best asked for there too.
    package let endpoint: RegistryEndpoint

    package var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }
}

extension RegistryClient {
    /// The manifest or index that a reference names, by its digest if it has one, else by its tag (`latest` if none).
    ///
    /// Tried again as the configuration says. Throws `manifestUnknown`, `digestMismatch`, `manifestTooLarge`,
    /// `wrongContentType`, `unsupported` (schema 1), `unauthorized`, `denied`, `rateLimited`, `network`, …
    package func manifest(
        _ reference: Reference, accept: [MediaType] = MediaType.accepted, preferring: RegistryEndpoint? = nil,
        onRetry: @Sendable (RegistryError, Duration) -> Void = { _, _ in }
    ) async throws(RegistryError) -> FetchedManifest {
        let endpoints = try endpoints(for: reference, preferring: preferring)
        return try await configuration.retry.run(registry: reference.repository.registry, onRetry: onRetry) {
            () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                try await fetch(reference, accept, from: endpoint)
            }
        }
    }

    /// What a reference names, without its bytes (`HEAD`): media type, digest and size. A registry that does not say
    /// all of it is asked for the manifest itself. `isTarget`: the registry itself is asked, since that is where it is
    /// written; what a mirror has says nothing then.
    package func head(
        _ reference: Reference, accept: [MediaType] = MediaType.accepted, isTarget: Bool = false
    ) async throws(RegistryError) -> Descriptor {
        let endpoints =
            isTarget ? [try writeEndpoint(for: reference.repository)] : try endpoints(for: reference, preferring: nil)
        return try await configuration.retry.run(registry: reference.repository.registry) {
            () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                try await descriptor(reference, accept, from: endpoint)
            }
        }
    }

    private func endpoints(
        for reference: Reference, preferring: RegistryEndpoint?
    ) throws(RegistryError) -> [RegistryEndpoint] {
        let found = try endpoints(for: reference.repository, byDigest: reference.digest != nil)
        guard let preferring else { return found }
        return [preferring] + found.filter { $0 != preferring }
    }

    func path(_ reference: Reference, _ endpoint: RegistryEndpoint) -> String {
        let name = reference.digest?.description ?? reference.tag ?? "latest"
        return "/v2/\(endpoint.path)/manifests/\(name)"
    }

    func headers(_ accept: [MediaType]) -> HTTPHeaders {
        // Schema 1 too: without it an old registry says "not found" where dsh can say what is wrong.
        ["Accept": (accept + [.dockerSchema1Signed]).map(\.rawValue).joined(separator: ", ")]
    }

    private func fetch(
        _ reference: Reference, _ accept: [MediaType], from endpoint: RegistryEndpoint
    ) async throws(RegistryError) -> FetchedManifest {
        let name = reference.familiar
        let subject = RegistrySubject(kind: .manifest, name: name)
        let response: HTTPResponse
        let bytes: [UInt8]
        do throws(RegistryError) {
            (response, bytes) = try await send(
                "GET", endpoint, path(reference, endpoint), headers: headers(accept), subject: subject,
                maximumBytes: Manifest.maximumBytes)
        } catch {
            // A token server's answer over its bound has a reason of its own.
            guard error.reason == .answerTooLarge else { throw error }
            throw RegistryError(
                .manifestTooLarge,
                "the manifest of \(name) on \(endpoint.registry) is larger than \(Manifest.maximumBytes >> 20) MiB",
                registry: endpoint.registry)
        }
        let mediaType = try mediaType(response, bytes, accept, name, endpoint)
        let digest = try verifiedDigest(response, bytes, reference, endpoint)
        return FetchedManifest(
            bytes: bytes, mediaType: mediaType, digest: digest, repository: reference.repository, endpoint: endpoint)
    }

    private func descriptor(
        _ reference: Reference, _ accept: [MediaType], from endpoint: RegistryEndpoint
    ) async throws(RegistryError) -> Descriptor {
        let name = reference.familiar
        let (response, _) = try await send(
            "HEAD", endpoint, path(reference, endpoint), headers: headers(accept),
            subject: RegistrySubject(kind: .manifest, name: name), maximumBytes: 64 << 10)
        guard let size = response.contentLength, let said = response.headers["Docker-Content-Digest"],
            response.headers["Content-Type"] != nil
        else { return try await fetch(reference, accept, from: endpoint).descriptor }
        let mediaType = try mediaType(response, [], accept, name, endpoint)
        let digest = try parsedDigest(said, endpoint)
        if let wanted = reference.digest, wanted != digest {
            throw mismatch(name, endpoint, "it calls it \(digest)")
        }
        return Descriptor(mediaType: mediaType, digest: digest, size: size)
    }

    private func mediaType(
        _ response: HTTPResponse, _ bytes: [UInt8], _ accept: [MediaType], _ name: String, _ endpoint: RegistryEndpoint
    ) throws(RegistryError) -> MediaType {
        let said = response.headers["Content-Type"] ?? ""
        let type = MediaType(contentType: said)
        if type.isSchema1 {
            throw RegistryError(
                .unsupported, "\(name) on \(endpoint.registry) is a schema 1 image, a format given up years ago",
                hint: "push it again with a current builder", registry: endpoint.registry)
        }
        if accept.contains(type) || type.isManifest || type.isIndex { return type }
        // Static file servers know no better; then the manifest's own word counts.
        let vague = ["", "application/json", "text/plain", "application/octet-stream"]
        if vague.contains(type.rawValue), let own = OwnMediaType.of(bytes) { return own }
        let isPage = type.rawValue == "text/html"
        throw RegistryError(
            .wrongContentType,
            "\(endpoint.registry) serves \(name) as \"\(escaped(said, limit: 80))\", which is no manifest",
            hint: isPage ? "that is a web page: is \(endpoint.registry) a registry, or a login portal before it?" : nil,
            registry: endpoint.registry)
    }

    /// The digest of the bytes, agreeing with what was asked for and with what the registry says.
    private func verifiedDigest(
        _ response: HTTPResponse, _ bytes: [UInt8], _ reference: Reference, _ endpoint: RegistryEndpoint
    ) throws(RegistryError) -> Digest {
        var digest = reference.digest
        if let wanted = digest {
            let actual = Digest.of(bytes, algorithm: wanted.algorithm)
            if actual != wanted { throw mismatch(reference.familiar, endpoint, "its content has \(actual)") }
        }
        if let said = response.headers["Docker-Content-Digest"] {
            let named = try parsedDigest(said, endpoint)
            let actual = Digest.of(bytes, algorithm: named.algorithm)
            if actual != named {
                throw mismatch(reference.familiar, endpoint, "it says \(named), but its content has \(actual)")
            }
            digest = digest ?? named
        }
        return digest ?? Digest.of(bytes)
    }

    private func parsedDigest(_ text: String, _ endpoint: RegistryEndpoint) throws(RegistryError) -> Digest {
        do {
            return try Digest(text)
        } catch {
            throw RegistryError(
                .malformed, "\(endpoint.registry) sent \"\(escaped(text, limit: 80))\" as a Docker-Content-Digest",
                registry: endpoint.registry)
        }
    }

    private func mismatch(_ name: String, _ endpoint: RegistryEndpoint, _ how: String) -> RegistryError {
        RegistryError(
            .digestMismatch, "\(endpoint.registry) does not serve what \(name) is: \(how)",
            hint: "the registry or something on the way changes content; nothing was kept", registry: endpoint.registry)
    }
}
