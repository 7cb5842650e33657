import OCI
import Registry
import Store
import Synchronization

extension ImageTransfers {
    /// What puts the image where it is to go. A name that is not said is the source's own.
    ///
    /// Throws `usage` where there is none to be had, `invalid_reference`.
    func target(
        _ destination: ImageDestination, for source: OpenSource
    ) throws(BackendError) -> any ImageTarget {
        switch destination {
        case .registry(var reference):
            // What is copied by digest stays without a tag.
            if reference.tag == nil, reference.digest == nil { reference.tag = source.name.tag }
            return RegistryTarget(
                reference, source: source.shown, client: transfer.client, uploads: transfer.uploads)
        case .store(let reference):
            guard let name = reference ?? source.reference else {
                throw BackendError(
                    .usage, "\(source.shown) has no whole name of its own", hint: "say one, as in store:team/app:1.2")
            }
            return StoreTarget(name, in: try registries.store())
        case .layout(let path, let name):
            let layoutName = name.map { LayoutName(name: $0) } ?? source.name
            let shown = "oci:" + path + ((layoutName.name ?? layoutName.fullName).map { ":" + $0 } ?? "")
            return try LayoutTarget(
                path: path, name: layoutName, shown: shown, checks: checks, flag: transfer.flag)
        case .archive(let archive):
            var references: [Reference] = []
            if archive.kind == .docker {
                if let name = archive.name {
                    do throws(ReferenceError) { references = [try Reference(name).taggedDefault] } catch {
                        throw BackendError(error)
                    }
                } else if let own = source.reference {
                    references = [own]
                }
            }
            return ArchiveTarget(
                archive, name: archive.name.map { LayoutName(name: $0) } ?? source.name, references: references,
                store: try registries.store(), events: transfer.events)
        }
    }
}

/// Which archives a command writes: the second image for one would take the first one's place.
final class WrittenArchives: Sendable {
    private let paths = Mutex<Set<String>>([])

    /// Throws `usage` where the same archive was written to before.
    func claim(_ destination: ImageDestination) throws(BackendError) {
        guard case .archive(let archive) = destination else { return }
        guard paths.withLock({ $0.insert(archive.path).inserted }) else {
            throw BackendError(
                .usage, "\(archive.path) is written by this command already, and an archive is of one image",
                hint: "oci:DIRECTORY takes any number; `save` writes several images into one archive")
        }
    }
}
