import Backend
import Commands
import Language
import Query
import Shell
import Synchronization
import Terminal

// What can stand as a word of a command.
extension PromptCompletion {
    /// What there is of the word at the cursor.
    struct Word {
        /// Its quotes and escapes undone.
        let prefix: String
        let quote: CompletionContext.Quote?
        /// The command whose result the word's command gets.
        let upstream: String?
    }

    /// The candidates that begin with the word, as what is still to be typed of them: what stands in the line stays as it
    /// is, and a quote that is open is closed behind a whole one.
    func result(_ candidates: [Candidate], completing word: Word, _ offset: Int) -> CompletionResult {
        let length = word.prefix.utf8.count
        let fitting = candidates.filter { $0.text.utf8.starts(with: word.prefix.utf8) }.map { candidate in
            let rest = String(decoding: candidate.text.utf8.dropFirst(length), as: UTF8.self)
            var text = PromptCompletion.escaped(rest, in: word.quote)
            if candidate.isFinal, let quote = word.quote { text += quote == .single ? "'" : "\"" }
            return Candidate(
                text, display: candidate.display, description: candidate.description, isFinal: candidate.isFinal)
        }
        return CompletionResult(replaceRange: offset..<offset, candidates: fitting)
    }

    private static func escaped(_ text: String, in quote: CompletionContext.Quote?) -> String {
        var escaped = ""
        for character in text {
            switch quote {
            case .single: escaped += character == "'" ? "'\\''" : String(character)
            case .double: escaped += ("\"\\$`".contains(character) ? "\\" : "") + String(character)
            // `\(` would be an interpolation.
            case nil where character == "(": escaped += "'('"
            case nil: escaped += (" \t'\"\\$|;)".contains(character) ? "\\" : "") + String(character)
            }
        }
        return escaped
    }

    /// What fits behind `words`, which stand between the command and the word.
    func argument(of command: String, _ words: [String], _ word: Word) -> [Candidate] {
        let prefix = word.prefix
        if let user = session.globals.command(command) { return argument(of: user, words, word) }
        if command == Docker.declaration.name { return docker(words, word) }
        let plugin = session.commands[command] == nil ? session.plugins.knownMetadata(command) : nil
        let options: CommandOptions
        let kind: ArgumentKind
        if let type = session.commands[command] {
            (options, kind) = (CommandOptions(type), type.declaration.arguments)
        } else if let plugin {
            (options, kind) = (plugin.options, plugin.declaration.arguments)
        } else {
            return FileNames.beginning(with: prefix)
        }
        if let last = words.last,
            let option = options.options.first(where: { $0.names.contains(last) && $0.value != nil })
        {
            let own = plugin.map { asked($0, words, prefix, option: option.names.last) } ?? []
            let keys = kind == .field && option.value == "sort" ? sortKeys(word) : []
            let found = values(of: option) + keys + own
            if !found.isEmpty || !prefix.hasPrefix("-") { return found }
        }
        if word.quote == nil, prefix.hasPrefix("-") {
            let offered = options.options.flatMap { option in
                option.names.map { Candidate($0, description: option.summary) }
            }
            return offered + [Candidate("--help", description: "all about the command")]
        }
        let place = words.count { !$0.hasPrefix("-") }
        if options.positionalChoices.indices.contains(place), !options.positionalChoices[place].isEmpty {
            return options.positionalChoices[place].map { Candidate($0) }
        }
        return names(kind, words, word) + (plugin.map { asked($0, words, prefix, option: nil) } ?? [])
    }

    private func names(_ kind: ArgumentKind, _ words: [String], _ word: Word) -> [Candidate] {
        switch kind {
        case .none, .text: []
        case .localImage, .remoteImage: session.backend.names(beginningWith: word.prefix).map { Candidate($0) }
        case .file: FileNames.beginning(with: word.prefix)
        case .plugin:
            session.plugins.all(onPath: false).map { Candidate($0.name) } + FileNames.beginning(with: word.prefix)
        case .command:
            (session.commands.names + Help.topics).map { Candidate($0) }
                + Prelude.all.map { Candidate($0.name, description: $0.summary) }
        case .field: columns(word)
        case .setting: settings(words)
        }
    }

    /// The fields of the records that are piped in; behind a dot, those of the field before it.
    private func columns(_ word: Word) -> [Candidate] {
        let dot = word.prefix.lastIndex(of: ".").map { word.prefix.index(after: $0) } ?? word.prefix.startIndex
        let path = String(word.prefix[..<dot])
        return fields(path, word.upstream).map { Candidate(path + $0) }
    }

    /// `--sort FIELD`, `--sort -FIELD`.
    private func sortKeys(_ word: Word) -> [Candidate] {
        guard word.prefix.hasPrefix("-") else { return columns(word) }
        let field = Word(prefix: String(word.prefix.dropFirst()), quote: word.quote, upstream: word.upstream)
        return columns(field).map { Candidate("-" + $0.text) }
    }

    private func settings(_ words: [String]) -> [Candidate] {
        guard let name = words.first else {
            return Settings.definitions.map { Candidate($0.name, description: $0.summary) }
        }
        return words.count == 1 ? Settings.definition(name)?.values.map { Candidate($0) } ?? [] : []
    }

    /// The options of a `def`; what else it takes nobody knows, so files are offered as behind a word that is no command.
    private func argument(of user: UserCommand, _ words: [String], _ word: Word) -> [Candidate] {
        guard word.quote == nil, word.prefix.hasPrefix("-") else { return FileNames.beginning(with: word.prefix) }
        let options = user.definition.parameters.filter { $0.kind == .flag || $0.kind == .option }
        return options.map { Candidate("--" + $0.name.text, description: $0.documentation ?? "") }
            + (options.contains { $0.name.text == "help" }
                ? [] : [Candidate("--help", description: "all about the command")])
    }

    /// A line of Docker's.
    private func docker(_ words: [String], _ word: Word) -> [Candidate] {
        switch DockerCompletion.offer(after: words, prefix: word.prefix, environment: session.environment) {
        case .words(let offered):
            // A blank in it would end the word where no quote holds it.
            return offered.filter { word.quote != nil || !$0.text.contains(" ") || word.prefix.contains(" ") }.map {
                Candidate($0.text, description: $0.summary ?? "", isFinal: $0.isWhole)
            }
        case .names(let kind, let head):
            let prefix = String(word.prefix.dropFirst(head.count))
            let names = Word(prefix: prefix, quote: word.quote, upstream: nil)
            return self.names(kind, [], names).map { Candidate(head + $0.text, isFinal: $0.isFinal) }
        }
    }

    /// What a plugin itself offers, where it says that it does.
    private func asked(
        _ plugin: PluginMetadata, _ words: [String], _ prefix: String, option: String?
    ) -> [Candidate] {
        guard plugin.completes else { return [] }
        let found = Mutex<[PluginCandidate]>([])
        let session = session
        _ = Evaluation().run {
            let candidates = await session.plugins.candidates(
                of: plugin.name, words: words, prefix: prefix, option: option)
            found.withLock { $0 = candidates }
        }
        return found.withLock { $0 }.map { Candidate($0.text, description: $0.summary) }
    }

    private func values(of option: CommandOptions.Option) -> [Candidate] {
        if option.names.contains("--platform") {
            return ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/s390x"].map { Candidate($0) }
        }
        if option.names.contains("--filter") {
            return ["before=", "dangling=", "label=", "label!=", "reference=", "since=", "until="].map {
                Candidate($0, isFinal: false)
            }
        }
        return option.choices.map { Candidate($0) }
    }
}
