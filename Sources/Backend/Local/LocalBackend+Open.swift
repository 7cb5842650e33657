import HTTP
import Registry
import Store

extension LocalBackend {
    /// The backend on the store at `storePath`; registries are reached as `environment` and the configuration files
    /// that it names say, and told that this is dsh `version`. The files are read at the first use; what of them is
    /// damaged, but not needed for everything, is told to `warn`; `trace` gives what takes a line about each request, while
    /// somebody wants them. Throws a usage error where the path can be no store.
    package static func open(
        storePath: String, environment: [String: String], version: String,
        warn: @escaping @Sendable (String) -> Void = { _ in },
        trace: @escaping @Sendable () -> (@Sendable (String) -> Void)? = { nil }
    ) throws(BackendError) -> LocalBackend {
        let store = try storing { () throws(StoreError) in try Store(path: storePath, warn: warn) }
        return LocalBackend(store: store) { () throws(RegistryError) in
            var http = HTTPClient.Configuration(version: version)
            http.trace = trace
            var configuration = try RegistryConfiguration.load(environment: environment, warn: warn)
            configuration.uploads = UploadNotes(directory: store.uploadNotes)
            return RegistryClient(http: HTTPClient(http), configuration: configuration)
        }
    }
}
