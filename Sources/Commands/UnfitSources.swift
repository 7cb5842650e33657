import OCI

/// The sources of a `sync` that have no tag which `--match` and `--semver` take: a pattern with a slip in it copies nothing,
/// and nobody would hear of it.
struct UnfitSources: Sendable {
    /// So many are named.
    private static let shown = 5

    private var repositories: [String] = []
    private var repositoryCount = 0
    private var tags: [String] = []
    private var tagCount = 0
    private var isAnyTagWanted = false

    /// Notes a repository with how many tags it has, and how many of them are wanted. One without tags is none of these.
    mutating func add(_ repository: Repository, tags: Int, wanted: Int) {
        guard tags > 0, wanted == 0 else { return }
        repositoryCount += 1
        if repositories.count < UnfitSources.shown { repositories.append(repository.familiar) }
    }

    /// Notes a source that was named with its tag.
    mutating func add(tag: Reference, isWanted: Bool) {
        if isWanted {
            isAnyTagWanted = true
        } else {
            tagCount += 1
            if tags.count < UnfitSources.shown { tags.append(tag.familiar) }
        }
    }

    /// What is to be said of them; nil where there are none. Tags are left out on purpose where others are wanted.
    func note(match: String?, semver: String?) -> String? {
        let options = [
            match.map { "--match '\($0)'" }, semver.map { "--semver '\($0)'" },
        ].compactMap { $0 }.joined(separator: " and ")
        func list(_ names: [String], _ count: Int) -> String {
            names.joined(separator: ", ") + (count > names.count ? ", …" : "")
        }
        var clauses: [String] = []
        if repositoryCount == 1 {
            clauses.append("no tag of \(list(repositories, 1)) fits \(options)")
        } else if repositoryCount > 1 {
            clauses.append(
                "no tag fits \(options) in \(repositoryCount) repositories: \(list(repositories, repositoryCount))")
        }
        if tagCount == 1, !isAnyTagWanted {
            clauses.append("\(list(tags, 1)) does not fit \(options)")
        } else if tagCount > 1, !isAnyTagWanted {
            clauses.append("none of \(tagCount) tags fits \(options): \(list(tags, tagCount))")
        }
        return clauses.isEmpty ? nil : "sync: " + clauses.joined(separator: "; ")
    }
}
