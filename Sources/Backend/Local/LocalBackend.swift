import OCI
package import Registry
package import Store

/// Images in the local store, fetched from registries: works with nothing else running.
package final class LocalBackend: ImageBackend {
    let store: Store
    /// Made at the first use: most commands need no network, and reading its configuration takes time.
    let registry: Once<RegistryClient>

    package init(store: Store, registry: @escaping @Sendable () throws(RegistryError) -> RegistryClient) {
        self.store = store
        self.registry = Once(registry)
    }
}

extension BackendError {
    init(_ error: StoreError) {
        self.init(Code(rawValue: error.code.rawValue) ?? .io, error.message, hint: error.hint)
    }

    init(_ error: RegistryError) {
        self.init(Code(rawValue: error.code) ?? .network, error.message, hint: error.hint)
        status = error.status
        registry = error.registry.isEmpty ? nil : error.registry
    }
}

/// Runs store work and turns its failure into the backend's error.
func storing<Result: ~Copyable>(_ body: () throws(StoreError) -> Result) throws(BackendError) -> Result {
    do { return try body() } catch { throw BackendError(error) }
}
