import JSON
package import Language
import Query

/// Text to a script that may run: parsed whole, every filter's syntax checked, compiling begun beside.
package struct ScriptLoader: Sendable {
    let session: Session

    package init(session: Session) { self.session = session }

    /// Throws the first mistake, with all others in `others`.
    package func load(_ source: Source) throws(ShellError) -> Script {
        try load(source, files: nil).script
    }

    /// The script with those that it takes in. `files`: it is itself taken in, by the last of them.
    func load(_ source: Source, files: [String]?) throws(ShellError) -> ScriptSources {
        let sources = ScriptSources(source, session: session, files: files)
        var mistakes = (sources.diagnostics.filter { $0.severity == .error } + sources.rules).map { ShellError($0) }
        let filters = sources.all.map { FilterTexts($0) }
        if mistakes.isEmpty { mistakes = filters.flatMap { syntaxMistakes($0) } }
        if var first = mistakes.first {
            first.others = Array(mistakes.dropFirst())
            throw first
        }
        for filters in filters { session.filters.define(filters.definitions.map(\.text.text)) }
        for filters in filters { session.filters.prepare(filters.texts.map { ($0.text, $0.variableNames) }) }
        return sources
    }

    private func syntaxMistakes(_ filters: FilterTexts) -> [ShellError] {
        // A definition is checked with a body after it, as jq wants one.
        let checks = filters.texts.map { ($0, $0.text) } + filters.definitions.map { ($0.text, $0.text.text + " .") }
        return checks.compactMap { text, program -> ShellError? in
            do throws(FilterError) {
                try Filter.checkSyntax(program)
                return nil
            } catch {
                return ShellError(error, in: text.span, commands: session.commands.names)
            }
        }
    }

    /// Binds a script's arguments: `$args`, and the names of its `params`.
    package func bind(_ arguments: [String], to script: Script) async throws {
        session.globals.declare("args", .array(arguments.map(JSONValue.string)))
        guard let declaration = script.parameters else { return }
        let name = script.source.name
        let words = arguments.map { Argument(value: .string($0), bareText: $0, span: declaration.span) }
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
        ParameterHelp(
            name: source.name, documentation: parameters?.documentation ?? documentation,
            parameters: parameters?.parameters ?? []
        ).text
    }

    /// Whether these arguments ask for that help: `params` makes `--help` an option of the script.
    package func isHelp(_ arguments: [String]) -> Bool {
        parameters.map { ParameterHelp.isWanted(arguments, $0.parameters) } ?? false
    }
}
