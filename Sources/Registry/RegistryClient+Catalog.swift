import HTTP
package import OCI

extension RegistryClient {
    /// Hands over the repositories of a registry page by page, in its order, each once (distribution's `GET
    /// /v2/_catalog`, which the OCI specification leaves out); names that are none are left out. `registry` is a host as
    /// references have it. Where configuration puts a registry below a path of another one, what is elsewhere is left out.
    ///
    /// Throws `unsupported` for a registry that has no such list, as Docker Hub and others; else as `tags` does.
    package func catalog(
        _ registry: String, pageSize: Int = 1000, onPage: ([Repository]) throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        // Of two parts: a name of one stands for one below `library` at Docker Hub.
        guard let probe = try? Repository("\(registry)/probe/probe"), probe.path == "probe/probe" else {
            throw RegistryError(
                .notFound, "\"\(escaped(registry, limit: 200))\" is no registry's name",
                hint: "a registry is a host, as ghcr.io or localhost:5000", registry: registry)
        }
        // Mirrors hold only what was asked for through them.
        guard let own = try endpoints(for: probe, byDigest: false).last else { return }
        let prefix = own.path.hasSuffix(probe.path) ? String(own.path.dropLast(probe.path.count)) : ""
        let endpoint = RegistryEndpoint(own, path: "")
        let request = PageRequest(
            path: { _ in "/v2/_catalog" }, member: "repositories", pageSize: max(1, pageSize),
            subject: RegistrySubject(kind: .catalog, name: "its repositories"))
        do throws(RegistryError) {
            try await pages(
                request, at: [endpoint], registry: probe.registry, of: .repositories(probe.registry),
                isWanted: { $0.hasPrefix(prefix) },
                onPage: { names throws(RegistryError) in
                    try onPage(
                        names.compactMap { name in
                            let path = name.dropFirst(prefix.count)
                            let repository = try? Repository("\(probe.registry)/\(path)")
                            // Docker Hub's short names stand for others.
                            return repository?.path == String(path) ? repository : nil
                        })
                })
        } catch {
            guard error.reason == .notFound else { throw error }
            throw RegistryError(
                .unsupported, "\(registry) does not list its repositories",
                hint: "name the repositories; many public registries have no such list", status: error.status,
                registry: registry)
        }
    }
}
