import JSON
package import Language
import Query

/// Text to a script that may run: parsed whole, every filter's syntax checked, compiling begun beside.
package struct ScriptLoader: Sendable {
    let session: Session

    package init(session: Session) { self.session = session }

    /// Throws the first mistake, with all others in `others`.
    package func load(_ source: Source) throws(ShellError) -> Script {
        let (script, diagnostics) = Parser.parse(source) { session.isCommand($0) }
        var mistakes = diagnostics.filter { $0.severity == .error }.map { ShellError($0) }
        let filters = FilterTexts(script)
        if mistakes.isEmpty {
            // A definition is checked with a body after it, as jq wants one.
            let checks =
                filters.texts.map { ($0, $0.text) } + filters.definitions.map { ($0.text, $0.text.text + " .") }
            for (text, program) in checks {
                do {
                    try Filter.checkSyntax(program)
                } catch {
                    mistakes.append(ShellError(error, in: text.span, commands: session.commands.names))
                }
            }
        }
        if var first = mistakes.first {
            first.others = Array(mistakes.dropFirst())
            throw first
        }
        session.filters.define(filters.definitions.map(\.text.text))
        session.filters.prepare(filters.texts.map { ($0.text, $0.variableNames) })
        return script
    }

    /// Binds a script's arguments: `$args`, and the names of its `params`.
    package func bind(_ arguments: [String], to script: Script) async throws {
        session.globals.declare("args", .array(arguments.map(JSONValue.string)))
        guard let declaration = script.parameters else { return }
        let name = script.source.name
        let words = arguments.map { Argument(value: .string($0), bareText: $0) }
        let binding = try ParameterBinding(declaration.parameters, arguments: words, command: name)
        try await Interpreter(session: session).bind(binding, span: declaration.span, command: name)
    }
}

extension Script {
    /// The script's `params`, where it has them.
    package var parameters: ParametersDeclaration? {
        for case .params(let declaration) in statements { return declaration }
        return nil
    }

    /// What `dsh SCRIPT --help` shows: its leading comment, its arguments and their comments.
    package var help: String {
        var lines = (parameters?.documentation ?? documentation).map { [$0, ""] } ?? []
        let parameters = parameters?.parameters ?? []
        lines.append(ParameterBinding.usage(of: parameters, command: source.name))
        for parameter in parameters where parameter.documentation != nil {
            lines.append(
                "  \(parameter.kind == .positional ? "" : "--")\(parameter.name.text): \(parameter.documentation ?? "")"
            )
        }
        return lines.joined(separator: "\n")
    }
}
