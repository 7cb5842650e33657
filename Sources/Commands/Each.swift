import ArgumentParser
import JSON
package import Shell

/// `… | each { … }`: runs a block for each value.
package struct Each: Command {
    package static let declaration = CommandDeclaration(
        name: "each", category: .shell, summary: "run a block for each value from the pipe",
        discussion: """
            The value is `.` at the head of the block's pipelines; an array is walked, as `for` does. What the block's
            statements give is handed on as it comes. `continue` goes on with the next value, `break` takes no more.
            """,
        input: .values, block: .required, result: ResultShape(.any),
        examples: [
            Example("images | each { history (.Reference) | {Steps: length} }", "a command for every image"),
            Example("1, 2, 3 | each { if (. == 2) { continue }; . * 10 }", "leave one out"),
        ])

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard let input = context.input, let block = context.block else {
            throw ShellError(
                .usage, "each needs values from the pipe", hint: "as in `images | each { … }`; `for` takes them by name"
            )
        }
        while let value = try await input.next() {
            for item in value.arrayValue ?? [value] {
                try Task.checkCancellation()
                let goesOn = try await block.turn(on: item) { value, shape in
                    context.view.shape = shape
                    try await context.emit(value)
                }
                if !goesOn { return }
            }
        }
    }
}
