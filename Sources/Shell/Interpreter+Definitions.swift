import JSON
import Language

// Calls of commands that scripts define.
extension Interpreter {
    /// Runs a `def`'s body, once for each value piped in; once with null where nothing is.
    func user(
        _ user: UserCommand, call: CommandCall, after before: ArraySlice<Stage>, view: ResultView,
        emit: @escaping Emit
    ) async throws {
        guard depth < Interpreter.maximumDepth else {
            throw ShellError(
                .failed, "\(user.name) calls itself more than \(Interpreter.maximumDepth) levels deep",
                hint: "look for the call that should end it, or use a loop", command: user.name, span: call.span)
        }
        let definition = user.definition
        let arguments = try await arguments(of: call.arguments)
        if ParameterHelp.isWanted(arguments.map(\.bareText), definition.parameters) {
            view.shape = ResultShape(.text)
            return try await emit(.string(user.help))
        }
        let binding: ParameterBinding
        do {
            binding = try ParameterBinding(definition.parameters, arguments: arguments, command: user.name)
        } catch {
            throw error.at(call.span, command: user.name)
        }
        if before.isEmpty { return try await body(of: user, binding, input: .null, call: call, view: view, emit: emit) }
        try await produce(before) { value in
            try await body(of: user, binding, input: value, call: call, view: view, emit: emit)
        }
    }

    private func body(
        of user: UserCommand, _ binding: ParameterBinding, input: JSONValue, call: CommandCall,
        view: ResultView, emit: @escaping Emit
    ) async throws {
        let inner = Interpreter(
            session: session, scope: Scope(parent: user.scope, isBoundary: true), head: input, depth: depth + 1,
            files: files, isShown: view.takesText)
        try await inner.bind(binding, span: call.span, command: user.name)
        do {
            try await inner.run(user.definition.body.statements) { value, shape in
                view.shape = shape?.kind == .verbatim || shape?.isRemembered == true ? shape : nil
                try await emit(value)
            }
        } catch ControlFlow.return {
            return
        } catch var error as ShellError {
            if let hint = user.numberHint(for: error, call: call) { error.hint = hint }
            throw error
        }
    }

    /// Declares the parameters, defaults last so that they may use those before them.
    func bind(_ binding: ParameterBinding, span: Span, command: String) async throws {
        for (name, value) in binding.values { scope.declare(name, value) }
        for parameter in binding.missing {
            guard let word = parameter.defaultValue else {
                if parameter.kind == .option {
                    scope.declare(parameter.variableName, .null)
                    continue
                }
                throw ShellError(
                    .usage, "\(command) needs \(parameter.name.text)", hint: binding.adviceForMissing,
                    command: command, span: span)
            }
            scope.declare(parameter.variableName, try await value(of: word))
        }
    }
}
