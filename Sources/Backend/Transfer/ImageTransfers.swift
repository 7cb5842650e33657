package import OCI
import Registry
import Store
import Threads

/// The images that one command puts somewhere: they share connections, the rate limit, the blobs on their way and
/// what was sent already.
package struct ImageTransfers: Sendable {
    let registries: RegistryBackend
    let transfer: ImageTransfer
    let origins: OriginCache
    /// An archive is of one image: the next would take its place.
    let archives = WrittenArchives()
    /// A blob that several images share is read once.
    let checks = BlobChecks()

    init(registries: RegistryBackend, transfer: ImageTransfer) {
        self.registries = registries
        self.transfer = transfer
        origins = OriginCache()
    }

    package var options: TransferOptions { transfer.options }

    /// Ends what is on its way, as cancelling the task does.
    package func cancel() { transfer.flag.cancel() }

    /// Puts an image of the store into its registry, under its own name.
    ///
    /// Throws `not_found` where the store has no such name or not all of an index, and as `copy` does.
    package func push(_ reference: Reference) async throws(BackendError) -> TransferResult {
        try await copy(.store(reference), to: reference)
    }

    /// Copies an image into a registry: what it is made of first, then its manifests, the named one last. What the target has
    /// is not sent again, and what its registry has in another repository is mounted.
    ///
    /// Throws `manifest_unknown`, `no_matching_platform`, `denied`, `digest_mismatch`, `network`, `interrupted`, …
    package func copy(_ source: ImageSource, to target: Reference) async throws(BackendError) -> TransferResult {
        try await copy(source, to: .registry(target))
    }

    /// Copies an image anywhere, likewise.
    ///
    /// Throws `usage` for what a destination does not take and for a second image in one archive, `no_space`, `io`, and as
    /// above.
    package func copy(
        _ source: ImageSource, to destination: ImageDestination
    ) async throws(BackendError) -> TransferResult {
        if options.referrers, !destination.takesReferrers {
            throw BackendError(
                .usage, "there is no place there for what refers to an image",
                hint: "leave --referrers out; registries, oci: and oci-archive: have one")
        }
        try archives.claim(destination)
        let opened = try await open(source, for: destination)
        return try await transfer.copy(opened, to: try target(destination, for: opened))
    }

    /// The names of a repository that the store has, in the order of its index.
    package func names(of repository: Repository) throws(BackendError) -> [Reference] {
        let store = try registries.store()
        let entries = try storing { () throws(StoreError) in try store.entries() }
        var names: [Reference] = []
        for entry in entries {
            guard let reference = entry.reference, reference.repository == repository, reference.tag != nil,
                !names.contains(reference)
            else { continue }
            names.append(reference)
        }
        return names
    }
}

extension RegistryBackend {
    /// Runs `body` with what puts images into registries; all of it stops when the task is cancelled.
    package func withTransfers<Value: Sendable>(
        _ options: TransferOptions, events: any PullEvents, _ body: @Sendable (ImageTransfers) async throws -> Value
    ) async throws -> Value {
        let client = try client()
        return try await withCancellationFlag { flag in
            let transfer = ImageTransfer(client: client, options: options, events: events, flag: flag)
            return try await body(ImageTransfers(registries: self, transfer: transfer))
        }
    }
}
