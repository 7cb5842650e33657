package import ArgumentParser
import JSON
import Language
import Query
package import Shell

/// `help [NAME]`: the commands, or all about one.
package struct Help: Command {
    package static let declaration = CommandDeclaration(
        name: "help", category: .shell, summary: "list the commands, or tell all about one, or about a function",
        arguments: .command,
        result: ResultShape(
            .array,
            [
                Field("Name", .text, "the command", column: "COMMAND"),
                Field("Category", .text, "what it is about", column: "ABOUT"),
                Field("Summary", .text, "what it does", column: "WHAT IT DOES"),
            ]),
        examples: [
            Example("help pull", "options, result and examples of one command"),
            Example("help language", "the language, whole and exact"),
            Example("help functions", "the jq functions that dsh adds; `help ago` is one of them"),
        ])

    /// Pages that are about no command.
    package static let topics = ["functions", "grammar", "language", "plugins"]

    @Argument(help: "a command, a function of dsh's, `language` or `functions`") package var name: String?

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard let name else {
            let rows = context.session.commands.all.map { type in
                row(type.declaration.name, type.declaration.category.rawValue, type.declaration.summary)
            }
            let globals = context.session.globals
            let own = globals.commandNames.compactMap(globals.command).map { own in
                let comment = own.definition.documentation?.split(separator: "\n").first.map(String.init)
                return row(own.name, "Yours", comment ?? "defined at \(own.place)")
            }
            let plugins = context.session.plugins.all(onPath: true).filter(\.isUsable).map { plugin in
                row(
                    plugin.name, CommandDeclaration.Category.plugins.rawValue,
                    plugin.metadata?.declaration.summary ?? "not asked yet: `help \(plugin.name)` does")
            }
            let topics = [
                row("functions", "Topics", "the jq functions that dsh adds"),
                row("language", "Topics", "the language of dsh, whole and exact"),
                row("plugins", "Topics", "how to write a plugin, and where dsh finds it"),
            ]
            return try await context.emit(.array(rows + plugins + own + topics))
        }
        if name == "functions" {
            let rows = Prelude.all.flatMap { function in
                function.forms.map { row($0, function.category.rawValue, function.summary) }
            }
            return try await context.emit(.array(rows))
        }
        context.view.shape = ResultShape(.text)
        if let own = context.session.globals.command(name) { return try await context.emit(.string(own.help)) }
        if let type = context.session.commands[name] { return try await context.emit(.string(HelpText(type).text)) }
        if name == "grammar" || name == "language" { return try await context.emit(.string(Grammar.text)) }
        if name == "plugins" { return try await context.emit(.string(PluginGuide.text)) }
        if let lines = Grammar.statement(name) {
            return try await context.emit(
                .string("\(name) is part of the language:\n\n\(lines)\n\n`help language` tells all of it."))
        }
        if let function = Prelude[name] { return try await context.emit(.string(function.help)) }
        if let plugin = try await context.session.plugins.metadata(name) {
            return try await context.emit(.string(plugin.help))
        }
        let near = context.session.commands.suggestion(
            for: name,
            among: Prelude.all.map(\.name) + Help.topics + context.session.plugins.names
                + context.session.globals.commandNames)
        throw ShellError(
            .notFound, "no command or function \(name)",
            hint: near.map { "did you mean `help \($0)`?" }
                ?? "`help` lists the commands, `help functions` the functions")
    }

    private func row(_ name: String, _ category: String, _ summary: String) -> JSONValue {
        ["Name": .string(name), "Category": .string(category), "Summary": .string(summary)]
    }
}
