import Language

/// Looks through a script for what is wrong with it, without running anything: names of commands, options and variables,
/// words where they do not belong, fields that a command does not give. Filters are the loader's business.
///
/// What a script does is not known before it runs. So a name counts as known wherever it could be: in the body of a `def`
/// all that the blocks around it ever set; behind a `source` whose file is not there or whose path is computed, everything;
/// and what stands in a statement that was not understood.
struct ScriptCheck {
    let session: Session
    private(set) var diagnostics: [Diagnostic] = []

    /// The names of one block.
    private struct Names {
        /// What each holds, where that is known.
        var variables: [String: ValueShape] = [:]
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
    private let skipped: SkippedNames
    /// How often each variable is set: of one that is set again nothing is known but its name.
    private let settings: [String: Int]
    /// What `.` is at the head of a pipeline.
    private var head = ValueShape.unknown

    /// `taken`: what the script's `source` statements bring in, by their paths.
    init(_ script: Script, taken: [String: [Script]] = [:], session: Session) {
        self.session = session
        self.taken = taken
        let texts = FilterTexts(script)
        functions = Set(texts.definitions.map(\.name.text))
        settings = Dictionary(texts.settings.map { ($0, 1) }, uniquingKeysWith: +)
        skipped = SkippedNames(script)
        isOpen = skipped.hasSource
        let outer = Set(["args", "last", "ENV"]).union(session.globals.names)
        run(script.statements, with: Dictionary(outer.map { ($0, .unknown) }) { first, _ in first })
    }

    // MARK: Statements

    private mutating func run(_ statements: [Statement], with variables: [String: ValueShape] = [:]) {
        blocks.append(Names(variables: variables))
        for case .def(let definition) in statements {
            blocks[blocks.count - 1].commands[definition.name.text] = definition
            blocks[blocks.count - 1].pending.append(definition)
        }
        for statement in statements { visit(statement) }
        for definition in blocks[blocks.count - 1].pending { visit(definition) }
        blocks.removeLast()
    }

    private mutating func run(_ block: Block, with variables: [String: ValueShape] = [:]) {
        run(block.statements, with: variables)
    }

    private mutating func visit(_ statement: Statement) {
        switch statement {
        case .pipeline(let pipeline): visit(pipeline)
        case .let(let name, let pipeline, _):
            let shape = visit(pipeline)
            if !isKnown(name.text) {
                blocks[blocks.count - 1].variables[name.text] = settings[name.text] == 1 ? shape : .unknown
            }
        case .if(let clauses, let otherwise, _):
            for clause in clauses {
                visit(clause.condition)
                run(clause.body)
            }
            if let otherwise { run(otherwise) }
        case .for(let name, let values, let parallel, let body, _):
            let shape = visit(values).walked
            if let parallel { visit(parallel.count) }
            run(body, with: [name.text: settings[name.text] == nil ? shape : .unknown])
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
            if let handler { run(handler.body, with: handler.name.map { [$0.text: .unknown] } ?? [:]) }
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
            case .let(let name, _, _): blocks[blocks.count - 1].variables[name.text] = .unknown
            case .source(let word, _): if word.constantText == nil { isOpen = true }
            default: break
            }
        }
    }

    /// Parameters, whose defaults see those before them.
    private mutating func visit(_ parameters: [Parameter]) {
        for parameter in parameters {
            if let word = parameter.defaultValue { visit(word) }
            blocks[blocks.count - 1].variables[parameter.variableName] = .unknown
        }
    }

    private mutating func visit(_ definition: Definition) {
        let outer = head
        head = .unknown
        defer { head = outer }
        blocks.append(Names())
        visit(definition.parameters)
        run(definition.body)
        blocks.removeLast()
    }

    // MARK: Pipelines

    /// What comes out of it.
    @discardableResult
    private mutating func visit(_ pipeline: Pipeline) -> ValueShape {
        var shape = head
        for (index, stage) in pipeline.stages.enumerated() {
            switch stage {
            case .filter(let text): shape = visit(text, from: shape)
            case .explicitFilter(let explicit):
                if let text = explicit.filter {
                    let output = visit(text, from: shape)
                    shape = explicit.options.isEmpty ? output : .unknown
                } else {
                    visit(explicit.text)
                    shape = .unknown
                }
            case .external(let call):
                for case .interpolation(let text, _) in call.parts { visit(text, from: head) }
                shape = .unknown
            case .command(let call):
                // Nothing goes into a command that stands first.
                if index == 0 { shape = .unknown }
                visit(call, behind: index == 0 ? nil : pipeline.stages[index - 1], input: shape)
                shape = result(of: call, from: shape)
            }
        }
        return shape
    }

    /// Looks at jq text that gets `input`; what comes out of it.
    @discardableResult
    private mutating func visit(_ text: FilterText, from input: ValueShape) -> ValueShape {
        visit(text)
        var variables: [String: ValueShape] = [:]
        for name in text.variableNames { variables[name] = self.shape(of: name) }
        let (findings, output) = FieldFlow.follow(
            text.text, from: input, variables: variables, functions: functions)
        for finding in findings { warn(finding, in: text) }
        return output
    }

    private mutating func visit(_ text: FilterText) {
        for variable in text.variables
        where !isKnown(variable.text) && !isOpen && !skipped.sets(variable.text) {
            let names = blocks.reversed().flatMap { $0.variables.keys.sorted() }
            let near = nearest(variable.text, in: names).map { "did you mean $\($0)?" }
            let isSet = variable.span.start == text.span.start
            report(
                "usage", "unknown variable $\(variable.text)", variable.span,
                help: (isSet ? OtherShells.assignment(text.text) : nil) ?? near
                    ?? "set it with `let \(variable.text) = …`")
        }
    }

    private mutating func visit(_ word: Word) {
        for part in word.parts {
            switch part {
            case .literal: break
            case .interpolation(let text, _), .variable(let text): visit(text, from: head)
            case .pipeline(let pipeline): visit(pipeline)
            }
        }
    }

    private mutating func visit(_ call: CommandCall, behind stage: Stage?, input: ValueShape) {
        let isFirst = stage == nil
        for word in call.arguments { visit(word) }
        if let definition = definition(of: call.name.text) {
            if let block = call.block {
                report(
                    "usage", "\(call.name.text) takes no block", block.span,
                    help: "a `def` has arguments and piped input")
            }
            report(CallCheck(call).mistake(for: definition))
        } else if let type = session.commands[call.name.text] {
            check(call, type, behind: stage)
        } else if let plugin = session.plugins.knownMetadata(call.name.text) {
            check(call, plugin, isFirst: isFirst)
        } else if !session.isCommand(call.name.text), !isOpen, !skipped.defines(call.name.text) {
            unknownCommand(call, behind: stage)
        }
        guard let block = call.block else { return }
        let outer = head
        defer { head = outer }
        // A command that takes values runs its block on each of them; another one's leaves `.` as it is.
        if session.commands[call.name.text]?.declaration.input == .values { head = input.walked }
        run(block)
    }

    private mutating func check(_ call: CommandCall, _ type: any Command.Type, behind stage: Stage?) {
        let isFirst = stage == nil
        let declaration = type.declaration
        let hasProgram = stage?.program != nil && session.readsBytes(call)
        if !isFirst, let (message, hint) = call.refusal(of: declaration.input, hasProgram: hasProgram) {
            report("usage", message, call.name.span, help: hint)
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
        if isFirst, let needed = declaration.needs, CallCheck(call).hasNoArgument(CommandOptions(type)) {
            report(
                "usage", "\(call.name.text) needs at least one \(needed)", call.span,
                help: "name one or pipe some in; `help \(call.name.text)` shows how")
        }
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
            return report(mistake)
        }
        report(CallCheck(call).mistake(for: plugin, hasInput: !isFirst))
    }

    private func asksForHelp(_ call: CommandCall) -> Bool {
        call.arguments.contains { ["--help", "-h"].contains($0.constantText) }
    }

    private mutating func unknownCommand(_ call: CommandCall, behind stage: Stage?) {
        var result: ResultShape?
        if case .command(let before)? = stage, definition(of: before.name.text) == nil {
            result = session.declaration(of: before)?.result
        }
        let names =
            session.commands.names + blocks.flatMap { $0.commands.keys.sorted() } + session.plugins.names
        let near = nearest(call.name.text, in: names).map { "did you mean `\($0)`?" }
        report(
            "usage", "unknown command \(call.name.text)", call.name.span,
            help: OtherShells.hint(call.span.text, behind: result) ?? near ?? "`help` lists the commands")
    }

    // MARK: Results

    /// What a call gives, where its words do not change that.
    private func result(of call: CommandCall, from input: ValueShape) -> ValueShape {
        let name = call.name.text
        guard definition(of: name) == nil, !skipped.defines(name), let declaration = session.declaration(of: call)
        else { return .unknown }
        switch declaration.result.passes {
        case .unchanged: return input
        case .elements: return input.walked
        case .gathered: return input.gathered
        case .nothing: break
        }
        let words = call.arguments.map(\.constantText)
        // An option may change what the command gives.
        guard !words.contains(where: { $0?.hasPrefix("-") ?? true }) else { return .unknown }
        let isOther = declaration.name != name
        let source = isOther ? "\(name) \(words.compactMap { $0 }.first ?? "")" : name
        return ValueShape(declaration.result, of: RecordShape(declaration, source: source))
    }

    private mutating func warn(_ finding: FieldFlow.Finding, in text: FilterText) {
        // Of `jq '…'` with escapes in it the places are not known.
        let span = text.text.utf8.count == text.span.end - text.span.start ? text.span.part(finding.range) : text.span
        let message: String
        let help: String
        switch finding.kind {
        case .unknownField(let name, let records):
            message = "\(records.source) gives no field \(name)"
            help =
                nearest(name, in: records.names).map { "did you mean .\($0)?" }
                ?? "`help \(records.page)` lists its fields"
        case .comparison(let number, let text):
            message = "\(number) is a number and \(text) a text, which jq does not compare by their values"
            help = FieldFlow.advice(number: number, text: text)
        }
        diagnostics.append(
            Diagnostic(severity: .warning, code: "filter", message: message, span: span, help: [help]))
    }

    // MARK: Names

    private func isKnown(_ variable: String) -> Bool { blocks.contains { $0.variables[variable] != nil } }

    /// What a variable holds.
    private func shape(of variable: String) -> ValueShape {
        blocks.reversed().lazy.compactMap { $0.variables[variable] }.first ?? .unknown
    }

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
