import Backend
import Shell

extension SearchFilter {
    /// The keys that `search --filter` takes.
    static let keys = ["is-automated", "is-official", "stars"]

    /// Parses all `KEY=VALUE` of a line, as Docker's engine does (moby `daemon/images/image_search.go`): of several
    /// `stars` the largest counts. Throws a usage error.
    init(parsing texts: [String]) throws(ShellError) {
        self.init()
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else {
                throw ShellError(
                    .usage, "invalid argument \"\(text)\" for --filter: expected KEY=VALUE",
                    hint: "keys: \(Self.keys.joined(separator: ", "))")
            }
            let key = text[..<equals].lowercased().filter { !$0.isWhitespace }
            let value = text[text.index(after: equals)...].filter { !$0.isWhitespace }
            switch key {
            case "is-official": isOfficial = try Self.truth(value, key, isOfficial)
            case "is-automated": isAutomated = try Self.truth(value, key, isAutomated)
            case "stars":
                guard let number = Int64(value) else {
                    throw ShellError(.usage, "invalid filter 'stars=\(value)'", hint: "give a number: stars=100")
                }
                stars = max(stars ?? 0, number)
            default:
                throw ShellError(
                    .usage, "invalid filter '\(key)'", hint: "keys: \(Self.keys.joined(separator: ", "))")
            }
        }
    }

    private static func truth(_ value: String, _ key: String, _ earlier: Bool?) throws(ShellError) -> Bool {
        guard value == "true" || value == "false" else {
            throw ShellError(.usage, "invalid filter '\(key)=\(value)'", hint: "give true or false")
        }
        guard earlier == nil || earlier == (value == "true") else {
            throw ShellError(.usage, "invalid filter '\(key)': both true and false", hint: "give one of them")
        }
        return value == "true"
    }
}
