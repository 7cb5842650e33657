import HTTP
package import OCI

/// The repositories of a registry, page by page (distribution's `GET /v2/_catalog`, which the OCI specification leaves
/// out).
package struct CatalogReader {
    private var pages: PageReader
    private let registry: String
    /// What configuration puts before the registry's own paths.
    private let prefix: String
    private let warn: @Sendable (String) -> Void

    fileprivate init(
        _ pages: PageReader, registry: String, prefix: String, warn: @escaping @Sendable (String) -> Void
    ) {
        self.pages = pages
        self.warn = warn
        self.registry = registry
        self.prefix = prefix
    }

    /// The next page's repositories, perhaps none, in the registry's order and each once; nil behind the last page. Names
    /// that are none are left out, and told at the end of the list.
    ///
    /// Throws `unsupported` for a registry that has no such list, as Docker Hub and others; else as `tags` does.
    package mutating func page() async throws(RegistryError) -> [Repository]? {
        do throws(RegistryError) {
            guard let page = try await pages.page() else {
                tellLeftOut()
                return nil
            }
            var repositories: [Repository] = []
            // What configuration has elsewhere is no matter of this registry.
            for name in page where name.hasPrefix(prefix) {
                if let repository = repository(name) {
                    repositories.append(repository)
                } else {
                    pages.leftOut.add(name)
                }
            }
            return repositories
        } catch {
            tellLeftOut()
            guard error.reason == .notFound else { throw error }
            throw RegistryError(
                .unsupported, "\(registry) does not list its repositories",
                hint: "name the repositories; many public registries have no such list", status: error.status,
                registry: registry)
        }
    }

    private mutating func tellLeftOut() {
        if let text = pages.leftOut.text(registry, "repository") { warn(text) }
        pages.leftOut = LeftOut()
    }

    private func repository(_ name: String) -> Repository? {
        let path = name.dropFirst(prefix.count)
        let repository = try? Repository("\(registry)/\(path)")
        // Docker Hub's short names stand for others.
        return repository?.path == String(path) ? repository : nil
    }
}

extension RegistryClient {
    /// The repositories of a registry, which is a host as references have it. Where configuration puts it below a path of
    /// another one, what is elsewhere there is left out.
    ///
    /// Throws `notFound` for what is no registry's name, `blocked`.
    package func catalog(_ registry: String, pageSize: Int = 1000) throws(RegistryError) -> CatalogReader {
        // Of two parts: a name of one stands for one below `library` at Docker Hub.
        guard let probe = try? Repository("\(registry)/probe/probe"), probe.path == "probe/probe" else {
            throw RegistryError(
                .notFound, "\"\(escaped(registry, limit: 200))\" is no registry's name",
                hint: "a registry is a host, as ghcr.io or localhost:5000", registry: registry)
        }
        // Mirrors hold only what was asked for through them.
        guard let own = try endpoints(for: probe, byDigest: false).last else {
            throw RegistryError(.configuration, "no registry is configured for it", registry: registry)
        }
        let prefix = own.path.hasSuffix(probe.path) ? String(own.path.dropLast(probe.path.count)) : ""
        let request = PageRequest(
            path: { _ in "/v2/_catalog" }, member: "repositories", pageSize: max(1, pageSize),
            subject: RegistrySubject(kind: .catalog, name: "its repositories"))
        let pages = PageReader(
            self, request, at: [RegistryEndpoint(own, path: "")], registry: probe.registry,
            of: .repositories(probe.registry))
        return CatalogReader(pages, registry: probe.registry, prefix: prefix, warn: configuration.warn)
    }
}
