import JSON
import Language
import Synchronization

extension Interpreter {
    /// How much of a `def`'s depth a plugin takes that runs pipelines which call plugins: each is a process.
    private static let pluginDepth = 20
    /// A pipeline that a plugin asks for gives no more values than this.
    private static let maximumAnswers = 100_000

    /// Runs a call of a plugin. Throws a usage error where there is none of that name.
    func plugin(
        _ call: CommandCall, after before: ArraySlice<Stage>, view: ResultView, emit: @escaping Emit
    ) async throws {
        let name = call.name.text
        do {
            if let block = call.block, session.plugins.contains(name) {
                throw ShellError(.usage, "\(name) takes no block", span: block.span)
            }
            guard let file = session.plugins.locate(name),
                let metadata = try await session.plugins.metadata(name, of: file)
            else { throw unknownCommand(call, behind: before.last) }
            view.shape = metadata.declaration.result
            switch file.kind {
            case .definitions:
                if Interpreter.asksHelp(call) {
                    view.shape = ResultShape(.text)
                    return try await emit(.string(metadata.help))
                }
                let scope = try await session.plugins.scope(of: file, session: session)
                guard let definition = scope.command(name) else { throw unknownCommand(call, behind: before.last) }
                try await user(definition, call: call, after: before, view: view, emit: emit)
            case .program:
                let program = ProgramPlugin(
                    file: file, metadata: metadata, version: session.plugins.version, limits: session.plugins.limits)
                try await self.program(program, call, after: before, view: view, emit: emit)
            }
        } catch let error as ShellError {
            throw error.at(call.span, command: name)
        }
    }

    private static func asksHelp(_ call: CommandCall) -> Bool {
        call.arguments.map(\.bareText).prefix { $0 != "--" }.contains("--help")
    }

    private func program(
        _ plugin: ProgramPlugin, _ call: CommandCall, after before: ArraySlice<Stage>, view: ResultView,
        emit: @escaping Emit
    ) async throws {
        let declaration = plugin.metadata.declaration
        if !before.isEmpty, declaration.input == .nothing {
            throw ShellError(
                .usage, "\(declaration.name) takes nothing from the pipe", hint: "put it first", span: call.name.span)
        }
        let words = try await arguments(of: call.arguments)
        let arguments: PluginArguments
        do {
            arguments = try PluginArguments(plugin.metadata, words: words, hasInput: !before.isEmpty)
        } catch {
            // The caret goes below the option that is wrong, where one is.
            throw CallCheck(call).wrongOption(plugin.metadata.options).map { error.at($0.span) } ?? error
        }
        if arguments.asksHelp {
            view.shape = ResultShape(.text)
            return try await emit(.string(plugin.metadata.help))
        }
        guard depth + Interpreter.pluginDepth < Interpreter.maximumDepth else {
            throw ShellError(.failed, "\(declaration.name) calls itself through pipelines without end")
        }
        try plugin.file.requireSafe(declaration.name)
        var message: JSONObject = ["type": "call", "name": .string(declaration.name)]
        for (key, value) in arguments.message { message[key] = value }
        message["input"] = .bool(!before.isEmpty)
        message["store"] = session.plugins.store.map(JSONValue.string) ?? .null
        let conversation = try PluginCall(plugin, display: session.plugins.makeDisplay())
        let request = message
        try await withInput(from: before) { input in
            let values = declaration.input == .references ? input.map(Interpreter.references) : input
            let outlet = Outlet()
            try await outlet.run {
                try await conversation.run(
                    request, input: values, emit: { value in try await outlet.pass { try await emit(value) } },
                    answer: answer)
            }
        }
    }

    /// The references that a stream's values stand for, each as a text.
    private static func references(_ values: ValueStream) -> ValueStream {
        // The next one last.
        let waiting = Mutex<[String]>([])
        return ValueStream(
            {
                while true {
                    if let next = waiting.withLock({ $0.popLast() }) { return .string(next) }
                    guard let value = try await values.next() else { return nil }
                    var texts: [String] = []
                    try ArgumentText.append(value, to: &texts)
                    texts.reverse()
                    let reversed = texts
                    waiting.withLock { $0 = reversed }
                }
            }, stop: values.stop)
    }

    /// What a pipeline gives that a plugin asks for, run in a scope of its own with the plugin's variables.
    private func answer(_ request: PluginRequest) async throws -> [JSONValue] {
        let scope = Scope()
        for (name, value) in request.variables { scope.declare(name, value) }
        let script = try ScriptLoader(session: session).load(Source(name: "<plugin>", text: request.pipeline))
        let interpreter = Interpreter(
            session: session, scope: scope, head: .null, depth: depth + Interpreter.pluginDepth, files: [])
        let values = Mutex<[JSONValue]>([])
        do {
            try await interpreter.run(script) { value, _ in
                let count = values.withLock { values in
                    values.append(value)
                    return values.count
                }
                guard count <= Interpreter.maximumAnswers else {
                    throw ShellError(.usage, "the pipeline gives more than \(Interpreter.maximumAnswers) values")
                }
            }
        } catch is ScriptExit {}
        return values.withLock { $0 }
    }
}
