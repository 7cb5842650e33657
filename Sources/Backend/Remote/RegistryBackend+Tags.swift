package import OCI
import Registry

extension RegistryBackend {
    /// How many lists are read at once: each is a chain of requests, and holds all its names.
    package static let listsAtOnce = 4

    /// Every tag of a repository, in the registry's order, each once.
    ///
    /// Throws `not_found`, `unauthorized`, `corrupt` for lists that never end or are none, `timeout`, …
    package func tags(_ repository: Repository) async throws(BackendError) -> [String] {
        let client = try client()
        return try await asking { () throws(RegistryError) in try await client.tags(repository) }
    }

    /// The same, and none for a repository that does not exist.
    package func tagsIfAny(_ repository: Repository) async throws(BackendError) -> [String] {
        do throws(BackendError) { return try await tags(repository) } catch {
            if error.code == .notFound { return [] }
            throw error
        }
    }

    /// The repositories of a registry, a host as references have it. Throws `not_found` for what is none.
    package func catalog(_ registry: String) throws(BackendError) -> RemoteCatalog {
        let client = try client()
        do throws(RegistryError) { return RemoteCatalog(try client.catalog(registry)) } catch {
            throw BackendError(error)
        }
    }
}

/// The repositories of a registry on their way, page by page.
package struct RemoteCatalog {
    private var reader: CatalogReader

    fileprivate init(_ reader: CatalogReader) { self.reader = reader }

    /// The next page, perhaps empty, in the registry's order; nil at the end.
    ///
    /// Throws `unsupported` for a registry without such a list, and as `tags` does.
    package mutating func page() async throws(BackendError) -> [Repository]? {
        do throws(RegistryError) { return try await reader.page() } catch { throw BackendError(error) }
    }
}
