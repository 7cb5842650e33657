package import JSON
package import Language
import Synchronization

/// Runs the syntax tree: statements here, pipelines and words in the files beside this one.
package struct Interpreter: Sendable {
    package let session: Session
    let scope: Scope
    /// `.` at the head of a pipeline: the prompt's last result, what was piped into a `def`, else null.
    let head: JSONValue
    /// How many `def`s are being run inside each other.
    let depth: Int
    /// The files that `source` is taking in, outermost first.
    let files: [String]
    /// Whether what its statements give is shown, and not taken by a stage, a variable or a loop.
    let isShown: Bool

    /// Takes each value of a pipeline statement, with the shape of the command that ended it.
    package typealias Output = @Sendable (JSONValue, ResultShape?) async throws -> Void

    /// Deeper than this a `def` surely calls itself without end.
    static let maximumDepth = 200

    package init(session: Session) {
        self.init(session: session, scope: session.globals, head: session.last, depth: 0, files: [], isShown: true)
    }

    init(
        session: Session, scope: Scope, head: JSONValue, depth: Int, files: [String], isShown: Bool = false
    ) {
        self.session = session
        self.scope = scope
        self.head = head
        self.depth = depth
        self.files = files
        self.isShown = isShown
    }

    func inside(_ scope: Scope) -> Interpreter {
        Interpreter(session: session, scope: scope, head: head, depth: depth, files: files, isShown: isShown)
    }

    /// Runs a parsed script. Filters that it holds must have been handed to `session.filters` before.
    ///
    /// Throws `ShellError`, or `ScriptExit` for `exit`.
    package func run(_ script: Script, output: @escaping Output) async throws {
        do {
            try await run(script.statements, output: output)
        } catch let flow as ControlFlow {
            switch flow {
            case .return: return
            case .exit(let status): throw ScriptExit(status: status)
            // Those that ScriptRules cannot see: in a command's block that is no loop.
            case .break(let span), .continue(let span):
                throw ShellError(.syntax, "\(span.text) outside a loop", span: span)
            }
        }
    }

    func run(_ statements: [Statement], output: @escaping Output) async throws {
        for case .def(let definition) in statements {
            scope.define(UserCommand(definition: definition, scope: scope))
        }
        for statement in statements {
            try Task.checkCancellation()
            try await run(statement, output: output)
        }
    }

    private func run(_ statement: Statement, output: @escaping Output) async throws {
        switch statement {
        case .pipeline(let pipeline):
            try await run(pipeline, output: output)
        case .let(let name, let pipeline, let span):
            scope.assign(name.text, try await oneValue(of: pipeline, for: name.text, span: span))
        case .if(let clauses, let otherwise, _):
            for clause in clauses where try await isTrue(clause.condition) {
                return try await block(clause.body, output: output)
            }
            if let otherwise { try await block(otherwise, output: output) }
        case .for(let name, let values, let parallel, let body, _):
            let loop = Loop(values: values, name: name.text, body: body)
            if let parallel {
                try await run(loop, parallel, output: output)
            } else {
                try await run(loop, output: output)
            }
        case .while(let condition, let body, _):
            while try await isTrue(condition) {
                try Task.checkCancellation()
                if try await turn(body, in: Scope(parent: scope), output: output) == false { break }
            }
        case .break(let span): throw ControlFlow.break(span)
        case .continue(let span): throw ControlFlow.continue(span)
        case .def, .params, .filter: break  // taken up before the first statement ran
        case .try(let body, let handler, _):
            try await attempt(body, handler: handler, output: output)
        case .assert(let condition, let message, let span):
            if try await isTrue(condition) == false {
                let words = if let message { try await text(of: message) } else { "assertion failed" }
                throw ShellError(.failed, words, span: condition.span.isEmpty ? span : condition.span)
            }
        case .fail(let message, let span):
            throw ShellError(.failed, try await text(of: message), span: span)
        case .return(let pipeline, _):
            if let pipeline { try await run(pipeline, output: output) }
            throw ControlFlow.return
        case .exit(let pipeline, let span):
            throw ControlFlow.exit(try await exitStatus(pipeline, span: span))
        case .source(let path, let span):
            try await source(try await text(of: path), span: span, output: output)
        }
    }

    private func block(_ block: Block, output: @escaping Output) async throws {
        try await inside(Scope(parent: scope)).run(block.statements, output: output)
    }

    /// One turn of a loop; false when it was the last, by `break`.
    func turn(_ body: Block, in scope: Scope, output: @escaping Output) async throws -> Bool {
        do {
            try await inside(scope).run(body.statements, output: output)
            return true
        } catch ControlFlow.break {
            return false
        } catch ControlFlow.continue {
            return true
        }
    }

    /// `for NAME in (values) { body }`
    struct Loop: Sendable {
        let values: Pipeline
        let name: String
        let body: Block
    }

    /// Runs the body for each value as it comes, so that the values may be without end; an array is walked.
    private func run(_ loop: Loop, output: @escaping Output) async throws {
        let outlet = Outlet()
        do {
            try await outlet.run {
                try await produce(loop.values.stages[...]) { value in
                    try await outlet.pass {
                        for item in value.arrayValue ?? [value] {
                            try Task.checkCancellation()
                            let scope = Scope(parent: scope)
                            scope.declare(loop.name, item)
                            if try await turn(loop.body, in: scope, output: output) == false { throw LoopEnded() }
                        }
                    }
                }
            }
        } catch is LoopEnded {}
    }

    private func attempt(_ body: Block, handler: CatchClause?, output: @escaping Output) async throws {
        let outlet = Outlet()
        let caught = Mutex<ShellError?>(nil)
        try await outlet.run {
            do {
                try await block(body) { value, shape in try await outlet.pass { try await output(value, shape) } }
            } catch let error as ShellError where error.isCatchable {
                // What ended it is behind this block.
                if error.code == .incomplete, outlet.hasFailed || Task.isCancelled { throw error }
                // A signal may show as whatever it broke off.
                try Task.checkCancellation()
                caught.withLock { $0 = error }
            }
        }
        guard let error = caught.withLock({ $0 }), let handler else { return }
        let scope = Scope(parent: scope)
        if let name = handler.name { scope.declare(name.text, error.json) }
        try await inside(scope).run(handler.body.statements, output: output)
    }

    private func exitStatus(_ pipeline: Pipeline?, span: Span) async throws -> Int32 {
        guard let pipeline else { return 0 }
        let value = try await oneValue(of: pipeline, for: "exit", span: span)
        guard let number = value.intValue, (0...255).contains(number) else {
            throw ShellError(.usage, "exit takes a number from 0 to 255, not \(value.compact.prefix(80))", span: span)
        }
        return Int32(number)
    }
}

/// `break`, on its way up through the stages that make a loop's values.
private struct LoopEnded: QuietEnding {}

/// What ends blocks other than an error.
enum ControlFlow: Error {
    case `break`(Span)
    case `continue`(Span)
    case `return`
    case exit(Int32)
}

/// A script's own end with a status, by `exit`.
package struct ScriptExit: Error, Sendable {
    package let status: Int32
    package init(status: Int32) { self.status = status }
}
