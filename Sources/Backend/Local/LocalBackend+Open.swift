import HTTP
import Registry
import Store

extension LocalBackend {
    /// The backend on the store at `storePath`; registries are reached as `environment` and the configuration files
    /// that it names say, and told that this is dsh `version`. The files are read at the first use. Throws a usage error where the path can be no store.
    package static func open(
        storePath: String, environment: [String: String], version: String
    ) throws(BackendError) -> LocalBackend {
        let store = try storing { () throws(StoreError) in try Store(path: storePath) }
        return LocalBackend(store: store) { () throws(RegistryError) in
            RegistryClient(
                http: HTTPClient(HTTPClient.Configuration(version: version)),
                configuration: try RegistryConfiguration.load(environment: environment))
        }
    }
}
