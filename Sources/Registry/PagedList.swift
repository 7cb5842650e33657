import OCI

/// What a list that comes in pages may come to in all. The largest repositories have some ten thousand tags; so many as
/// may come fit into some tens of megabytes.
package struct TagListLimits: Sendable {
    package var pages: Int
    package var tags: Int
    /// Of the answers' bodies.
    package var bytes: Int
    package var time: Duration
    /// Pages in a row that bring nothing new.
    package var idlePages: Int

    package init(
        pages: Int = 2000, tags: Int = 250_000, bytes: Int = 32 << 20, time: Duration = .seconds(600),
        idlePages: Int = 16
    ) {
        self.pages = pages
        self.tags = tags
        self.bytes = bytes
        self.time = time
        self.idlePages = idlePages
    }
}

/// A list while its pages come in: each entry once, and no more of anything than the limits say.
struct PagedList {
    /// What messages call it: `the tags of nginx`, and what to do where it cannot be read to its end.
    struct Subject {
        let name: String
        let hint: String

        static func tags(_ repository: Repository) -> Subject {
            Subject(
                name: "the tags of \(repository.familiar)", hint: "name the tags wanted: \(repository.familiar):TAG")
        }

        static func repositories(_ registry: String) -> Subject {
            Subject(name: "the repositories of \(registry)", hint: "name the repositories wanted: \(registry)/NAME")
        }

        static func referrers(_ digest: Digest) -> Subject {
            Subject(
                name: "the referrers of \(digest)", hint: "ask for one type of them, which registries list by itself")
        }
    }

    let limits: TagListLimits
    let subject: Subject
    let registry: String
    private let start = ContinuousClock.now
    private var urls: Set<String> = []
    private var entries: Set<EntryHash> = []
    private var bytes = 0
    private var idlePages = 0

    init(limits: TagListLimits, subject: Subject, registry: String) {
        self.limits = limits
        self.subject = subject
        self.registry = registry
    }

    /// Called before a further page is asked for. Throws `malformed` for a page that was there already and for too many,
    /// `timeout` where the list takes too long.
    mutating func follow(_ url: String) throws(RegistryError) {
        guard urls.count < limits.pages, idlePages < limits.idlePages, urls.insert(url).inserted else {
            throw RegistryError(
                .malformed, "\(registry) lists \(subject.name) without end", hint: subject.hint, registry: registry)
        }
        guard ContinuousClock.now - start < limits.time else {
            throw RegistryError(
                .timeout,
                "\(registry) has not listed \(subject.name) to the end in \(limits.time.components.seconds) s",
                hint: subject.hint, registry: registry)
        }
    }

    /// Takes a page; returns the entries that were on none before. Throws `answerTooLarge`.
    mutating func add(_ page: [String], bytes count: Int) throws(RegistryError) -> [String] {
        let new = page.filter { entries.insert(EntryHash($0)).inserted }
        idlePages = new.isEmpty ? idlePages + 1 : 0
        bytes += count
        guard entries.count <= limits.tags, bytes <= limits.bytes else {
            throw RegistryError(
                .answerTooLarge,
                "\(registry) lists too much as \(subject.name): \(entries.count) in \(bytes) bytes so far",
                hint: subject.hint, registry: registry)
        }
        return new
    }
}

/// Stands for a name in a set that may have very many: 128 bits, whatever its length. Two names with the same are less
/// likely than a memory error, and no registry can look for them: the keys are this process's own.
private struct EntryHash: Hashable {
    private let first: Int
    private let second: Int

    init(_ name: String) {
        var hasher = Hasher()
        hasher.combine(name)
        first = hasher.finalize()
        hasher = Hasher()
        hasher.combine(true)
        hasher.combine(name)
        second = hasher.finalize()
    }
}
