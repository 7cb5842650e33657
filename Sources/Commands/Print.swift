package import ArgumentParser
import JSON
package import Shell

/// `print WORD…`, `… | print`: tells people something, beside the result.
package struct Print: Command {
    package static let declaration = CommandDeclaration(
        name: "print", category: .shell, summary: "tell people something at once, on standard error",
        discussion: """
            For progress and remarks: what is printed is never part of a result, also inside `let`, `$( … )` and a `def`.
            Values from the pipe are shown, texts as they are and all else as JSON, and handed on.
            """,
        arguments: .text, input: .values, result: ResultShape(.any, passes: .unchanged),
        examples: [
            Example("print looking at all images", "a remark"),
            Example("images | map(.Size) | print | add", "a look into a pipeline"),
        ])

    @Argument(parsing: .captureForPassthrough, help: "words, options too") package var word: [String] = []

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let console = context.session.console
        if !word.isEmpty || context.input == nil { console.tell(word.joined(separator: " ")) }
        while let value = try await context.input?.next() {
            console.tell(value.stringValue ?? value.compact)
            try await context.emit(value)
        }
    }
}
