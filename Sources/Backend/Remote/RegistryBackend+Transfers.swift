package import OCI
import Registry
import Store
import Threads

/// What a copy is made from.
package enum ImageSource: Sendable {
    case registry(Reference)
    /// A name in the local store.
    case store(Reference)
    /// Another OCI layout, and the name that an image has in it where it has more than one.
    case layout(path: String, name: String?)
    /// A docker-archive or OCI archive, and the name of an image in it likewise. `kind` is what the user called it.
    case archive(kind: String, path: String, name: String?)
}

/// The images that one command puts into registries: they share connections, the rate limit, the blobs on their way and
/// what was sent already.
package struct ImageTransfers: Sendable {
    let registries: RegistryBackend
    let transfer: ImageTransfer
    private let origins: OriginCache

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

    /// Copies an image: what it is made of first, then its manifests, the named one last. What the target has is not sent
    /// again, and what its registry has in another repository is mounted.
    ///
    /// Throws `manifest_unknown`, `no_matching_platform`, `denied`, `digest_mismatch`, `network`, `interrupted`, …
    package func copy(_ source: ImageSource, to target: Reference) async throws(BackendError) -> TransferResult {
        let (origin, root, name) = try await open(source, for: target.repository.registry)
        return try await transfer.copy(root, from: origin, to: target, source: name)
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

    private func open(
        _ source: ImageSource, for registry: String
    ) async throws(BackendError) -> (origin: any ImageOrigin, root: Descriptor, name: String) {
        switch source {
        case .registry(let reference):
            let root = try await registries.resolve(reference)
            let client = transfer.client.withoutRate()
            let origin = RegistryOrigin(registries: registries, client: client, repository: reference.repository)
            return (origin, root, reference.familiar)
        case .store(let reference):
            let store = try registries.store()
            guard let entry = try storing({ () throws(StoreError) in try store.entry(named: reference) }) else {
                throw BackendError(
                    .notFound, "the store has no image \(reference.familiar)",
                    hint:
                        "`images \(reference.repository.familiar)` shows the names it has; `tag` gives an image another"
                ).about(reference.familiar)
            }
            return (
                StoreOrigin(store: store, places: origins.places(store, registry)), entry.descriptor,
                reference.familiar
            )
        case .layout(let path, let name):
            let store = try storing { () throws(StoreError) in try Store(path: path) }
            let shown = "oci:" + path + (name.map { ":" + $0 } ?? "")
            let entries = try storing { () throws(StoreError) in try store.entries() }
            let found = name.map { name in entries.filter { $0.isCalled(name) } } ?? entries
            guard let entry = found.first, Set(found.map(\.digest)).count == 1 else {
                throw BackendError(
                    found.isEmpty ? .notFound : .usage,
                    found.isEmpty ? "there is no image \(shown)" : "there are \(found.count) images in oci:\(path)",
                    hint: entries.isEmpty
                        ? "it should be the directory of an OCI layout, with an index.json"
                        : "it has " + entries.prefix(8).compactMap { $0.name ?? $0.fullName }.joined(separator: ", "))
            }
            return (StoreOrigin(store: store, places: origins.places(store, registry)), entry.descriptor, shown)
        case .archive(let kind, let path, let name):
            let store = try registries.store()
            let places = origins.places(store, registry)
            let shown = "\(kind):\(path)" + (name.map { ":" + $0 } ?? "")
            let flag = transfer.flag
            let origin = try await onOwnThread { () throws(BackendError) in
                try ArchiveOrigin(path: path, name: name, shown: shown, store: store, places: places, flag: flag)
            }
            return (origin, origin.root, shown)
        }
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

extension StoreEntry {
    /// Whether a layout calls its image so: by the whole name, or by the tag alone as most tools write it.
    fileprivate func isCalled(_ text: String) -> Bool {
        if name == text || fullName == text { return true }
        guard let wanted = try? Reference(text), let reference else { return false }
        return reference == wanted.taggedDefault || (name != nil && reference.tag == text)
    }
}
