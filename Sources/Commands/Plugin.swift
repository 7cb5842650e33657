package import ArgumentParser
import JSON
package import Shell

/// `plugin list|add|remove|info`: the commands that others made.
package struct Plugin: Command {
    package static let declaration = CommandDeclaration(
        name: "plugin", category: .shell, summary: "list, add, remove or look at plugins",
        discussion: """
            list            every plugin that is found, and what keeps one from being used
            add FILE…       copies executables and .dsh files into your plugin folder, once they told about themselves
            remove NAME…    takes them out of it
            info NAME…      asks a plugin anew and shows all that it tells about itself

            `help plugins` tells where plugins are looked for and how one is written.
            """,
        arguments: .plugin,
        result: ResultShape(
            .array,
            [
                Field("Name", .text, "the command", column: "NAME"),
                Field("Kind", .text, "program or definitions", column: "KIND"),
                Field("Version", .text, "its own; empty where it names none", column: "VERSION"),
                Field("Status", .text, "ok, or why it is not used (list); Added, Replaced, Removed", column: "STATUS"),
                Field("Summary", .text, "what it does", column: "WHAT IT DOES"),
                Field("Path", .text, "its file", column: "PATH"),
            ]),
        examples: [
            Example("plugin list", "what is there"),
            Example("plugin add ./dsh-packages", "put it into your folder, once it told about itself"),
            Example("plugin remove packages --dry-run", "what would be taken out again"),
        ])

    package enum Action: String, CaseIterable, ExpressibleByArgument, Sendable {
        case list, add, remove, info
    }

    @Argument(help: "list, add, remove or info") package var action: Action = .list
    @Argument(help: "files to add, or names") package var names: [String] = []
    @Flag(help: "add: link to the file instead of copying it") package var link = false
    @Flag(help: "add: replace a plugin that is there") package var force = false
    @Flag(help: "add, remove: change nothing, and say what would be changed") package var dryRun = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let plugins = context.session.plugins
        if action != .list, names.isEmpty {
            throw ShellError(
                .usage, "plugin \(action.rawValue) needs \(action == .add ? "a file" : "a name")",
                hint: "`help plugin` shows how")
        }
        switch action {
        case .list:
            guard names.isEmpty else {
                throw ShellError(.usage, "plugin list takes no names", hint: "`plugin info \(names[0])`?")
            }
            try await context.emit(.array(plugins.all(onPath: true).map(row)))
        case .add, .remove:
            try await change(context)
        case .info:
            context.view.shape = ResultShape(.object)
            for name in names {
                let (file, metadata) = try await plugins.ask(name)
                var object: JSONObject = [
                    "Name": .string(name), "Kind": .string(file.kind.rawValue), "Path": .string(file.path),
                ]
                for (key, value) in metadata.details { object[key] = value }
                try await context.emit(.object(object))
            }
        }
    }

    /// Adds or removes each; a failed one does not stop the others.
    private func change(_ context: CommandContext) async throws {
        let plugins = context.session.plugins
        var rows: [JSONValue] = []
        var failures: [ShellError] = []
        for name in names {
            do {
                let change =
                    action == .add
                    ? try await plugins.add(name, link: link, force: force, dryRun: dryRun, session: context.session)
                    : try plugins.remove(name, dryRun: dryRun)
                rows += change.names.map { row($0, change) }
            } catch let error as ShellError {
                failures.append(error)
            }
        }
        if !rows.isEmpty || failures.isEmpty { try await context.emit(.array(rows)) }
        if var first = failures.first {
            first.others += failures.dropFirst()
            throw first
        }
    }

    private func row(_ name: String, _ change: PluginChange) -> JSONValue {
        let metadata = change.metadata.first { $0.name == name }
        return [
            "Name": .string(name), "Kind": .string(change.kind.rawValue),
            "Version": .string(metadata?.version ?? ""), "Status": .string(change.action.rawValue),
            "Summary": .string(metadata?.declaration.summary ?? ""), "Path": .string(change.path),
        ]
    }

    private func row(_ plugin: PluginListing) -> JSONValue {
        [
            "Name": .string(plugin.name), "Kind": .string(plugin.file.kind.rawValue),
            "Version": .string(plugin.metadata?.version ?? ""), "Status": .string(status(of: plugin)),
            "Summary": .string(plugin.metadata?.declaration.summary ?? ""), "Path": .string(plugin.file.path),
        ]
    }

    private func status(of plugin: PluginListing) -> String {
        if let danger = plugin.file.danger { return "not used: \(danger)" }
        if !plugin.isAllowed { return "not used: dsh or jq has that word" }
        if plugin.isShadowed { return "not used: another comes before it" }
        if plugin.metadata != nil { return "ok" }
        return plugin.file.kind == .program ? "not asked yet" : "not used: it defines no command"
    }
}

extension PluginMetadata {
    /// All that a plugin tells about itself, in the names that results have.
    fileprivate var details: JSONObject {
        let declaration = declaration
        let parts: (Bool) -> JSONValue = { wantsOptions in
            .array(
                parameters.filter { $0.isOption == wantsOptions }.map { parameter in
                    [
                        "Name": .string(parameter.name), "Short": .string(parameter.short.map(String.init) ?? ""),
                        "Kind": .string(parameter.kind.rawValue), "Summary": .string(parameter.summary),
                        "Required": .bool(parameter.isRequired), "Repeats": .bool(parameter.repeats),
                        "Choices": .array(parameter.choices.map(JSONValue.string)), "Default": parameter.defaultValue,
                    ]
                })
        }
        let input =
            switch declaration.input {
            case .nothing: "nothing"
            case .references: "references"
            case .values: "values"
            case .bytes: "bytes"
            }
        return [
            "Version": .string(version), "Summary": .string(declaration.summary),
            "Discussion": .string(declaration.discussion), "Input": .string(input), "Arguments": parts(false),
            "Options": parts(true), "Result": .string(declaration.result.kind.rawValue),
            "Fields": .array(
                declaration.result.fields.map {
                    ["Name": .string($0.name), "Kind": .string($0.kind.rawValue), "Summary": .string($0.summary)]
                }),
            "Examples": .array(
                declaration.examples.map { ["Line": .string($0.line), "Note": .string($0.note)] }),
        ]
    }
}
