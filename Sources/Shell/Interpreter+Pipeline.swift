import ArgumentParser
import Backend
import JSON
import Language
import Query
import Synchronization

extension Interpreter {
    /// Runs a pipeline and hands on each value of its last stage.
    func run(_ pipeline: Pipeline, output: @escaping Output) async throws {
        let view = ResultView(shape(of: pipeline.stages.last), takesText: isShown)
        try await produce(pipeline.stages[...], view: view) { value in try await output(value, view.shape) }
    }

    /// All values of a pipeline.
    func values(of pipeline: Pipeline) async throws -> [JSONValue] {
        try await values(of: pipeline.stages[...])
    }

    func values(of stages: ArraySlice<Stage>) async throws -> [JSONValue] {
        let gathered = Mutex<[JSONValue]>([])
        try await produce(stages) { value in gathered.withLock { $0.append(value) } }
        return gathered.withLock { $0 }
    }

    /// The one value of a pipeline; none is null.
    func oneValue(of pipeline: Pipeline, for name: String, span: Span) async throws -> JSONValue {
        let values = try await values(of: pipeline)
        guard values.count < 2 else {
            throw ShellError(
                .usage, "\(name) takes one value, and the pipeline gave \(values.count)",
                hint: "gather them into an array with `| collect`, or take one with `first(…)`", span: pipeline.span)
        }
        return values.first ?? .null
    }

    /// jq's truth of the last value: no value, null and false are false.
    func isTrue(_ pipeline: Pipeline) async throws -> Bool {
        try await values(of: pipeline).last?.isTruthy ?? false
    }

    private func shape(of stage: Stage?) -> ResultShape? {
        guard case .command(let call)? = stage, scope.command(call.name.text) == nil else { return nil }
        return session.commands[call.name.text]?.declaration.result
    }

    /// Runs `stages` and gives each value of the last to `emit`.
    func produce(
        _ stages: ArraySlice<Stage>, view: ResultView = ResultView(nil), emit: @escaping Emit
    ) async throws {
        guard let last = stages.last else { return }
        let before = stages.dropLast()
        switch last {
        case .filter(let text):
            let program = Program(text: text.text, span: text.span, variables: try variables(of: text))
            try await filter(program, after: before, emit: emit)
        case .explicitFilter(let explicit):
            try await self.explicit(explicit, after: before, view: view, emit: emit)
        case .command(let call):
            try await command(call, after: before, view: view, emit: emit)
        case .external(let call):
            try await external(call, after: before, emit: emit)
        }
    }

    /// jq text with the values of the variables it uses.
    struct Program: Sendable {
        let text: String
        let span: Span
        let variables: [String: JSONValue]
    }

    func filter(_ program: Program, after before: ArraySlice<Stage>, emit: @escaping Emit) async throws {
        if before.isEmpty {
            try await evaluate(program, input: head, emit: emit)
        } else {
            try await produce(before) { value in try await evaluate(program, input: value, emit: emit) }
        }
    }

    func evaluate(_ program: Program, input: JSONValue, emit: Emit) async throws {
        do {
            try await session.filters.evaluate(program.text, input: input, variables: program.variables, emit: emit)
        } catch let error as FilterError {
            // Plugins' names take reading directories: only where a name is what is wrong.
            let names = error.undefined == nil ? [] : commandNames
            throw ShellError(error, in: program.span, commands: names)
        }
    }

    var commandNames: [String] { session.commands.names + scope.commandNames + session.plugins.names }

    /// The values of the variables that a filter uses.
    func variables(of text: Language.FilterText) throws(ShellError) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for variable in text.variables where values[variable.text] == nil {
            guard let value = value(ofVariable: variable.text) else {
                let near = nearest(variable.text, in: scope.names + ["args", "last"]).map { "did you mean $\($0)?" }
                let isSet = variable.span.start == text.span.start
                throw ShellError(
                    .usage, "unknown variable $\(variable.text)",
                    hint: (isSet ? OtherShells.assignment(text.text) : nil) ?? near, span: variable.span)
            }
            values[variable.text] = value
        }
        return values
    }

    func value(ofVariable name: String) -> JSONValue? {
        if let value = scope.value(name) { return value }
        return name == "last" ? .some(session.last) : .none
    }

    // MARK: Commands

    private func command(
        _ call: CommandCall, after before: ArraySlice<Stage>, view: ResultView, emit: @escaping Emit
    ) async throws {
        if let user = scope.command(call.name.text) {
            if let block = call.block {
                throw ShellError(
                    .usage, "\(call.name.text) takes no block", hint: "a `def` has arguments and piped input",
                    command: call.name.text, span: block.span)
            }
            return try await self.user(user, call: call, after: before, view: view, emit: emit)
        }
        guard let type = session.commands[call.name.text] else {
            return try await plugin(call, after: before, view: view, emit: emit)
        }
        let program = session.readsBytes(call) ? before.last?.program : nil
        if !before.isEmpty, let (message, hint) = call.refusal(of: type.declaration.input, hasProgram: program != nil) {
            throw ShellError(.usage, message, hint: hint, command: call.name.text, span: call.name.span)
        }
        let words = try await texts(of: call.arguments)
        guard let command = try parse(type, words, call: call) else {
            view.shape = ResultShape(.text)
            return try await emit(.string(HelpText(type).text))
        }
        try refuseBlock(call, type.declaration)
        let places = CallCheck.places(words)
        let block = call.block.map { CommandBlock($0, in: self, isShown: view.takesText) }
        let perform = { @Sendable (input: ValueStream?, bytes: ByteInput?) in
            let outlet = Outlet()
            let context = CommandContext(
                session: session, input: input, bytes: bytes, block: block,
                emit: { value in try await outlet.pass { try await emit(value) } }, span: call.span, view: view)
            try await outlet.run {
                do {
                    try await command.run(context)
                } catch let error as BackendError {
                    throw ShellError(error).at(places).at(call.span, command: call.name.text)
                } catch let error as ShellError {
                    throw error.at(places).at(call.span, command: call.name.text)
                }
            }
        }
        if let program {
            return try await withBytes(of: program, after: before.dropLast()) { try await perform(nil, $0) }
        }
        try await withInput(from: before) { try await perform($0, nil) }
    }

    /// The command with its options, or nil where `--help` was among them.
    private func parse(
        _ type: any Command.Type, _ words: [(text: String, span: Span)], call: CommandCall
    ) throws(ShellError) -> (any Command)? {
        let texts = words.map(\.text)
        if let raw = type as? any RawCommand.Type { return raw.init(words: texts) }
        do {
            return try type.parse(FlagWords.rewritten(texts, for: type))
        } catch {
            if type.exitCode(for: error).isSuccess { return nil }
            let message = CallCheck.text(of: error, from: type)
            let wrong = CallCheck(call).wrongOption(CommandOptions(type))
            throw ShellError(
                .usage, wrong?.message ?? message,
                hint: wrong?.hint ?? "`help \(call.name.text)` shows its options", command: call.name.text,
                span: wrong?.span ?? CallCheck.place(in: message, of: words) ?? call.span)
        }
    }

    /// A block where the command takes none, or none where it takes one.
    private func refuseBlock(_ call: CommandCall, _ declaration: CommandDeclaration) throws(ShellError) {
        if declaration.block == .none, let block = call.block {
            throw ShellError(
                .usage, "\(call.name.text) takes no block", hint: "statements that follow it go on a line of their own",
                command: call.name.text, span: block.span)
        }
        if declaration.block == .required, call.block == nil {
            throw ShellError(
                .usage, "\(call.name.text) needs a block: \(call.name.text) … { statements }",
                hint: "`help \(call.name.text)` shows how", command: call.name.text, span: call.span)
        }
    }

    /// What a command gives, for hints; of a line of another program's what the command for it gives.
    private func result(of stage: Stage?) -> ResultShape? {
        guard case .command(let call)? = stage, scope.command(call.name.text) == nil else { return nil }
        return session.declaration(of: call)?.result
    }

    func unknownCommand(_ call: CommandCall, behind stage: Stage?) -> ShellError {
        let near = nearest(call.name.text, in: commandNames).map { "did you mean `\($0)`?" }
        return ShellError(
            .usage, "unknown command \(call.name.text)",
            hint: OtherShells.hint(call.span.text, behind: result(of: stage)) ?? near ?? "`help` lists the commands",
            span: call.name.span)
    }

    /// Runs the stages before beside `body`, which reads their values as it likes; a body that ends early stops them.
    /// What `body` was told of their failure comes out as it was, whatever `body` made of it; so does, where `body` has not
    /// failed, that one of them was cut short with work undone.
    func withInput(
        from before: ArraySlice<Stage>, _ body: @escaping @Sendable (ValueStream?) async throws -> Void
    ) async throws {
        guard !before.isEmpty else { return try await body(nil) }
        let cut = Mutex<ShellError?>(nil)
        do {
            try await feed(from: before, body) { error in cut.withLock { $0 = error } }
        } catch  where error is any QuietEnding || error is CancellationError {
            throw cut.withLock { $0 } ?? error
        }
        if let error = cut.withLock({ $0 }) { throw error }
    }

    /// The same, without what cut the stages before short, which goes to `onCut`.
    private func feed(
        from before: ArraySlice<Stage>, _ body: @escaping @Sendable (ValueStream?) async throws -> Void,
        onCut: @escaping @Sendable (ShellError) -> Void
    ) async throws {
        let channel = Channel<JSONValue>()
        let failure = Mutex<(any Error)?>(nil)
        let behind = StagesBehind(before: .current)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await StagesBehind.$current.withValue(behind) {
                        try await produce(before) { value in
                            if await channel.send(value) == false { throw StageStopped() }
                        }
                    }
                    channel.finish(.success(()))
                } catch is StageStopped {
                    channel.finish(.success(()))
                } catch {
                    if let error = error as? ShellError, error.code == .incomplete { onCut(error) }
                    channel.finish(.failure(error))
                }
            }
            defer {
                if !Task.isCancelled { behind.leave() }
                channel.close()
                group.cancelAll()
            }
            let input = ValueStream(
                {
                    do { return try await channel.next() } catch {
                        failure.withLock { $0 = error }
                        throw error
                    }
                }, stop: { channel.close() })
            do { try await body(input) } catch {
                guard let before = failure.withLock({ $0 }) else { throw error }
                // The command may have put its own failures behind what it was told.
                if let first = before as? ShellError, let told = error as? ShellError, told.code == first.code,
                    told.message == first.message
                {
                    throw told
                }
                throw before
            }
        }
    }
}
