import HTTP
package import OCI

/// How often a registry lets one ask, as it says in a response (Docker Hub's `ratelimit-limit`, `ratelimit-remaining`
/// and `docker-ratelimit-source`; IETF draft-ietf-httpapi-ratelimit-headers has the same form).
package struct RateLimit: Sendable, Hashable {
    /// Pulls allowed in a window; nil where the registry names no limit.
    package var limit: Int?
    package var remaining: Int?
    /// Seconds.
    package var window: Int?
    /// Whom it counts for: an address, or an account's id.
    package var source: String?

    /// Reads `100;w=21600`.
    init(_ headers: HTTPHeaders) {
        let most = RateLimit.quota(headers["RateLimit-Limit"])
        let left = RateLimit.quota(headers["RateLimit-Remaining"])
        limit = most.count
        remaining = left.count
        window = most.window ?? left.window
        source = headers["Docker-RateLimit-Source"].map { escaped($0, limit: 100) }
    }

    private static func quota(_ field: String?) -> (count: Int?, window: Int?) {
        let parts = (field ?? "").split(separator: ";").map { String($0).trimmingSpaces() }
        let window = parts.dropFirst().first { $0.hasPrefix("w=") }.flatMap { Int($0.dropFirst(2)) }
        return (parts.first.flatMap { Int($0) }, window)
    }
}

extension RegistryClient {
    /// The limit that the registry itself, no mirror, tells for a reference, asked with `HEAD`, which spends none of it.
    ///
    /// Throws `unauthorized`, `denied`, `network`, …
    package func rateLimit(_ reference: Reference) async throws(RegistryError) -> RateLimit {
        let endpoints = try endpoints(for: reference.repository, byDigest: false)
        guard let own = endpoints.last else { return RateLimit([:]) }
        return try await configuration.retry.run(registry: reference.repository.registry) {
            () throws(RegistryError) in
            // What is not there, and a limit that is used up, come with the fields as well.
            let (response, _) = try await send(
                "HEAD", own, path(reference, own), headers: headers(MediaType.accepted),
                subject: RegistrySubject(kind: .manifest, name: reference.familiar), maximumBytes: 64 << 10,
                accepting: [404, 429])
            return RateLimit(response.headers)
        }
    }
}
