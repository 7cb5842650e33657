import ArgumentParser
import JSON
package import Shell

/// `pwd`: the working directory.
package struct Pwd: Command {
    package static let declaration = CommandDeclaration(
        name: "pwd", category: .shell, summary: "give the working directory", result: ResultShape(.text),
        examples: [Example("pwd", "where relative paths start from")])

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try await context.emit(.string(try context.session.directory.current()))
    }
}
