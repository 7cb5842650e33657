import OCI
package import Registry
package import Store

/// What is done on registries themselves, whatever holds the images here: reading what they have, and writing to them.
///
/// Operations are extensions, a capability a file. All throw `BackendError`.
package struct RegistryBackend: Sendable {
    /// How many small requests a command has on their way: enough to hide the round trips, few enough for any registry.
    package static let requestsAtOnce = 16

    /// Made at the first use: most commands need no network, and reading its configuration takes time.
    private let connection: Once<RegistryClient>
    private let local: Store?
    /// How a command asked for registries to be spoken to. One rate limit counts for all that the command does.
    private let transport: TransportOverride
    /// Documents on their way.
    let flights = SingleFlight<DocumentKey, [UInt8]>()
    /// Which repositories documents were read of before this command.
    let visits = RepositoryVisits()

    init(store: Store?, connection: Once<RegistryClient>, transport: TransportOverride = TransportOverride()) {
        local = store
        self.connection = connection
        self.transport = transport
    }

    /// The same, spoken to as a command's options say. To be called once a command.
    package func with(_ choice: TransportChoice) -> RegistryBackend {
        RegistryBackend(store: local, connection: connection, transport: choice.override)
    }

    /// Registries as `registry` reaches them, with the cache and the images of `store`.
    package init(store: Store?, registry: @escaping @Sendable () throws(RegistryError) -> RegistryClient) {
        self.init(store: store, connection: Once(registry))
    }

    /// No registry can be reached: for sessions that are only parsed and checked.
    package static let none = RegistryBackend(store: nil) { () throws(RegistryError) in
        throw RegistryError(.network, "there is no network here", registry: "")
    }

    /// The client. Throws what its configuration files are wrong with.
    func client() throws(BackendError) -> RegistryClient { try connection.value().with(transport) }

    /// The local store. Throws `unsupported` where there is none.
    func store() throws(BackendError) -> Store {
        guard let local else { throw BackendError(.unsupported, "there is no local store here") }
        return local
    }
}

extension LocalBackend {
    /// The registries that this backend pulls from, over the same connections.
    package var registries: RegistryBackend { RegistryBackend(store: store, connection: registry) }
}

/// Runs work on a registry and turns its failure into the backend's error.
func asking<Result>(
    _ body: () async throws(RegistryError) -> Result
) async throws(BackendError) -> Result {
    do { return try await body() } catch { throw BackendError(error) }
}
