import Backend
import Commands
import Glibc
import JSON
import Language
import Shell
import Terminal

/// What the doors share: a session on the local store, and how results and errors leave.
struct Doors {
    let session: Session
    let output: ResultOutput
    let evaluation = Evaluation()

    /// Throws a mistake where the store's place can be none.
    init(_ invocation: Invocation, _ environment: [String: String]) throws(UsageMistake) {
        let locations = Locations(environment)
        let settings = Settings()
        self.settings = settings
        format = invocation.format
        let output = ResultOutput(settings: settings)
        self.output = output
        let backend: LocalBackend
        do {
            backend = try LocalBackend.open(
                storePath: locations.store, environment: locations.environmentWithAbsolutePaths,
                version: Version.current,
                warn: { StandardStreams.note(SafeText.block("warning: \(SecretMask.masked($0))\n")) },
                trace: {
                    guard settings["trace"] == "on" else { return nil }
                    return { StandardStreams.note("trace: \(SafeText.line(SecretMask.masked($0)))\n") }
                })
        } catch {
            throw UsageMistake(error.message, hint: error.hint)
        }
        session = Session(
            backend: backend, registries: backend.registries, commands: Builtins.table, environment: environment,
            settings: settings, console: TerminalConsole(), bytes: StandardByteOutput(results: output),
            pullEvents: {
                settings["progress"] == "never" ? NoProgress() as any PullDisplay : PullProgress(output: output)
            },
            note: { StandardStreams.note("note: \(SafeText.block(SecretMask.masked($0)))\n") },
            counts: { name in
                settings["progress"] == "never" ? NoCount() as any CountDisplay : CountStatus(name, output: output)
            },
            plugins: PluginCatalog(
                search: PluginSearchPath(environment: environment, userDirectory: locations.plugins),
                cacheFile: locations.pluginCache, commands: Builtins.table, version: Version.current,
                store: locations.store, makeDisplay: { PluginStatus(showsProgress: settings["progress"] != "never") }))
        self.arguments = invocation.arguments
        chooseFormat()
        OutputFile.ignoreBrokenPipes()
    }

    private let arguments: [String]
    private let settings: Settings
    private let format: OutputFormat?

    /// Makes the command line's format the setting: it comes before what the start file says.
    func chooseFormat() {
        if let format { try? settings.set("output", to: format.rawValue) }
    }

    /// `-c`
    func run(text: String) -> Int32 {
        run(Source(name: "<command>", text: text))
    }

    /// A file, or standard input. Throws where it cannot be read.
    func run(script path: String) throws(UsageMistake) -> Int32 {
        if path != "-", access(path, F_OK) != 0, errno == ENOENT {
            // Everybody's first words; nothing but text comes of them.
            if path == "help" || path == "version" { return run(path, words: arguments) }
            throw noScript(path)
        }
        return run(try SourceFile.read(path))
    }

    /// `dsh pull nginx`: what was meant is a command.
    private func noScript(_ path: String) -> UsageMistake {
        if session.commands.contains(path) {
            let isBare = { (word: String) in word.allSatisfy { $0.isLetter || $0.isNumber || "_-./:@=+,".contains($0) }
            }
            let words = ([path] + arguments).map { isBare($0) ? $0 : Interpreter.shellQuoted($0) }
            let line = Interpreter.shellQuoted(words.joined(separator: " "))
            return UsageMistake("no such script: \(path)", hint: "to run a command: dsh -c \(line)")
        }
        let near = session.commands.suggestion(for: path).map { "; did you mean dsh -c '\($0) …'?" } ?? ""
        return UsageMistake("no such script: \(path)", hint: "a script is a file; dsh -c 'TEXT' runs a line" + near)
    }

    /// Loads and runs one source to its end; the exit status.
    func run(_ source: Source) -> Int32 {
        let (session, output, arguments) = (session, output, arguments)
        let outcome = evaluation.run(onTick: output.tick) {
            let loader = ScriptLoader(session: session)
            let script = try loader.load(source)
            if script.isHelp(arguments) {
                return try output.write(.string(script.help), shape: ResultShape(.text))
            }
            try await loader.bind(arguments, to: script)
            try await Interpreter(session: session).run(script) { value, shape in
                try output.write(value, shape: shape)
            }
        }
        return finish(outcome)
    }

    /// Runs one command with words that a shell has read already.
    func run(_ command: String, words: [String]) -> Int32 {
        let script = Script(command: command, words: words)
        let (session, output) = (session, output)
        return finish(
            evaluation.run(onTick: output.tick) {
                try await Interpreter(session: session).run(script) { value, shape in
                    try output.write(value, shape: shape)
                }
            })
    }

    /// Reports how it ended and returns the exit status.
    func finish(_ outcome: EvaluationOutcome) -> Int32 {
        var outcome = outcome
        do throws(ShellError) { try output.finish() } catch {
            if case .done = outcome { outcome = .failed(error) }
        }
        switch outcome {
        case .failed(let error) where error.code == .brokenPipe: return 0
        // Ctrl-C that was for a program of ours, which the terminal belonged to.
        case .failed(let error) where error.code == .interrupted: StandardStreams.note("interrupted\n")
        case .failed(let error) where error.verbatim != nil: session.console.write(error.render())
        case .failed(let error): StandardStreams.note(SafeText.block(error.render()))
        case .interrupted(let signal) where signal != SIGINT: StandardStreams.note("dsh: ended by signal \(signal)\n")
        case .interrupted: StandardStreams.note("interrupted\n")
        case .done, .exit: break
        }
        return outcome.status
    }

    /// Runs a line of the prompt; what its last pipeline gave is `.` of the next.
    func evaluate(_ source: Source, arguments: [String] = []) -> EvaluationOutcome {
        let (session, output) = (session, output)
        let last = LastResult()
        let outcome = evaluation.run(onTick: output.tick) {
            let loader = ScriptLoader(session: session)
            let script = try loader.load(source)
            session.globals.declare("args", .array(arguments.map(JSONValue.string)))
            try await Interpreter(session: session).run(script) { value, shape in
                if shape?.kind != .verbatim { last.add(value, replacing: shape?.replaces == true) }
                try output.write(value, shape: shape)
            }
        }
        // What was cut short is not the result.
        if let value = last.value, case .done = outcome { session.last = value }
        return outcome
    }
}
