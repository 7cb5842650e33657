import Language

/// The tree as a compact S-expression, for tables of cases.
enum Dump {
    static let commands: Set<String> = [
        "images", "pull", "rmi", "inspect", "history", "tags", "tag", "echo", "each", "watch", "time", "collect",
        "docker", "print", "read", "write", "table", "import", "df", "sleep", "plugin-x",
    ]

    static func parse(_ text: String) -> (Script, [Diagnostic]) {
        Parser.parse(Source(name: "test.dsh", text: text)) { commands.contains($0) }
    }

    /// The statements, one a line; then the codes of what was wrong.
    static func text(_ text: String) -> String {
        let (script, diagnostics) = parse(text)
        let lines = script.statements.map(statement) + diagnostics.map { "!! " + $0.message }
        return lines.joined(separator: "\n")
    }

    static func statement(_ statement: Statement) -> String {
        switch statement {
        case .pipeline(let pipeline): Dump.pipeline(pipeline)
        case .let(let name, let value, _): "(let \(name.text) \(pipeline(value)))"
        case .if(let clauses, let otherwise, _):
            "(if \(clauses.map { "\(pipeline($0.condition)) \(block($0.body))" }.joined(separator: " "))"
                + "\(otherwise.map { " else \(block($0))" } ?? ""))"
        case .for(let name, let values, let parallel, let body, _):
            "(for \(name.text) \(pipeline(values))"
                + (parallel.map { " parallel \(word($0.count))\($0.keepGoing ? " keep-going" : "")" } ?? "")
                + " \(block(body)))"
        case .while(let condition, let body, _): "(while \(pipeline(condition)) \(block(body)))"
        case .break: "(break)"
        case .continue: "(continue)"
        case .def(let definition):
            "(def \(definition.name.text) [\(parameters(definition.parameters))] \(block(definition.body))"
                + "\(doc(definition.documentation)))"
        case .params(let declaration):
            "(params [\(parameters(declaration.parameters))]\(doc(declaration.documentation)))"
        case .filter(let definition):
            "(filter \(definition.name.text) [\(definition.parameters.joined(separator: " "))] "
                + "\(filter(definition.text))\(doc(definition.documentation)))"
        case .try(let body, let handler, _):
            "(try \(block(body))" + (handler.map { " catch \($0.name?.text ?? "-") \(block($0.body))" } ?? "") + ")"
        case .assert(let condition, let message, _):
            "(assert \(pipeline(condition))\(message.map { " " + word($0) } ?? ""))"
        case .fail(let message, _): "(fail \(word(message)))"
        case .return(let value, _): "(return\(value.map { " " + pipeline($0) } ?? ""))"
        case .exit(let value, _): "(exit\(value.map { " " + pipeline($0) } ?? ""))"
        case .source(let path, _): "(source \(word(path)))"
        }
    }

    static func doc(_ text: String?) -> String { text.map { " doc:\($0)" } ?? "" }

    static func block(_ block: Block) -> String {
        (block.isBare ? "=" : "{") + block.statements.map(statement).joined(separator: "; ")
            + (block.isBare ? "" : "}")
    }

    static func parameters(_ parameters: [Parameter]) -> String {
        parameters.map { parameter in
            let name =
                switch parameter.kind {
                case .positional: parameter.name.text
                case .rest: parameter.name.text + "…"
                case .flag, .option: "--" + parameter.name.text
                }
            return name + (parameter.defaultValue.map { "=" + word($0) } ?? "")
                + (parameter.documentation.map { " doc:\($0)" } ?? "")
        }.joined(separator: ", ")
    }

    static func pipeline(_ pipeline: Pipeline) -> String {
        pipeline.stages.map(stage).joined(separator: " | ")
    }

    static func stage(_ stage: Stage) -> String {
        switch stage {
        case .command(let call):
            "(" + ([call.name.text] + call.arguments.map(word)).joined(separator: " ")
                + (call.block.map { " " + block($0) } ?? "") + ")"
        case .filter(let text): filter(text)
        case .explicitFilter(let explicit):
            "(jq " + (explicit.options + [explicit.text]).map(word).joined(separator: " ")
                + (explicit.filter.map { " \(filter($0))" } ?? "") + ")"
        case .external(let call):
            "(!"
                + call.parts.map { part in
                    switch part {
                    case .text(let text): text
                    case .interpolation(let text, let quoted): (quoted ? "\"" : "") + filter(text)
                    }
                }.joined() + ")"
        }
    }

    static func filter(_ text: FilterText) -> String {
        // Trailing blanks, which is what a comment becomes, are shown as dots.
        let lines: [String] = text.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let kept = line.reversed().drop { $0 == " " }.count
            return line.prefix(kept) + String(repeating: "·", count: line.count - kept)
        }
        return "<" + lines.joined(separator: "\n") + ">"
            + (text.variables.isEmpty ? "" : "$" + text.variables.map(\.text).joined(separator: ","))
    }

    static func word(_ word: Word) -> String {
        word.parts.map { part in
            switch part {
            case .literal(let text, let quoted, _): quoted ? "'\(text)'" : text
            case .interpolation(let text, let quoted): (quoted ? "'" : "") + "\\" + filter(text)
            case .variable(let text): "$" + filter(text)
            case .pipeline(let pipeline): "(" + Dump.pipeline(pipeline) + ")"
            }
        }.joined(separator: "+")
    }
}
