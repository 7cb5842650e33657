package import OCI
import Registry

/// How many pulls a registry allows.
package struct PullLimit: Sendable {
    /// Pulls in a window; nil where the registry names no limit.
    package var limit: Int?
    package var remaining: Int?
    /// Seconds.
    package var window: Int?
    /// Whom it counts for: an address, or an account's id.
    package var source: String?
}

extension RegistryBackend {
    /// The limit that a registry tells for a reference, asked so that none of it is spent.
    package func pullLimit(_ reference: Reference) async throws(BackendError) -> PullLimit {
        let client = try client()
        let limit = try await asking { () throws(RegistryError) in try await client.rateLimit(reference) }
        return PullLimit(limit: limit.limit, remaining: limit.remaining, window: limit.window, source: limit.source)
    }
}
