import HTTP
import JSON
package import OCI

/// The manifests that say they are about another one: signatures, SBOMs, attestations.
package struct Referrers: Sendable {
    /// How the registry told.
    package enum Source: String, Sendable {
        /// The referrers API.
        case api
        /// An index under the tag `sha256-HEX`, for registries without the API.
        case tag
        /// Neither knew anything.
        case none
    }

    package var descriptors: [Descriptor]
    package var source: Source
}

extension RegistryClient {
    /// What refers to a manifest of a repository (distribution-spec, "Listing Referrers", and the "Referrers Tag Schema"
    /// for registries without that). `artifactType` picks one type; a registry that did not filter
    /// (`OCI-Filters-Applied`) is filtered here.
    ///
    /// Throws `unauthorized`, `malformed`, `answerTooLarge`, `network`, …
    package func referrers(
        of digest: Digest, in repository: Repository, artifactType: String? = nil
    ) async throws(RegistryError) -> Referrers {
        let endpoints = try endpoints(for: repository, byDigest: false)
        let registry = repository.registry
        let query = artifactType.map { "?artifactType=\(percentEncoded($0))" } ?? ""
        let first = try await configuration.retry.run(registry: registry) { () throws(RegistryError) in
            try await firstAnswer(endpoints) { endpoint throws(RegistryError) in
                try await referrersPage(
                    endpoint, "/v2/\(endpoint.path)/referrers/\(digest)\(query)", digest, artifactType)
            }
        }
        guard var page = first else { return try await referrersByTag(digest, repository, artifactType) }
        var list = PagedList(limits: configuration.tagList, subject: .referrers(digest), registry: registry)
        var found: [Descriptor] = []
        while true {
            let new = Set(try list.add(page.descriptors.map(\.digest.description), bytes: page.bytes))
            found += page.descriptors.filter { new.contains($0.digest.description) }
            guard let next = page.next else { break }
            try list.follow(next)
            let endpoint = page.endpoint
            let following = try await configuration.retry.run(registry: registry) { () throws(RegistryError) in
                try await referrersPage(endpoint, next, digest, artifactType)
            }
            guard let following else { break }
            page = following
        }
        return Referrers(descriptors: found, source: .api)
    }

    private struct ReferrersPage: Sendable {
        let descriptors: [Descriptor]
        let bytes: Int
        let next: String?
        let endpoint: RegistryEndpoint
    }

    /// nil where the registry has no such API.
    private func referrersPage(
        _ endpoint: RegistryEndpoint, _ path: String, _ digest: Digest, _ artifactType: String?
    ) async throws(RegistryError) -> ReferrersPage? {
        // "404 Not Found" is what a registry without the API says; some of the older ones have other words for it.
        let (response, body) = try await send(
            "GET", endpoint, path, headers: ["Accept": MediaType.ociIndex.rawValue],
            subject: RegistrySubject(kind: .referrers, name: "referrers of \(digest)"),
            maximumBytes: Manifest.maximumBytes, accepting: [400, 404, 405, 501])
        guard response.status == 200 else { return nil }
        // A registry that serves a page of its own at every path has no such API either.
        let type = response.headers["Content-Type"].map(MediaType.init(contentType:))
        guard type == .ociIndex else { return nil }
        let descriptors = try referrers(body, digest, endpoint.registry)
        let applied = (response.headers["OCI-Filters-Applied"] ?? "").split(separator: ",")
        let isFiltered = applied.contains { String($0).trimmingSpaces() == "artifactType" }
        return ReferrersPage(
            descriptors: isFiltered ? descriptors : RegistryClient.filter(descriptors, artifactType),
            bytes: body.count, next: try nextPage(response, endpoint), endpoint: endpoint)
    }

    private func referrers(
        _ body: [UInt8], _ digest: Digest, _ registry: String
    ) throws(RegistryError) -> [Descriptor] {
        let list = (try? JSONValue.parse(body))?["manifests"]?.arrayValue
        guard let list else {
            throw RegistryError(
                .malformed, "\(registry) answers with something else than the referrers of \(digest)",
                registry: registry)
        }
        return list.compactMap { try? Descriptor(json: $0) }
    }

    private static func filter(_ descriptors: [Descriptor], _ artifactType: String?) -> [Descriptor] {
        guard let artifactType else { return descriptors }
        return descriptors.filter { $0.artifactType == artifactType }
    }

    private func referrersByTag(
        _ digest: Digest, _ repository: Repository, _ artifactType: String?
    ) async throws(RegistryError) -> Referrers {
        let tag = "\(digest.algorithm.rawValue)-\(digest.hex.prefix(64))"
        let fetched: FetchedManifest
        do throws(RegistryError) {
            fetched = try await manifest(Reference(repository: repository, tag: tag))
        } catch {
            guard error.reason == .manifestUnknown || error.reason == .notFound else { throw error }
            return Referrers(descriptors: [], source: .none)
        }
        let index: Index
        do { index = try Index(bytes: fetched.bytes, mediaType: fetched.mediaType, digest: fetched.digest) } catch {
            throw RegistryError(
                .malformed, "\(repository.registry) has something else than an index of referrers at \(tag)",
                hint: error.description, registry: repository.registry)
        }
        return Referrers(descriptors: RegistryClient.filter(index.manifests, artifactType), source: .tag)
    }
}
