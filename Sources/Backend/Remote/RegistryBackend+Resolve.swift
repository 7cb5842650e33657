package import OCI
import Registry

extension RegistryBackend {
    /// What the registry has for a reference now, by `HEAD` alone: media type, digest and size in bytes.
    ///
    /// Throws `manifest_unknown`, `not_found`, `unauthorized`, `rate_limited`, `network`, …
    package func resolve(_ reference: Reference) async throws(BackendError) -> Descriptor {
        let client = try client()
        return try await asking { () throws(RegistryError) in try await client.head(reference) }
    }

    /// The same, and nil where the registry answers that there is none. A registry that wants a login for what does not
    /// exist, as Docker Hub does, leaves that open: `unauthorized` is thrown.
    package func find(_ reference: Reference) async throws(BackendError) -> Descriptor? {
        do throws(BackendError) { return try await resolve(reference) } catch {
            if error.code == .manifestUnknown || error.code == .notFound { return nil }
            throw error
        }
    }
}
