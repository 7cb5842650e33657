package import HTTP

/// Everything from outside that decides how registries are reached.
package struct RegistryConfiguration: Sendable {
    package var registries: RegistriesConfiguration
    package var logins: Logins
    package var retry: RetryPolicy
    package var limits: HTTPLimits
    /// What is shorter for answers that are read whole into memory.
    package var answers: AnswerLimits
    package var tagList: TagListLimits
    /// nil takes the HTTP client's.
    package var tls: TLSOptions?
    /// What is said about single hosts.
    package var certificates: CertificateDirectories
    /// Where running uploads are noted; nil: nowhere.
    package var uploads: UploadNotes?
    /// Told what is left out of what a registry says.
    package var warn: @Sendable (String) -> Void = { _ in }

    package init(
        registries: RegistriesConfiguration = RegistriesConfiguration(),
        logins: Logins = Logins([]), retry: RetryPolicy = RetryPolicy(),
        limits: HTTPLimits = HTTPLimits(), answers: AnswerLimits = AnswerLimits(),
        tagList: TagListLimits = TagListLimits(), tls: TLSOptions? = nil,
        certificates: CertificateDirectories = CertificateDirectories()
    ) {
        self.registries = registries
        self.logins = logins
        self.retry = retry
        self.limits = limits
        self.answers = answers
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
        let registries = try RegistriesConfiguration.load(environment: environment)
        var configuration = RegistryConfiguration(
            registries: registries,
            logins: Logins(environment: environment, helpers: registries.credentialHelpers, warn: warn),
            tls: TLSOptions(environment: environment), certificates: CertificateDirectories(environment: environment))
        configuration.warn = warn
        return configuration
    }
}

/// How long a small answer, such as a token, a manifest or a page of tags, may take: a registry that does not answer is
/// known to be dead soon, and one whose answer drips in without end, too.
package struct AnswerLimits: Sendable, Hashable {
    /// The time in which `stallBytes` have to come, or the end.
    package var stall: Duration
    package var stallBytes: Int
    /// For the whole answer, redirects included.
    package var total: Duration
    /// The same for those of more than `large` bytes.
    package var totalOfLarge: Duration
    package var large: Int
    /// For what a registry may have to compute: a catalog, a manifest or deletion that it takes.
    package var patientTotal: Duration
    /// So long the end of an upload's session may take whose upload was given up.
    package var sessionEnd: Duration

    package init(
        stall: Duration = .seconds(15), stallBytes: Int = 1 << 10, total: Duration = .seconds(60),
        totalOfLarge: Duration = .seconds(120), large: Int = 4 << 20, patientTotal: Duration = .seconds(300),
        sessionEnd: Duration = .seconds(2)
    ) {
        self.stall = stall
        self.stallBytes = stallBytes
        self.total = total
        self.totalOfLarge = totalOfLarge
        self.large = large
        self.patientTotal = patientTotal
        self.sessionEnd = sessionEnd
    }
}

extension RegistryConfiguration {
    /// For an answer of at most so many bytes.
    func limits(forAnswerOf bytes: Int) -> HTTPLimits {
        var result = limits
        result.stall = min(limits.stall, answers.stall)
        result.stallBytes = max(limits.stallBytes, answers.stallBytes)
        let total = bytes > answers.large ? answers.totalOfLarge : answers.total
        result.total = min(limits.total ?? total, total)
        return result
    }

    /// For what a registry may take its time with.
    var patientLimits: HTTPLimits {
        var result = limits
        result.total = limits.total ?? answers.patientTotal
        return result
    }
}
