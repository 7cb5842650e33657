import OCI
import Registry

/// What registries would delete, as a plan has to know it: each repository is asked once to delete what is not there.
struct DeletionTrials {
    enum Outcome: Sendable {
        case yes
        case no
        /// It says that there is no such tag, as one does that deletes tags, and as some do that delete none.
        case unknown
    }

    private let client: RegistryClient
    private var tags: [Repository: Outcome] = [:]
    private var manifests: Set<Repository> = []

    init(client: RegistryClient) { self.client = client }

    /// Whether a tag like this would go alone. Throws `denied`, `unauthorized`, `network`, … as its deletion would.
    mutating func ofTag(_ tag: Reference) async throws(BackendError) -> Outcome {
        if let known = tags[tag.repository] { return known }
        let outcome: Outcome
        do throws(RegistryError) { outcome = try await client.wouldDelete(tag) == true ? .yes : .unknown } catch {
            guard RegistryBackend.deletesNoTags(error) else { throw BackendError(error) }
            outcome = .no
        }
        tags[tag.repository] = outcome
        return outcome
    }

    /// Throws what the deletion of a manifest would: `unsupported` where the registry deletes nothing, `denied`, …
    mutating func ofManifest(_ manifest: Reference) async throws(BackendError) {
        guard !manifests.contains(manifest.repository) else { return }
        do throws(RegistryError) { _ = try await client.wouldDelete(manifest) } catch { throw BackendError(error) }
        manifests.insert(manifest.repository)
    }
}
