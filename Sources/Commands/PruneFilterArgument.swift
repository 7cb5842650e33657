import Backend
import Shell

extension PruneRequest {
    /// The keys that `prune --filter` takes.
    static let filterKeys = ["dangling", "label", "label!", "reference", "reference!", "until"]

    /// Adds one `KEY=VALUE` of `prune --filter`: Docker's keys, and `reference` and `reference!` for names that go or
    /// stay. Throws a usage error.
    mutating func addFilter(_ text: String) throws(ShellError) {
        let key = text.prefix { $0 != "=" }.lowercased().filter { !$0.isWhitespace }
        guard text.contains("="), PruneRequest.filterKeys.contains(key) else {
            throw ShellError(
                .usage, text.contains("=") ? "invalid filter '\(key)'" : "invalid argument \"\(text)\" for --filter",
                hint: "give KEY=VALUE with one of \(PruneRequest.filterKeys.joined(separator: ", "))")
        }
        if key == "reference!" {
            keptReferences.append(text.drop { $0 != "=" }.dropFirst().filter { !$0.isWhitespace })
            return
        }
        let filter = try ImageFilter.parse(text)
        if case .dangling(false) = filter { all = true } else { filters.append(filter) }
    }
}
