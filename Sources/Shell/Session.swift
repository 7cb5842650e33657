package import Backend
package import JSON
import Language
import Synchronization

/// One running dsh: what every statement works with, whichever door it came in by.
package final class Session: Sendable {
    package let backend: any ImageBackend
    /// The registries themselves, whatever `backend` is.
    package let registries: RegistryBackend
    package let commands: CommandTable
    package let plugins: PluginCatalog
    package let environment: [String: String]
    /// Makes a display for one pull.
    package let pullEvents: @Sendable () -> any PullDisplay
    /// Makes a display that counts things of that name.
    package let counts: @Sendable (String) -> any CountDisplay
    package let filters: FilterCache
    /// The person at the terminal.
    package let console: any Console
    /// Standard output for commands whose result is bytes.
    package let bytes: any ByteOutput
    /// What `set` changes.
    package let settings: Settings
    package let directory = WorkingDirectory()
    /// Variables and definitions of the outermost block: at the prompt they last from line to line.
    package let globals = Scope()
    /// Notes for people: warnings, `debug` in filters. Never part of a result.
    package let note: @Sendable (String) -> Void

    private let lastResult = Mutex<JSONValue>(.null)
    private let remembering = Mutex(false)

    package init(
        backend: any ImageBackend, registries: RegistryBackend = .none, commands: CommandTable,
        environment: [String: String], settings: Settings = Settings(), console: any Console = NoConsole(),
        bytes: any ByteOutput = NoByteOutput(),
        pullEvents: @escaping @Sendable () -> any PullDisplay, note: @escaping @Sendable (String) -> Void,
        counts: @escaping @Sendable (String) -> any CountDisplay = { _ in NoCount() },
        plugins: PluginCatalog = .none
    ) {
        self.backend = backend
        self.registries = registries
        self.commands = commands
        self.plugins = plugins
        self.environment = environment
        self.settings = settings
        self.console = console
        self.bytes = bytes
        self.pullEvents = pullEvents
        self.note = note
        self.counts = counts
        filters = FilterCache(note: note)
    }

    /// The result of the last pipeline at the prompt: `$last`, and `.` at the head of the next.
    package var last: JSONValue {
        get { lastResult.withLock { $0 } }
        set { lastResult.withLock { $0 = newValue } }
    }

    /// Whether results are kept as `last`, so that what is shown as text has to have values, too: at the prompt.
    package var remembersResults: Bool {
        get { remembering.withLock { $0 } }
        set { remembering.withLock { $0 = newValue } }
    }

    /// The declaration of the command whose result a call gives: of a line of another program's the one that stands for it;
    /// nil where that is not known without asking.
    func declaration(of call: CommandCall) -> CommandDeclaration? {
        declaration(of: call.name.text, words: call.arguments.map(\.constantText))
    }

    private func declaration(of name: String, words: [String?]) -> CommandDeclaration? {
        guard let type = commands[name] else { return plugins.knownMetadata(name)?.declaration }
        guard let raw = type as? any RawCommand.Type else { return type.declaration }
        return raw.standsFor(words, environment: environment).flatMap { commands[$0]?.declaration }
    }

    /// The command whose records a field is taken of that stands at the end of jq text; nil where it is of anything else, or
    /// that is not known. `name` and `words` are the command in front.
    package func recordsRead(atEndOf filter: String, behind name: String, words: [String?]) -> CommandDeclaration? {
        guard globals.command(name) == nil, let declaration = declaration(of: name, words: words) else { return nil }
        let shape = ValueShape(declaration.result, of: RecordShape(declaration, source: name))
        // Of text that cannot be read, as inside a string, nothing else is known.
        return FieldFlow.readsRecord(atEndOf: filter, from: shape) ?? true ? declaration : nil
    }

    /// Whether a call reads the bytes of a program in front of it.
    func readsBytes(_ call: CommandCall) -> Bool {
        guard let type = commands[call.name.text] else { return false }
        guard let raw = type as? any RawCommand.Type else { return type.declaration.input == .bytes }
        return raw.readsBytes(call.arguments.map(\.constantText), environment: environment)
    }

    /// Whether a word is a command anywhere in this session.
    package func isCommand(_ word: String) -> Bool {
        commands.contains(word) || globals.command(word) != nil || plugins.contains(word)
    }
}

/// Shows how a pull goes, from its start to `finish`.
package protocol PullDisplay: PullEvents {
    /// Ends the display; the place it took is as before.
    func finish()
}
