package import Language
import Query

extension ScriptLoader {
    /// Everything that is wrong with a script, in the order of its text; runs nothing. Where there are syntax errors the
    /// statements that were understood are looked at all the same, and nothing is told that hangs on the others.
    package func check(_ source: Source) -> [Diagnostic] {
        let sources = ScriptSources(source, session: session, files: nil)
        var diagnostics = sources.diagnostics
        let isWhole = !diagnostics.contains { $0.severity == .error }
        let included = sources.included.flatMap { FilterTexts($0).definitions }
        // A loop's head that was not understood leaves its `break` without a loop.
        if isWhole { diagnostics += sources.rules }
        diagnostics += ScriptCheck(sources.script, taken: sources.taken, session: session).diagnostics
        diagnostics += compileErrors(
            FilterTexts(sources.script), included: included, known: Self.told(diagnostics),
            skipped: sources.all.map(SkippedNames.init))
        if !isWhole { diagnostics += sources.included.flatMap { syntaxErrors(FilterTexts($0)) } }
        return diagnostics.enumerated().sorted {
            ($0.element.span?.start ?? 0, $0.offset) < ($1.element.span?.start ?? 0, $1.offset)
        }.map(\.element)
    }

    /// The diagnostics as they are shown, each behind the other, and how many they are.
    package static func report(_ diagnostics: [Diagnostic]) -> String {
        if diagnostics.isEmpty { return "" }
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        func count(_ number: Int, _ what: String) -> String? {
            number == 0 ? nil : "\(number) \(what)\(number == 1 ? "" : "s")"
        }
        let counts = [count(errors, "error"), count(warnings, "warning")].compactMap { $0 }.joined(separator: ", ")
        return diagnostics.map { $0.render() + "\n" }.joined() + counts + "\n"
    }

    /// Where something was said already: jq need not say it again.
    private static func told(_ diagnostics: [Diagnostic]) -> Set<Int> { Set(diagnostics.compactMap(\.span?.start)) }

    /// A definition is checked with a body after it, as jq wants one.
    private func syntaxErrors(_ filters: FilterTexts) -> [Diagnostic] {
        let texts = filters.texts.map { ($0, $0.text) } + filters.definitions.map { ($0.text, $0.text.text + " .") }
        return texts.flatMap { text, program -> [Diagnostic] in
            do throws(FilterError) {
                try Filter.checkSyntax(program)
                return []
            } catch {
                return errors(error, in: text.span)
            }
        }
    }

    /// `included`: the functions of the files that the script takes in; those in `skipped` may be defined somewhere.
    private func compileErrors(
        _ filters: FilterTexts, included: [FilterDefinition], known: Set<Int>, skipped: [SkippedNames]
    ) -> [Diagnostic] {
        let library = FilterLibrary()
        var found: [Diagnostic] = []
        func errors(_ error: FilterError, in span: Span) -> [Diagnostic] {
            self.errors(error, in: span) { name in
                skipped.contains { $0.defines(name) }
            }
        }
        let definitions = usableDefinitions(included + filters.definitions, known: known, &found)
        var compiled: [(Filter, Language.FilterText)] = []
        for text in filters.texts {
            do {
                let filter = try library.add(text.text, variables: text.variableNames, definitions: definitions)
                compiled.append((filter, text))
            } catch { found += errors(error, in: text.span) }
        }
        library.compileInBackground()
        for (filter, text) in compiled {
            do { try filter.compile() } catch { found += errors(error, in: text.span) }
        }
        return found
    }

    /// The definitions that compile, in order, as every filter gets them; what is wrong with the others goes to `found`,
    /// and a function that does nothing stands for them.
    private func usableDefinitions(
        _ definitions: [FilterDefinition], known: Set<Int>, _ found: inout [Diagnostic]
    ) -> String {
        let whole = definitions.map { $0.text.text + "\n" }.joined()
        let calls = definitions.map(\.call).joined(separator: ", ")
        if definitions.isEmpty || (try? Filter(calls, definitions: whole).compile()) != nil { return whole }
        var text = ""
        for definition in definitions {
            do {
                // jq looks only at functions that are called.
                try Filter(definition.text.text + " " + definition.call, definitions: text).compile()
                text += definition.text.text + "\n"
            } catch {
                let isTold = definition.text.variables.contains { known.contains($0.span.start) }
                if !isTold { found += errors(error, in: definition.text.span) }
                let parameters = definition.parameters.joined(separator: "; ")
                text += "def \(definition.name.text)\(parameters.isEmpty ? "" : "(\(parameters))"): empty;\n"
            }
        }
        return text
    }

    private func errors(
        _ error: FilterError, in span: Span, mayBeDefined: (String) -> Bool = { _ in false }
    ) -> [Diagnostic] {
        var seen: [Span] = []
        return ([error] + error.others).compactMap { error in
            if let name = error.undefined, mayBeDefined(name) { return nil }
            let shown = ShellError(error, in: span, commands: session.commands.names)
            // A line of another shell's is one mistake, whatever jq makes of its words.
            if let place = shown.span {
                if seen.contains(place) { return nil }
                seen.append(place)
            }
            return Diagnostic(
                code: shown.code.rawValue, message: shown.message, span: shown.span,
                help: shown.hint.map { [$0] } ?? [])
        }
    }
}

extension FilterDefinition {
    /// A call of the function.
    fileprivate var call: String {
        let arguments = parameters.map { _ in "." }.joined(separator: "; ")
        return name.text + (parameters.isEmpty ? "" : "(\(arguments))")
    }
}
