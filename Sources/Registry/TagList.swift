import OCI

/// What a list of tags may come to in all. The largest repositories have some ten thousand tags.
package struct TagListLimits: Sendable {
    package var pages: Int
    package var tags: Int
    /// Of the answers' bodies.
    package var bytes: Int
    package var time: Duration
    /// Pages in a row that bring no new tag.
    package var idlePages: Int

    package init(
        pages: Int = 2000, tags: Int = 1_000_000, bytes: Int = 64 << 20, time: Duration = .seconds(600),
        idlePages: Int = 16
    ) {
        self.pages = pages
        self.tags = tags
        self.bytes = bytes
        self.time = time
        self.idlePages = idlePages
    }
}

/// The tags of one repository while their pages come in: each tag once, and no more of anything than the limits say.
struct TagList {
    let limits: TagListLimits
    let repository: Repository
    let registry: String
    private let start = ContinuousClock.now
    private var urls: Set<String> = []
    private var tags: Set<String> = []
    private var bytes = 0
    private var idlePages = 0

    init(limits: TagListLimits, repository: Repository, registry: String) {
        self.limits = limits
        self.repository = repository
        self.registry = registry
    }

    /// Called before a further page is asked for. Throws `malformed` for a page that was there already and for too many,
    /// `timeout` where the list takes too long.
    mutating func follow(_ url: String) throws(RegistryError) {
        guard urls.count < limits.pages, idlePages < limits.idlePages, urls.insert(url).inserted else {
            throw RegistryError(
                .malformed, "\(registry) lists the tags of \(repository.familiar) without end",
                hint: "name the tags wanted: \(repository.familiar):TAG", registry: registry)
        }
        guard ContinuousClock.now - start < limits.time else {
            throw RegistryError(
                .timeout,
                "\(registry) has not listed all tags of \(repository.familiar) in \(limits.time.components.seconds) s",
                hint: "name the tags wanted: \(repository.familiar):TAG", registry: registry)
        }
    }

    /// Takes a page; returns the tags that were on none before. Throws `answerTooLarge`.
    mutating func add(_ page: [String], bytes count: Int) throws(RegistryError) -> [String] {
        let new = page.filter { tags.insert($0).inserted }
        idlePages = new.isEmpty ? idlePages + 1 : 0
        bytes += count
        guard tags.count <= limits.tags, bytes <= limits.bytes else {
            throw RegistryError(
                .answerTooLarge,
                "\(registry) lists too many tags of \(repository.familiar): \(tags.count) in \(bytes) bytes so far",
                hint: "name the tags wanted: \(repository.familiar):TAG", registry: registry)
        }
        return new
    }
}
