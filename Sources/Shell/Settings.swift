import Synchronization

/// What `set` changes: how dsh shows things. Every setting is a text, checked when it is set.
package final class Settings: Sendable {
    package struct Definition: Sendable {
        package let name: String
        package let summary: String
        /// What it may be; empty where any text will do.
        package let values: [String]
        package let initial: String
    }

    package static let definitions = [
        Definition(
            name: "output", summary: "how results are written; auto is a table on a terminal and JSON elsewhere",
            values: ["auto", "table", "json", "jsonl", "raw", "yaml"], initial: "auto"),
        Definition(
            name: "colour", summary: "colour in results and errors; auto is on a terminal unless NO_COLOR is set",
            values: ["auto", "always", "never"], initial: "auto"),
        Definition(
            name: "progress", summary: "whether a pull shows how it goes", values: ["auto", "never"], initial: "auto"),
        Definition(
            name: "trace", summary: "whether every request to a registry is told, a line each, without secrets",
            values: ["off", "on"], initial: "off"),
        Definition(
            name: "prompt", summary: "the prompt's text; %d is the directory, %% a per cent sign", values: [],
            initial: "dsh>"),
    ]

    private let values = Mutex<[String: String]>([:])

    package init() {}

    /// The definition of a setting by its name, or by another spelling of it.
    package static func definition(_ name: String) -> Definition? {
        let wanted = name == "color" ? "colour" : name
        return definitions.first { $0.name == wanted }
    }

    /// The value of a setting; empty where there is none of that name.
    package subscript(_ name: String) -> String {
        guard let definition = Settings.definition(name) else { return "" }
        return values.withLock { $0[definition.name] } ?? definition.initial
    }

    /// Gives a setting a value. Throws a usage error for a name or a value that is none.
    package func set(_ name: String, to value: String) throws(ShellError) {
        let definition = try known(name)
        guard definition.values.isEmpty || definition.values.contains(value) else {
            let near = nearest(value, in: definition.values).map { "did you mean \($0)? " } ?? ""
            throw ShellError(
                .usage, "\(definition.name) cannot be \(value)",
                hint: near + "it is one of: \(definition.values.joined(separator: ", "))"
            ).about(value)
        }
        values.withLock { $0[definition.name] = value }
    }

    /// The definition of a setting. Throws a usage error where there is none of that name.
    package func known(_ name: String) throws(ShellError) -> Definition {
        if let definition = Settings.definition(name) { return definition }
        let names = Settings.definitions.map(\.name)
        let near = nearest(name, in: names).map { "did you mean \($0)? " } ?? ""
        throw ShellError(
            .usage, "there is no setting \(name)", hint: near + "settings: \(names.joined(separator: ", "))"
        ).about(name)
    }
}
