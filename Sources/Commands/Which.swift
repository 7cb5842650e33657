package import ArgumentParser
import Glibc
import JSON
import Language
import Query
package import Shell

/// `which NAME`: what a word means.
package struct Which: Command {
    package static let declaration = CommandDeclaration(
        name: "which", category: .shell,
        summary: "tell what a word means: a command, a def, a plugin, a jq function, a program",
        discussion: "All that a word could mean, what the start of a stage takes first. Programs are run with `!`.",
        arguments: .command,
        result: ResultShape(
            .array,
            [
                Field("Name", .text, "the word", column: "NAME"),
                Field("Kind", .text, "def, command, plugin, jq (a function of filters) or program", column: "KIND"),
                Field("Place", .text, "file:line of a def, path of a plugin or program; null else", column: "PLACE"),
                Field("Summary", .text, "what it does, where that is known", column: "WHAT IT DOES"),
            ]),
        examples: [
            Example("which images", "a command"),
            Example("which map sh", "a function of jq, and a program for `!`"),
        ])

    @Argument(help: "words to look up") package var name: [String]

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let functions = try Which.functions()
        var rows: [JSONValue] = []
        var failures: [ShellError] = []
        for word in name {
            let found = meanings(of: word, functions, context.session)
            rows += found
            if found.isEmpty {
                let known =
                    context.session.commands.names + context.session.globals.commandNames + functions.keys
                    + context.session.plugins.names
                let near = nearest(word, in: known).map { "did you mean \($0)?" }
                failures.append(ShellError(.notFound, "\(word) means nothing here", hint: near))
            }
        }
        if !rows.isEmpty { try await context.emit(.array(rows)) }
        if var first = failures.first {
            first.others = Array(failures.dropFirst())
            throw first
        }
    }

    private func meanings(of word: String, _ functions: [String: [Int]], _ session: Session) -> [JSONValue] {
        var rows: [JSONValue] = []
        if let own = session.globals.command(word) {
            rows.append(row(word, "def", own.place, own.definition.documentation))
        }
        if let type = session.commands[word] { rows.append(row(word, "command", nil, type.declaration.summary)) }
        if let plugin = session.plugins.locate(word) {
            let summary = session.plugins.knownMetadata(word)?.declaration.summary
            rows.append(row(word, "plugin", plugin.path, summary))
        }
        if let function = Prelude[word] {
            rows.append(row(word, "jq", nil, function.forms.joined(separator: ", ") + ": " + function.summary))
        } else if let counts = functions[word] {
            let forms = counts.sorted().map { count in
                count == 0 ? word : word + "(" + (0..<count).map { _ in "f" }.joined(separator: "; ") + ")"
            }
            rows.append(row(word, "jq", nil, forms.joined(separator: ", ")))
        }
        if let path = program(word, session.environment["PATH"] ?? "") { rows.append(row(word, "program", path, nil)) }
        return rows
    }

    private func row(_ name: String, _ kind: String, _ place: String?, _ summary: String?) -> JSONValue {
        [
            "Name": .string(name), "Kind": .string(kind), "Place": place.map(JSONValue.string) ?? .null,
            "Summary": summary.map(JSONValue.string) ?? .null,
        ]
    }

    /// jq's functions and how many arguments they take.
    private static func functions() throws(ShellError) -> [String: [Int]] {
        var functions: [String: [Int]] = [:]
        do throws(FilterError) {
            for value in try Filter("builtins | .[]").outputs(.null) {
                let parts = (value.stringValue ?? "").split(separator: "/")
                guard parts.count == 2, let count = Int(parts[1]) else { continue }
                functions[String(parts[0]), default: []].append(count)
            }
        } catch {
            throw ShellError(ShellError.Code(rawValue: error.code.rawValue), error.message)
        }
        return functions
    }

    private func program(_ word: String, _ path: String) -> String? {
        guard !word.isEmpty, !word.contains("/") else { return nil }
        for directory in path.split(separator: ":") {
            let file = "\(directory)/\(word)"
            var status = stat()
            if stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(file, X_OK) == 0 { return file }
        }
        return nil
    }
}
