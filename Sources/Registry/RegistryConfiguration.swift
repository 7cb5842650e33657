package import HTTP

/// Everything from outside that decides how registries are reached.
package struct RegistryConfiguration: Sendable {
    package var registries: RegistriesConfiguration
    package var logins: Logins
    package var retry: RetryPolicy
    package var limits: HTTPLimits
    package var tagList: TagListLimits
    /// nil takes the HTTP client's.
    package var tls: TLSOptions?
    /// What is said about single hosts.
    package var certificates: CertificateDirectories
    /// Where running uploads are noted; nil: nowhere.
    package var uploads: UploadNotes?

    package init(
        registries: RegistriesConfiguration = RegistriesConfiguration(),
        logins: Logins = Logins([]), retry: RetryPolicy = RetryPolicy(),
        limits: HTTPLimits = HTTPLimits(), tagList: TagListLimits = TagListLimits(), tls: TLSOptions? = nil,
        certificates: CertificateDirectories = CertificateDirectories()
    ) {
        self.registries = registries
        self.logins = logins
        self.retry = retry
        self.limits = limits
        self.tagList = tagList
        self.tls = tls
        self.certificates = certificates
    }

    /// Reads `registries.conf` where the environment says it is; files of logins are read when one is wanted.
    ///
    /// Throws `configuration` for a `registries.conf` that cannot be read or understood: it may forbid what would be done
    /// without it. A damaged `config.json` or `auth.json` is told to `warn`, and what it holds is done without, as
    /// Docker does.
    package static func load(
        environment: [String: String], warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(RegistryError) -> RegistryConfiguration {
        RegistryConfiguration(
            registries: try RegistriesConfiguration.load(environment: environment),
            logins: Logins(environment: environment, warn: warn),
            tls: TLSOptions(environment: environment), certificates: CertificateDirectories(environment: environment))
    }
}
