package import ArgumentParser
import JSON
import Language
package import Shell

/// `help [NAME]`: the commands, or all about one.
package struct Help: Command {
    package static let declaration = CommandDeclaration(
        name: "help", category: .shell, summary: "list the commands, or tell all about one", arguments: .command,
        result: ResultShape(
            .array,
            [
                Field("Name", .text, "the command", column: "COMMAND"),
                Field("Category", .text, "what it is about", column: "ABOUT"),
                Field("Summary", .text, "what it does", column: "WHAT IT DOES"),
            ]),
        examples: [
            Example("help pull", "options, result and examples of one command"),
            Example("help grammar", "the language"),
        ])

    @Argument(help: "a command, or `grammar`") package var name: String?

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard let name else {
            let rows = context.session.commands.all.map { type in
                row(type.declaration.name, type.declaration.category.rawValue, type.declaration.summary)
            }
            let own = context.session.globals.commandNames.map { row($0, "Yours", "defined with def") }
            return try await context.emit(.array(rows + own))
        }
        context.view.shape = ResultShape(.text)
        if let type = context.session.commands[name] { return try await context.emit(.string(HelpText(type).text)) }
        if name == "grammar" { return try await context.emit(.string(Grammar.text)) }
        let near = context.session.commands.suggestion(for: name).map { "did you mean `help \($0)`?" }
        throw ShellError(.notFound, "no command \(name)", hint: near ?? "`help` lists the commands")
    }

    private func row(_ name: String, _ category: String, _ summary: String) -> JSONValue {
        ["Name": .string(name), "Category": .string(category), "Summary": .string(summary)]
    }
}
