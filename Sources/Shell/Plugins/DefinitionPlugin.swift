import JSON
import Language

/// A `.dsh` file's commands: its documented `def`s. Those without a comment above them are the file's own.
enum DefinitionPlugin {
    /// A plugin file larger than this is none.
    static let maximumBytes = 4 << 20

    /// The metadata of each command in a script, as an executable would give it.
    ///
    /// Of a comment the first line is the summary; lines that begin with `@` are what a `def` cannot say by itself:
    /// `@input KIND`, `@returns KIND`, `@field NAME KIND SUMMARY`, `@example LINE  # NOTE`, `@version TEXT`; the rest is the
    /// discussion.
    static func commands(in script: Script) -> [JSONValue] {
        script.statements.compactMap { statement in
            guard case .def(let definition) = statement, let comment = definition.documentation,
                PluginParameter.isName(definition.name.text), !ReservedNames.contains(definition.name.text)
            else { return nil }
            return metadata(of: definition, comment)
        }
    }

    private static func metadata(of definition: Definition, _ comment: String) -> JSONValue {
        let lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
        var text: [Substring] = []
        var fields: [JSONValue] = []
        var examples: [JSONValue] = []
        var members: JSONObject = [
            "protocol": .number(Double(PluginMetadata.protocolVersion)), "name": .string(definition.name.text),
            "definition": true,
        ]
        var kind = "any"
        for line in lines {
            guard line.hasPrefix("@") else {
                text.append(line)
                continue
            }
            let tag = line.prefix { $0 != " " }
            let rest = line.dropFirst(tag.count).drop { $0 == " " }
            switch tag {
            case "@input": members["input"] = .string(String(rest))
            case "@returns": kind = String(rest)
            case "@version": members["version"] = .string(String(rest))
            case "@field": fields.append(field(rest))
            case "@example": examples.append(example(rest))
            default: text.append(line)
            }
        }
        let summary = text.first.map(String.init) ?? ""
        members["summary"] = .string(summary.hasSuffix(".") ? String(summary.dropLast()) : summary)
        members["discussion"] = .string(trimmed(text.dropFirst()).joined(separator: "\n"))
        members["arguments"] = .array(
            definition.parameters.filter { $0.kind == .positional || $0.kind == .rest }.map(parameter))
        members["options"] = .array(
            definition.parameters.filter { $0.kind == .flag || $0.kind == .option }.map(parameter))
        members["result"] = ["kind": .string(kind), "fields": .array(fields)]
        members["examples"] = .array(examples)
        return .object(members)
    }

    private static func trimmed(_ lines: ArraySlice<Substring>) -> ArraySlice<Substring> {
        var lines = lines
        while lines.first?.isEmpty == true { lines = lines.dropFirst() }
        while lines.last?.isEmpty == true { lines = lines.dropLast() }
        return lines
    }

    /// `NAME KIND SUMMARY`
    private static func field(_ text: Substring) -> JSONValue {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        let name = words.first ?? ""
        return [
            "name": .string(name), "kind": .string(words.count > 1 ? words[1] : "text"),
            "summary": .string(words.count > 2 ? words[2] : ""), "column": .string(name.uppercased()),
        ]
    }

    /// `LINE  # NOTE`
    private static func example(_ text: Substring) -> JSONValue {
        let parts = text.split(separator: "  #", maxSplits: 1)
        let note = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
        let line = String(parts.first ?? "")
        return [
            "line": .string(String(line.reversed().drop { $0 == " " }.reversed())), "note": .string(String(note)),
        ]
    }

    private static func parameter(_ parameter: Parameter) -> JSONValue {
        var members: JSONObject = [
            "name": .string(parameter.name.text), "summary": .string(parameter.documentation ?? ""),
        ]
        switch parameter.kind {
        case .positional:
            members["kind"] = "value"
            members["required"] = .bool(parameter.defaultValue == nil)
        case .rest:
            members["kind"] = "value"
            members["repeats"] = true
        case .flag: members["kind"] = "flag"
        case .option: members["kind"] = "value"
        }
        return .object(members)
    }
}

extension DefinitionPlugin {
    /// Throws a syntax error for a statement that has no place in a plugin: loading one must do nothing that shows.
    static func check(_ script: Script) throws(ShellError) {
        for statement in script.statements {
            switch statement {
            case .def, .filter, .let, .source: continue
            default:
                throw ShellError(
                    .syntax, "a plugin file holds definitions, `filter`, `let` and `source` alone",
                    hint: "move this into a `def`", span: statement.span)
            }
        }
    }
}
