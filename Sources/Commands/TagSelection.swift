import Backend
import JSON
import OCI
import Shell
import Synchronization

/// The K-th of N parts.
struct Shard: Sendable, Equatable {
    let number: Int
    let count: Int

    /// Parses `K/N`. Throws a usage error.
    init(_ text: String) throws(ShellError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], (1...10_000).contains(count),
            (1...count).contains(number)
        else {
            throw ShellError(
                .usage, "--shard takes K/N with K from 1 to N, not \(text)",
                hint: "as in --shard 3/8: the third of eight")
        }
        self.number = number
        self.count = count
    }

    /// Whether a name is of this part: by its SHA-256, so that every machine and version of dsh agrees.
    func contains(_ name: String) -> Bool {
        let start = Digest.of(Array(name.utf8)).hex.prefix(15)
        guard let value = UInt64(start, radix: 16) else { return false }
        return value % UInt64(count) == UInt64(number - 1)
    }
}

/// Which tags are wanted.
struct TagSelection: Sendable {
    let match: String?
    let semver: String?
    let shard: Shard?
    let filters: FilterCache

    /// Those that the options take, in their order. Throws a usage error for a range that is none.
    func chosen(_ tags: [String]) async throws -> [String] {
        let fitting = match.map { pattern in tags.filter { GlobPattern.matches(pattern, $0) } } ?? tags
        guard let semver else { return fitting }
        let found = Mutex<[String]>([])
        try await filters.evaluate(
            "map(select(semver_match($range)))", input: .array(fitting.map(JSONValue.string)),
            variables: ["range": .string(semver)]
        ) { value in found.withLock { $0 = value.arrayValue?.compactMap(\.stringValue) ?? [] } }
        return found.withLock { $0 }
    }

    func isInShard(_ reference: Reference) -> Bool { shard?.contains(reference.canonical) ?? true }
}
