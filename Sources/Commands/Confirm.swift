package import ArgumentParser
import JSON
package import Shell

/// `confirm QUESTION`: asks the person at the terminal.
package struct Confirm: Command {
    package static let declaration = CommandDeclaration(
        name: "confirm", category: .shell, summary: "ask at the terminal, and give true for yes",
        discussion: """
            Only y and yes mean yes. In a pipe it hands on what comes in where the answer is yes, and nothing where it is
            no. It asks the terminal also where standard input is a file; without any terminal it fails, unless --yes
            is given.
            """,
        arguments: .text, input: .values, result: ResultShape(.any),
        examples: [
            Example("if (confirm --yes 'Remove all?') { images | rmi --dry-run }", "before something is done"),
            Example("images ci/* | confirm --yes 'Remove these?' | rmi --dry-run", "in a pipeline"),
        ])

    @Argument(help: "what to ask") package var question: [String] = []
    @Flag(name: [.short, .long], help: "do not ask: the answer is yes") package var yes = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        var values: [JSONValue] = []
        while let value = try await context.input?.next() { values.append(value) }
        let answer = yes ? true : try await ask(context.session.console)
        guard context.input != nil else { return try await context.emit(.bool(answer)) }
        if answer { for value in values { try await context.emit(value) } }
    }

    private func ask(_ console: any Console) async throws -> Bool {
        let text = question.isEmpty ? "Go on?" : question.joined(separator: " ")
        do {
            let answer = try await console.ask(text + " [y/N] ") ?? ""
            return ["y", "yes"].contains(answer.lowercased().filter { !$0.isWhitespace })
        } catch var error as ShellError where error.code == .unsupported {
            error.hint = "--yes answers beforehand"
            throw error
        }
    }
}
