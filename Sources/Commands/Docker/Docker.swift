package import ArgumentParser
import Backend
import JSON
package import Shell

/// `docker …`: a line of Docker's client.
package struct Docker: RawCommand {
    package static let declaration = CommandDeclaration(
        name: "docker", category: .images, summary: "run a line of Docker's client: its output, errors and exit status",
        discussion: """
            Where the line's result is shown, or goes to a program by `| !`, it is Docker's text byte for byte. Piped on into
            anything else, or kept, it is the value that the command without `docker` gives: `docker inspect nginx | jq
            '.[0].Config'`. With an output format asked for (dsh -o json) it is that value, too.

            Words are quoted as sh has it, so that lines may be pasted: in "…" only $, `, \\ and " are special, and \\t is
            Docker's own. Lines that are about containers, volumes and networks are out of reach.
            """,
        arguments: .text, input: .references, result: ResultShape(.any),
        examples: [
            Example("docker images --format 'table {{.Repository}}\\t{{.Size}}'", "Docker's own table"),
            Example("docker inspect nginx | jq '.[0].Config.Env'", "piped on: values"),
            Example("docker images | map(.Size) | add", "bytes, not words"),
        ])

    @Argument(parsing: .captureForPassthrough, help: "what stands behind docker") package var words: [String] = []
    /// The words themselves: ArgumentParser, which knows `words` for help, never reads them.
    private var line: [String] = []
    private enum CodingKeys: CodingKey { case words }

    package init() {}

    package init(words: [String]) { line = words }

    package static func mistake(
        in words: [String?], hasInput: Bool, environment: [String: String]
    ) -> WordMistake? {
        DockerCheck.mistake(in: words, hasInput: hasInput, environment: environment)
    }

    package static func standsFor(_ words: [String?], environment: [String: String]) -> String? {
        DockerCheck.standsFor(words, environment: environment)
    }

    package static func readsBytes(_ words: [String?], environment: [String: String]) -> Bool {
        DockerCheck.readsBytes(words, environment: environment)
    }

    package func run(_ context: CommandContext) async throws {
        let format = context.session.settings["output"]
        let takesText = context.view.takesText && ["auto", "raw"].contains(format)
        switch try DockerLine.read(line, context.session) {
        case .help(let text): try await show(text, takesText, context)
        case .usage(let text):
            if takesText { context.session.console.write(text) } else { try await show(text, false, context) }
        case .run(let command, let path, var line):
            line.arguments = try await context.references(line.arguments)
            try DockerLine.check(line, of: command, path: path)
            if !takesText, let plain = try command.plain(line), let name = plain.first,
                let type = context.session.commands[name]
            {
                return try await run(type, Array(plain.dropFirst()), command, line, context)
            }
            let call = DockerCall(
                name: "docker \(path)", words: line, context: takesText ? context : Docker.taking(context, of: line))
            do { try await command.run(call) } catch let error as BackendError { throw command.failure(error, line) }
            if takesText, context.session.remembersResults { try await remember(call, command) }
        }
    }

    /// Hands the prompt the values of what was shown.
    private func remember(_ call: DockerCall, _ command: DockerCommand) async throws {
        let context = call.context
        let repeated =
            call.meaning.hasValues || !command.isRepeatable ? nil : (try? command.plain(call.words)).flatMap { $0 }
        if let plain = repeated, let name = plain.first, let type = context.session.commands[name],
            let again = try? type.parse(FlagWords.rewritten(Array(plain.dropFirst()), for: type))
        {
            let quiet = CommandContext(
                session: context.session, input: nil, emit: { call.meaning.add($0) }, span: context.span,
                view: ResultView(nil))
            // Where it fails now, the text is what there is.
            do { try await again.run(quiet) } catch { try Task.checkCancellation() }
        }
        try await remember(call.meaning.values, context)
    }

    private func remember(_ values: [JSONValue], _ context: CommandContext) async throws {
        guard context.session.remembersResults else { return }
        var shape = ResultShape(.any)
        shape.isRemembered = true
        context.view.shape = shape
        for value in values { try await context.emit(value) }
    }

    /// What `--format '{{json …}}'` made a text of, for `| jq`: an object or array is taken as what it is.
    private static func parsed(_ value: JSONValue) -> JSONValue {
        guard let text = value.stringValue, let first = text.utf8.first,
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return value }
        return (try? JSONValue.parse(Array(text.utf8))) ?? value
    }

    /// The context of a line whose text goes to other stages: what it writes as JSON goes there as values.
    private static func taking(_ context: CommandContext, of line: DockerWords) -> CommandContext {
        guard line.writesJSON else { return context }
        context.view.shape = ResultShape(.any)
        return CommandContext(
            session: context.session, input: context.input, bytes: context.bytes,
            emit: { value in
                guard let text = value.stringValue else { return try await context.emit(value) }
                for line in text.split(separator: "\n") { try await context.emit(parsed(.string(String(line)))) }
            }, span: context.span, view: ResultView(nil))
    }

    private func show(_ text: String, _ takesText: Bool, _ context: CommandContext) async throws {
        context.view.shape = ResultShape(takesText ? .verbatim : .text)
        try await context.emit(.string(text))
        if takesText { try await remember([.string(text)], context) }
    }

    /// The dsh command that gives the same as values; its failures are worded as Docker's.
    private func run(
        _ type: any Command.Type, _ words: [String], _ command: DockerCommand, _ line: DockerWords,
        _ context: CommandContext
    ) async throws {
        context.view.shape = type.declaration.result
        let plain: any Command
        do {
            plain = try type.parse(FlagWords.rewritten(words, for: type))
        } catch {
            throw ShellError(.unsupported, CallCheck.text(of: error, from: type), hint: "docker has it, dsh has not")
        }
        let writesJSON = line.writesJSON
        let quiet = CommandContext(
            session: context.session, input: nil, bytes: context.bytes,
            emit: { value in try await context.emit(writesJSON ? Docker.parsed(value) : value) }, span: context.span,
            view: context.view)
        do {
            try await plain.run(quiet)
        } catch let error as BackendError {
            throw command.failure(error, line)
        } catch let error as ShellError {
            throw BackendError(error).map { command.failure($0, line) } ?? error
        }
    }
}
