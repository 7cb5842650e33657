import Backend
import Shell

/// The conditions of a prune line: what was given, with those of `config.json` (docker/cli `cli/command/utils.go`).
struct DockerPruneFilters {
    private(set) var values: [(key: String, value: String)] = []

    init(_ texts: [String]) {
        for text in texts {
            let (key, value) = DockerPruneFilters.parts(text)
            add(key, value)
        }
    }

    /// Adds the configured ones. As Docker has it, a configured label counts only beside one of the opposite sort that
    /// was given.
    mutating func add(configured texts: [String]) {
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else { continue }
            let (key, value) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
            let opposite = key == "label" ? "label!" : key == "label!" ? "label" : nil
            if let opposite {
                let given = values(opposite)
                if given.isEmpty || given.contains(value) { continue }
            }
            add(key, value)
        }
    }

    mutating func add(_ key: String, _ value: String) {
        if !values.contains(where: { $0 == (key, value) }) { values.append((key, value)) }
    }

    func values(_ key: String) -> [String] { values.filter { $0.key == key }.map(\.value) }

    /// A filter's key and value as the client reads them: without the spaces around, the key in lower case.
    static func parts(_ text: String) -> (key: String, value: String) {
        func trimmed(_ text: Substring) -> String {
            var rest = text
            while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
            while rest.last?.isWhitespace == true { rest = rest.dropLast() }
            return String(rest)
        }
        let key = text.prefix { $0 != "=" }
        return (trimmed(key).lowercased(), trimmed(text.dropFirst(key.count + 1)))
    }

    /// What to prune (moby `daemon/images/image_prune.go`): of several `dangling` a false one counts. Throws what the engine
    /// says of what it does not know; `keys` are those that it does.
    func request(all: Bool, keys: Set<String>) throws(ShellError) -> PruneRequest {
        func refused(_ text: String) -> ShellError {
            DockerFailure.error("Error response from daemon: " + text, code: .usage)
        }
        if let unknown = values.map(\.key).sorted().first(where: { !keys.contains($0) }) {
            throw refused("Invalid filter '\(unknown)'")
        }
        let dangling = values("dangling")
        var request = PruneRequest(
            all: all || dangling.contains("false") || dangling.contains("0"), isDockers: true)
        let untils = values("until")
        guard untils.count <= 1 else { throw refused("more than one until filter specified") }
        for until in untils {
            do throws(ShellError) { request.filters.append(.until(try ImageFilter.moment(until))) } catch {
                throw refused("failed to parse value as time or duration: \(DockerText.quoted(until))")
            }
        }
        for (key, value) in values where key.hasPrefix("label") {
            let name = String(value.prefix { $0 != "=" })
            let rest = value.count > name.count ? String(value.dropFirst(name.count + 1)) : nil
            request.filters.append(key == "label" ? .label(key: name, value: rest) : .notLabel(key: name, value: rest))
        }
        return request
    }
}
