package import OCI
import Registry

/// What refers to a manifest, and how the registry told.
package struct RemoteReferrers: Sendable {
    package enum Source: String, Sendable {
        /// The referrers API.
        case api
        /// The index under the tag `sha256-HEX`.
        case tag
        /// The registry has neither for it.
        case none
    }

    package var descriptors: [Descriptor]
    package var source: Source
}

extension RegistryBackend {
    /// The manifests that refer to `digest`, all of them or those of one type.
    package func referrers(
        of digest: Digest, in repository: Repository, artifactType: String?
    ) async throws(BackendError) -> RemoteReferrers {
        let client = try client()
        let found = try await asking { () throws(RegistryError) in
            try await client.referrers(of: digest, in: repository, artifactType: artifactType)
        }
        let source: RemoteReferrers.Source =
            switch found.source {
            case .api: .api
            case .tag: .tag
            case .none: .none
            }
        return RemoteReferrers(descriptors: found.descriptors, source: source)
    }
}
