import OCI
import Registry
import Store
import Threads

extension ImageTransfers {
    /// Finds what is to be copied. A registry's client gets no rate limit of its own where what is sent on has one.
    ///
    /// Throws `not_found`, `usage` where several images could be meant, `manifest_unknown`, `corrupt`, `network`, …
    func open(_ source: ImageSource, for destination: ImageDestination) async throws(BackendError) -> OpenSource {
        var registry = ""
        if case .registry(let target) = destination { registry = target.repository.registry }
        switch source {
        case .registry(let reference):
            let root = try await registries.resolve(reference)
            let client = registry.isEmpty ? transfer.client : transfer.client.withoutRate()
            let origin = RegistryOrigin(registries: registries, client: client, repository: reference.repository)
            return OpenSource(origin, root, reference.familiar, reference: reference)
        case .store(let reference):
            let store = try registries.store()
            guard let entry = try storing({ () throws(StoreError) in try store.entry(named: reference) }) else {
                throw BackendError(
                    .notFound, "the store has no image \(reference.familiar)",
                    hint:
                        "`images \(reference.repository.familiar)` shows the names it has; `tag` gives an image another"
                ).about(reference.familiar)
            }
            let origin = StoreOrigin(store: store, places: origins.places(store, registry))
            return OpenSource(origin, entry.descriptor, reference.familiar, reference: reference)
        case .layout(let path, let name):
            return try await openLayout(path, name, registry)
        case .archive(let kind, let path, let name):
            let store = try registries.store()
            let places = origins.places(store, registry)
            let shown = "\(kind):\(path)" + (name.map { ":" + $0 } ?? "")
            let flag = transfer.flag
            let origin = try await onOwnThread { () throws(BackendError) in
                try ArchiveOrigin(path: path, name: name, shown: shown, store: store, places: places, flag: flag)
            }
            return OpenSource(origin, origin.root, shown, name: origin.name)
        }
    }

    private func openLayout(
        _ path: String, _ name: String?, _ registry: String
    ) async throws(BackendError) -> OpenSource {
        let store = try inLayout(path) { () throws(StoreError) in try Store(path: path) }
        let shown = "oci:" + path + (name.map { ":" + $0 } ?? "")
        let entries = try inLayout(path) { () throws(StoreError) in try store.entries() }
        let found = name.map { name in entries.filter { $0.isCalled(name) } } ?? store.picked(entries)
        guard let entry = found.first, Set(found.map(\.digest)).count == 1 else {
            throw BackendError(
                found.isEmpty ? .notFound : .usage,
                found.isEmpty
                    ? "there is no image \(shown)"
                    : "there are \(Set(found.map(\.digest)).count) images in oci:\(path)",
                hint: entries.isEmpty
                    ? "it should be the directory of an OCI layout, with an index.json"
                    : "it has " + entries.prefix(8).compactMap { $0.name ?? $0.fullName }.joined(separator: ", "))
        }
        let origin = StoreOrigin(store: store, places: origins.places(store, registry), layout: path)
        return OpenSource(origin, entry.descriptor, shown, name: entry.layoutName)
    }
}

extension Store {
    /// Those of the rows that are meant where no name is given: the only one with a name, or else all that do not refer to
    /// another.
    fileprivate func picked(_ entries: [StoreEntry]) -> [StoreEntry] {
        let named = entries.filter { !$0.isDangling }
        if Set(named.map(\.digest)).count == 1 { return named }
        guard named.isEmpty, Set(entries.map(\.digest)).count > 1 else { return entries }
        let alone = entries.filter { entry in
            guard let bytes = try? readBlob(entry.digest, limit: Manifest.maximumBytes) else { return true }
            return (try? Manifest(bytes: bytes))?.subject == nil && (try? Index(bytes: bytes))?.subject == nil
        }
        return alone.isEmpty ? entries : alone
    }
}

extension StoreEntry {
    /// Whether a layout calls its image so: by the whole name, or by the tag alone as most tools write it.
    fileprivate func isCalled(_ text: String) -> Bool {
        if name == text || fullName == text || digest.description == text { return true }
        guard let wanted = try? Reference(text), let reference else { return false }
        return reference == wanted.taggedDefault || (name != nil && reference.tag == text)
    }
}
