package import JSON
import Language

/// The block behind a command's words, ready to be run where it stands: it sees the variables around it.
package struct CommandBlock: Sendable {
    private let block: Block
    private let interpreter: Interpreter
    /// Whether what it gives is shown where the command hands it on.
    private let isShown: Bool

    init(_ block: Block, in interpreter: Interpreter, isShown: Bool) {
        self.block = block
        self.interpreter = interpreter
        self.isShown = isShown
    }

    /// Runs the block once and hands each of its values, with the shape it has, to `output`. `input` is `.` at the head
    /// of its pipelines; without one that is what it is around the block.
    package func run(on input: JSONValue? = nil, output: @escaping Interpreter.Output) async throws {
        let inner = Interpreter(
            session: interpreter.session, scope: Scope(parent: interpreter.scope),
            head: input ?? interpreter.head, depth: interpreter.depth, files: interpreter.files,
            isShown: isShown)
        try await inner.run(block.statements, output: output)
    }

    /// The same as one turn of a loop, which `continue` ends; false where `break` ended the loop.
    package func turn(on input: JSONValue? = nil, output: @escaping Interpreter.Output) async throws -> Bool {
        do {
            try await run(on: input, output: output)
            return true
        } catch ControlFlow.break {
            return false
        } catch ControlFlow.continue {
            return true
        }
    }
}
