package import HTTP

/// Everything from outside that decides how registries are reached.
package struct RegistryConfiguration: Sendable {
    package var registries: RegistriesConfiguration
    package var docker: DockerConfiguration
    package var retry: RetryPolicy
    package var limits: HTTPLimits
    /// nil takes the HTTP client's.
    package var tls: TLSOptions?

    package init(
        registries: RegistriesConfiguration = RegistriesConfiguration(),
        docker: DockerConfiguration = DockerConfiguration(), retry: RetryPolicy = RetryPolicy(),
        limits: HTTPLimits = HTTPLimits(), tls: TLSOptions? = nil
    ) {
        self.registries = registries
        self.docker = docker
        self.retry = retry
        self.limits = limits
        self.tls = tls
    }

    /// Reads `registries.conf` and Docker's `config.json` where the environment says they are.
    ///
    /// Throws `configuration` for a file that cannot be read or understood.
    package static func load(environment: [String: String]) throws(RegistryError) -> RegistryConfiguration {
        RegistryConfiguration(
            registries: try RegistriesConfiguration.load(environment: environment),
            docker: try DockerConfiguration.load(environment: environment),
            tls: TLSOptions(environment: environment))
    }
}
