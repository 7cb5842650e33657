package import ArgumentParser
import JSON
package import Shell

/// `set [NAME [VALUE]]`: how dsh shows things. Not `Set`, which is Swift's own.
package struct SetCommand: Command {
    package static let declaration = CommandDeclaration(
        name: "set", category: .shell, summary: "list the settings, or change one",
        discussion: """
            A setting lasts to the end of the session or script; what should always hold goes into the start file, rc.dsh.
            Options of dsh's own command line, such as -o, come before the start file's settings.
            """,
        arguments: .setting,
        result: ResultShape(
            .array,
            [
                Field("Name", .text, "the setting", column: "SETTING"),
                Field("Value", .text, "what it is now", column: "VALUE"),
                Field("Values", .list, "what it may be; empty where any text will do", column: "VALUES"),
                Field("Summary", .text, "what it does", column: "WHAT IT DOES"),
            ]),
        examples: [
            Example("set", "all settings"),
            Example("set output jsonl", "one value a line"),
            Example("set prompt 'images %d>'", "a prompt of your own, with the directory in it"),
        ])

    @Argument(help: "a setting") package var name: String?
    @Argument(parsing: .captureForPassthrough, help: "its new value") package var value: [String] = []

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let settings = context.session.settings
        guard let name else {
            return try await context.emit(.array(Settings.definitions.map { row($0, settings) }))
        }
        let definition = try settings.known(name)
        if value.isEmpty { return try await context.emit(.array([row(definition, settings)])) }
        try settings.set(name, to: value.joined(separator: " "))
    }

    private func row(_ definition: Settings.Definition, _ settings: Settings) -> JSONValue {
        [
            "Name": .string(definition.name), "Value": .string(settings[definition.name]),
            "Values": .array(definition.values.map(JSONValue.string)), "Summary": .string(definition.summary),
        ]
    }
}
