package import ArgumentParser
import JSON
package import Shell

/// `echo WORD…`: gives a text.
package struct Echo: Command {
    package static let declaration = CommandDeclaration(
        name: "echo", category: .shell, summary: "give its words as one text, a blank between them",
        discussion: "The text is a value like any other. To tell people something beside the result, use `print`.",
        arguments: .text, result: ResultShape(.text),
        examples: [
            Example(#"let n = images | length; echo "\($n) images""#, "a text made of values"),
            Example("echo nginx:1.25 alpine:3.19 | split(\" \")", "on into a filter"),
        ])

    @Argument(parsing: .captureForPassthrough, help: "words, options too") package var word: [String] = []

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try await context.emit(.string(word.joined(separator: " ")))
    }
}
