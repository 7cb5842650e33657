package import HTTP

/// Everything from outside that decides how registries are reached.
package struct RegistryConfiguration: Sendable {
    package var registries: RegistriesConfiguration
    package var docker: DockerConfiguration
    package var retry: RetryPolicy
    package var limits: HTTPLimits
    package var tagList: TagListLimits
    /// nil takes the HTTP client's.
    package var tls: TLSOptions?

    package init(
        registries: RegistriesConfiguration = RegistriesConfiguration(),
        docker: DockerConfiguration = DockerConfiguration(), retry: RetryPolicy = RetryPolicy(),
        limits: HTTPLimits = HTTPLimits(), tagList: TagListLimits = TagListLimits(), tls: TLSOptions? = nil
    ) {
        self.registries = registries
        self.docker = docker
        self.retry = retry
        self.limits = limits
        self.tagList = tagList
        self.tls = tls
    }

    /// Reads `registries.conf` and Docker's `config.json` where the environment says they are.
    ///
    /// Throws `configuration` for a `registries.conf` that cannot be read or understood: it may forbid what would be done
    /// without it. A damaged `config.json` is told to `warn`, and what it holds is done without, as Docker does.
    package static func load(
        environment: [String: String], warn: (String) -> Void = { _ in }
    ) throws(RegistryError) -> RegistryConfiguration {
        RegistryConfiguration(
            registries: try RegistriesConfiguration.load(environment: environment),
            docker: DockerConfiguration.load(environment: environment, warn: warn),
            tls: TLSOptions(environment: environment))
    }
}
