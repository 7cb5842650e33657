import ArgumentParser
import JSON

/// A command's options as ArgumentParser knows them: what help and completion offer.
package struct CommandOptions: Sendable {
    package struct Option: Sendable {
        /// `-q`, `--quiet`, longest last.
        package let names: [String]
        /// The name of its value; nil for a flag.
        package let value: String?
        package let summary: String
        /// The values it takes, where they are few.
        package let choices: [String]
    }

    package let options: [Option]
    /// `REFERENCE …`: the arguments after the options, as the usage line shows them.
    package let positional: [String]
    /// Whether words that look like options may be arguments, too: a command that hands on all it gets.
    let takesAnything: Bool

    /// The values that each argument takes, where they are few; none behind the last.
    package let positionalChoices: [[String]]

    package init(options: [Option], positional: [String], positionalChoices: [[String]]) {
        self.options = options
        self.positional = positional
        self.positionalChoices = positionalChoices
        takesAnything = false
    }

    /// Reads them from the declaration of `type`'s properties.
    package init(_ type: any Command.Type) {
        let dump = (try? JSONValue.parse(type._dumpHelp())) ?? .null
        var options: [Option] = []
        var positional: [String] = []
        var takesAnything = false
        var positionalChoices: [[String]] = []
        for argument in dump["command"]?["arguments"]?.arrayValue ?? [] {
            let value = argument["valueName"]?.stringValue ?? "value"
            if argument["shouldDisplay"]?.boolValue == false { continue }
            if argument["kind"]?.stringValue == "positional" {
                let strategy = argument["parsingStrategy"]?.stringValue ?? "default"
                if ["allRemainingInput", "allUnrecognized"].contains(strategy) { takesAnything = true }
                positionalChoices.append(argument["allValues"]?.arrayValue?.compactMap(\.stringValue) ?? [])
                let repeats = argument["isRepeating"]?.boolValue == true ? "…" : ""
                let word = value.uppercased() + repeats
                positional.append(argument["isOptional"]?.boolValue == true ? "[\(word)]" : word)
                continue
            }
            let names = (argument["names"]?.arrayValue ?? []).compactMap { name -> String? in
                guard let text = name["name"]?.stringValue else { return nil }
                return name["kind"]?.stringValue == "long" ? "--" + text : "-" + text
            }
            if names.contains("--help") { continue }
            options.append(
                Option(
                    names: names.sorted { $0.count < $1.count },
                    value: argument["kind"]?.stringValue == "option" ? value : nil,
                    summary: argument["abstract"]?.stringValue ?? "",
                    choices: argument["allValues"]?.arrayValue?.compactMap(\.stringValue) ?? []))
        }
        self.options = options
        self.positional = positional
        self.takesAnything = takesAnything
        self.positionalChoices = positionalChoices
    }
}

/// What `help NAME` and `NAME --help` show.
package struct HelpText: Sendable {
    package let text: String

    package init(_ type: any Command.Type) { self.init(type.declaration, CommandOptions(type)) }

    package init(_ declaration: CommandDeclaration, _ options: CommandOptions) {
        var lines = ["\(declaration.name) — \(declaration.summary)", ""]
        let words =
            [declaration.name] + (options.options.isEmpty ? [] : ["[options]"]) + options.positional
            + (declaration.block == .none ? [] : ["{ … }"])
        lines += ["usage: " + words.joined(separator: " ")]
        switch declaration.input {
        case .nothing: break
        case .references: lines.append("       … | \(declaration.name)        takes images from the pipe, too")
        case .values: lines.append("       … | \(declaration.name)        takes values from the pipe")
        case .bytes: lines.append("       !… | \(declaration.name)       takes the bytes that a program writes")
        }
        if !declaration.discussion.isEmpty { lines += ["", declaration.discussion] }
        if !options.options.isEmpty {
            lines += ["", "options:"]
            lines += HelpText.columns(
                options.options.map { option in
                    let value = option.value.map { " " + $0.uppercased() } ?? ""
                    return (option.names.joined(separator: ", ") + value, option.summary)
                })
        }
        if !declaration.result.fields.isEmpty {
            lines += ["", HelpText.heading(declaration.result.kind)]
            lines += HelpText.columns(declaration.result.fields.map { ("\($0.name): \($0.kind.rawValue)", $0.summary) })
        }
        if !declaration.examples.isEmpty {
            lines += ["", "examples:"]
            for example in declaration.examples { lines += ["  # \(example.note)", "  \(example.line)"] }
        }
        text = lines.joined(separator: "\n")
    }

    private static func heading(_ kind: ResultShape.Kind) -> String {
        switch kind {
        case .array: "returns an array of objects:"
        case .stream: "returns objects, one after the other:"
        default: "returns an object:"
        }
    }

    private static func columns(_ rows: [(String, String)]) -> [String] {
        let width = min(rows.map(\.0.count).max() ?? 0, 30)
        return rows.map { left, right in
            "  " + left + String(repeating: " ", count: max(1, width - left.count + 2)) + right
        }
    }
}
