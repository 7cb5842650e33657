import Language

/// Looks through a script for what is wrong with it, without running anything: names of commands, options and variables,
/// words where they do not belong, fields that a command does not give. Filters are the loader's business.
///
/// What a script does is not known before it runs. So a name counts as known wherever it could be: in the body of a `def`
/// all that the blocks around it ever set; behind a `source` whose file is not there or whose path is computed, everything.
struct ScriptCheck {
    let session: Session
    private(set) var diagnostics: [Diagnostic] = []

    /// The names of one block.
    private struct Names {
        var variables: Set<String> = []
        var commands: [String: Definition] = [:]
        /// Its `def`s, looked at when all that the block sets is known.
        var pending: [Definition] = []
    }

    private var blocks: [Names] = []
    /// Something was read in whose names are not known.
    private var isOpen = false
    /// The functions of the script's own filters, whose results are not known.
    private let functions: Set<String>
    private let taken: [String: [Script]]

    /// `script` has no syntax errors. `taken`: what its `source` statements bring in, by their paths.
    init(_ script: Script, taken: [String: [Script]] = [:], session: Session) {
        self.session = session
        self.taken = taken
        functions = Set(FilterTexts(script).definitions.map(\.name.text))
        let outer: Set<String> = ["args", "last", "ENV"]
        run(script.statements, with: outer.union(session.globals.names))
    }

    // MARK: Statements

    private mutating func run(_ statements: [Statement], with variables: Set<String> = []) {
        blocks.append(Names(variables: variables))
        for case .def(let definition) in statements {
            blocks[blocks.count - 1].commands[definition.name.text] = definition
            blocks[blocks.count - 1].pending.append(definition)
        }
        for statement in statements { visit(statement) }
        for definition in blocks[blocks.count - 1].pending { visit(definition) }
        blocks.removeLast()
    }

    private mutating func run(_ block: Block, with variables: Set<String> = []) {
        run(block.statements, with: variables)
    }

    private mutating func visit(_ statement: Statement) {
        switch statement {
        case .pipeline(let pipeline): visit(pipeline)
        case .let(let name, let pipeline, _):
            visit(pipeline)
            if !isKnown(name.text) { blocks[blocks.count - 1].variables.insert(name.text) }
        case .if(let clauses, let otherwise, _):
            for clause in clauses {
                visit(clause.condition)
                run(clause.body)
            }
            if let otherwise { run(otherwise) }
        case .for(let name, let values, let parallel, let body, _):
            visit(values)
            if let parallel { visit(parallel.count) }
            run(body, with: [name.text])
        case .while(let condition, let body, _):
            visit(condition)
            run(body)
        case .break, .continue: break  // ScriptRules'
        case .def: break  // at the end of its block
        case .params(let declaration): visit(declaration.parameters)
        case .filter(let definition):
            for variable in definition.text.variables {
                report(
                    "usage", "a filter sees no variables of the script", variable.span,
                    help: "give it a parameter: filter \(definition.name.text)($\(variable.text)): …;")
            }
        case .try(let body, let handler, _):
            run(body)
            if let handler { run(handler.body, with: handler.name.map { [$0.text] } ?? []) }
        case .assert(let condition, let message, _):
            visit(condition)
            if let message { visit(message) }
        case .fail(let word, _): visit(word)
        case .source(let word, _):
            visit(word)
            guard let path = word.constantText, let scripts = taken[path] else {
                isOpen = true
                return
            }
            for script in scripts { take(script) }
        case .return(let pipeline, _), .exit(let pipeline, _): if let pipeline { visit(pipeline) }
        }
    }

    /// Makes the names of a file known that `source` takes in.
    private mutating func take(_ script: Script) {
        for statement in script.statements {
            switch statement {
            case .def(let definition): blocks[blocks.count - 1].commands[definition.name.text] = definition
            case .let(let name, _, _): blocks[blocks.count - 1].variables.insert(name.text)
            case .source(let word, _): if word.constantText == nil { isOpen = true }
            default: break
            }
        }
    }

    /// Parameters, whose defaults see those before them.
    private mutating func visit(_ parameters: [Parameter]) {
        for parameter in parameters {
            if let word = parameter.defaultValue { visit(word) }
            blocks[blocks.count - 1].variables.insert(parameter.variableName)
        }
    }

    private mutating func visit(_ definition: Definition) {
        blocks.append(Names())
        visit(definition.parameters)
        run(definition.body)
        blocks.removeLast()
    }

    // MARK: Pipelines

    private mutating func visit(_ pipeline: Pipeline) {
        for (index, stage) in pipeline.stages.enumerated() {
            switch stage {
            case .filter(let text):
                visit(text)
                if index > 0, case .command(let call) = pipeline.stages[index - 1] { fields(of: text, from: call) }
            case .explicitFilter(let explicit):
                if let text = explicit.filter { visit(text) } else { visit(explicit.text) }
            case .external(let call):
                for case .interpolation(let text, _) in call.parts { visit(text) }
            case .command(let call): visit(call, isFirst: index == 0)
            }
        }
    }

    private mutating func visit(_ text: FilterText) {
        for variable in text.variables where !isKnown(variable.text) && !isOpen {
            let names = blocks.reversed().flatMap { $0.variables.sorted() }
            let near = nearest(variable.text, in: names).map { "did you mean $\($0)?" }
            report(
                "usage", "unknown variable $\(variable.text)", variable.span,
                help: near ?? "set it with `let \(variable.text) = …`")
        }
    }

    private mutating func visit(_ word: Word) {
        for part in word.parts {
            switch part {
            case .literal: break
            case .interpolation(let text, _), .variable(let text): visit(text)
            case .pipeline(let pipeline): visit(pipeline)
            }
        }
    }

    private mutating func visit(_ call: CommandCall, isFirst: Bool) {
        for word in call.arguments { visit(word) }
        if let definition = definition(of: call.name.text) {
            if let block = call.block {
                report(
                    "usage", "\(call.name.text) takes no block", block.span,
                    help: "a `def` has arguments and piped input")
            }
            report(CallCheck(call).mistake(for: definition))
        } else if let type = session.commands[call.name.text] {
            check(call, type, isFirst: isFirst)
        } else if let plugin = session.plugins.knownMetadata(call.name.text) {
            check(call, plugin, isFirst: isFirst)
        } else if !session.isCommand(call.name.text), !isOpen {
            unknownCommand(call)
        }
        if let block = call.block { run(block) }
    }

    private mutating func check(_ call: CommandCall, _ type: any Command.Type, isFirst: Bool) {
        let declaration = type.declaration
        if !isFirst, declaration.input == .nothing {
            report("usage", "\(call.name.text) takes nothing from the pipe", call.name.span, help: "put it first")
        }
        if declaration.block == .none, let block = call.block {
            report(
                "usage", "\(call.name.text) takes no block", block.span,
                help: "statements that follow it go on a line of their own")
        }
        if let raw = type as? any RawCommand.Type {
            let words = call.arguments.map(\.constantText)
            if let mistake = raw.mistake(in: words, hasInput: !isFirst, environment: session.environment) {
                let span = mistake.word.map { call.arguments[$0].span } ?? call.span
                report("usage", mistake.message, span, help: mistake.hint)
            }
            return
        }
        if let mistake = CallCheck(call).mistake(for: type) { return report(mistake) }
        if declaration.block == .required, call.block == nil, !asksForHelp(call) {
            report(
                "usage", "\(call.name.text) needs a block: \(call.name.text) … { statements }", call.span,
                help: "`help \(call.name.text)` shows how")
        }
    }

    /// A plugin that was asked about itself before; nothing is started for a check.
    private mutating func check(_ call: CommandCall, _ plugin: PluginMetadata, isFirst: Bool) {
        if let block = call.block { report("usage", "\(plugin.name) takes no block", block.span, help: nil) }
        if !isFirst, plugin.declaration.input == .nothing, !plugin.isDefinition {
            report("usage", "\(plugin.name) takes nothing from the pipe", call.name.span, help: "put it first")
        }
        // Only bare words are a plugin's options.
        if call.arguments.allSatisfy({ $0.constantText?.hasPrefix("-") != true || $0.bareText != nil }),
            let mistake = CallCheck(call).wrongOption(plugin.options)
        {
            report(mistake)
        }
    }

    private func asksForHelp(_ call: CommandCall) -> Bool {
        call.arguments.contains { ["--help", "-h"].contains($0.constantText) }
    }

    private mutating func unknownCommand(_ call: CommandCall) {
        let names =
            session.commands.names + blocks.flatMap { $0.commands.keys.sorted() } + session.plugins.names
        let near = nearest(call.name.text, in: names).map { "did you mean `\($0)`?" }
        report(
            "usage", "unknown command \(call.name.text)", call.name.span,
            help: OtherShells.hint(call.span.text) ?? near ?? "`help` lists the commands")
    }

    /// Fields that the result of the command in front does not have.
    private mutating func fields(of text: FilterText, from call: CommandCall) {
        guard definition(of: call.name.text) == nil, var type = session.commands[call.name.text] else { return }
        var name = call.name.text
        if let raw = type as? any RawCommand.Type {
            let words = call.arguments.map(\.constantText)
            guard let meant = raw.standsFor(words, environment: session.environment),
                let other = session.commands[meant]
            else { return }
            (type, name) = (other, "\(name) \(words.compactMap { $0 }.first ?? "")")
        }
        // An option may change what the command gives.
        guard !call.arguments.contains(where: { $0.constantText?.hasPrefix("-") ?? true }) else { return }
        let known = type.declaration.result.fields.map(\.name)
        let result = type.declaration.result
        for (field, range) in FieldFlow.unknownFields(in: text.text, of: result, functions: functions) {
            let near = nearest(field, in: known).map { "did you mean .\($0)?" }
            diagnostics.append(
                Diagnostic(
                    severity: .warning, code: "filter", message: "\(name) gives no field \(field)",
                    span: text.span.part(range), help: [near ?? "`help \(type.declaration.name)` lists its fields"]))
        }
    }

    // MARK: Names

    private func isKnown(_ variable: String) -> Bool { blocks.contains { $0.variables.contains(variable) } }

    private func definition(of command: String) -> Definition? {
        for block in blocks.reversed() { if let found = block.commands[command] { return found } }
        return nil
    }

    private mutating func report(_ mistake: CallCheck.Mistake?) {
        guard let mistake else { return }
        report("usage", mistake.message, mistake.span, help: mistake.hint)
    }

    private mutating func report(_ code: String, _ message: String, _ span: Span, help: String? = nil) {
        diagnostics.append(Diagnostic(code: code, message: message, span: span, help: help.map { [$0] } ?? []))
    }
}
