import OCI
import Registry
import Threads

/// A name in a repository of a registry; without a tag the image is put by its digest.
final class RegistryTarget: ImageTarget {
    private let client: RegistryClient
    private let target: Reference
    /// What messages call the source.
    private let source: String
    /// Shared by all images of a command.
    private let uploads: UploadFlights

    init(_ target: Reference, source: String, client: RegistryClient, uploads: UploadFlights) {
        self.client = client
        self.target = target
        self.source = source
        self.uploads = uploads
    }

    var place: String { target.repository.canonical }
    /// A registry takes no manifest of whose parts it has not all.
    var vouchesForParts: Bool { true }

    func name(of root: Descriptor) -> String { reference(root).familiar }

    private func reference(_ root: Descriptor) -> Reference {
        target.tag == nil
            ? Reference(repository: target.repository, digest: root.digest)
            : Reference(repository: target.repository, tag: target.tag)
    }

    func current(_ root: Descriptor) async throws(BackendError) -> Digest? {
        if let wanted = target.digest, wanted != root.digest {
            throw BackendError(
                .digestMismatch, "\(source) is \(root.digest), and not \(wanted)",
                hint: "leave the digest out of the target: it keeps the source's")
        }
        return try await digest(at: reference(root))
    }

    func hasDocument(_ digest: Digest) async throws(BackendError) -> Bool {
        try await self.digest(at: Reference(repository: target.repository, digest: digest)) == digest
    }

    func hasBlob(_ blob: Descriptor) async throws(BackendError) -> Bool {
        do throws(RegistryError) { return try await client.hasBlob(blob, in: target.repository) } catch {
            guard error.reason == .notFound else { throw BackendError(error) }
            return false
        }
    }

    /// A repository of the same registry that has the blob: whether the registry mounts at all shows only when it is asked to.
    func mountSource(of blob: Descriptor, among repositories: [Repository]) async throws(BackendError) -> Repository? {
        for repository in repositories
        where repository != target.repository && client.shareRegistry(repository, target.repository) {
            do throws(RegistryError) {
                if try await client.hasBlob(blob, in: repository, forReading: true) { return repository }
            } catch {
                // One that may not be looked into is none to mount from; a registry that does not answer will not for the
                // next one either, and each try takes its time.
                if [.interrupted, .network, .timeout].contains(error.reason) { throw BackendError(error) }
            }
        }
        return nil
    }

    func put(
        _ blob: Descriptor, from origin: any ImageOrigin, events: UploadEvents, flag: CancellationFlag
    ) throws(BackendError) -> UploadOutcome {
        do throws(RegistryError) {
            return try client.uploadBlob(
                blob, to: target.repository, mountable: origin.repositories(with: blob.digest), cancellation: flag,
                events: events
            ) { try origin.blob(blob, cancellation: flag) }
        } catch { throw BackendError(transfer: error) }
    }

    func put(
        _ tree: DocumentTree, isReferrer: Bool, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> Bool {
        for (position, document) in tree.documents.enumerated() {
            let digest = document.descriptor.digest
            let isNamed = position == tree.documents.count - 1 && !isReferrer
            let name =
                isNamed ? reference(document.descriptor) : Reference(repository: target.repository, digest: digest)
            // Two who write the same at once may read each other's half: one does, and the other adds its name.
            let outcome = try await uploads.value(UploadFlights.Key(digest: digest, place: place)) {
                () async throws(BackendError) in
                try await put(document, as: name, flag)
                return UploadOutcome(how: .uploaded, sent: 0)
            }
            if isNamed, outcome.how == .exists { try await put(document, as: name, flag) }
        }
        return true
    }

    private func put(
        _ document: DocumentTree.Document, as name: Reference, _ flag: CancellationFlag
    ) async throws(BackendError) {
        if flag.isCancelled { throw .interrupted }
        // Whether an image was written is to be known, also of the last one before an interruption.
        try await withGrace(.seconds(1)) { [client] () async throws(BackendError) in
            try await asking { () throws(RegistryError) in
                _ = try await client.putManifest(document.bytes, mediaType: document.descriptor.mediaType, as: name)
            }
        }
    }

    /// The digest that a name has now; nil where it has none.
    private func digest(at name: Reference) async throws(BackendError) -> Digest? {
        do throws(RegistryError) { return try await client.head(name, isTarget: true).digest } catch {
            switch error.reason {
            case .manifestUnknown, .notFound: return nil
            // Who may not look at what does not exist yet may still be allowed to write it.
            case .unauthorized, .denied: return nil
            default: throw BackendError(error)
            }
        }
    }
}
