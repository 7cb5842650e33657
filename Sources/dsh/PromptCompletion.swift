import Backend
import Commands
import JSON
import Language
import Query
import Shell
import Synchronization
import Terminal

/// What Tab offers at the prompt: commands, options, local references, files, variables, fields of a result.
struct PromptCompletion {
    let session: Session

    /// jq functions worth offering; jq has no list of its own that can be asked for cheaply.
    private static let builtins = [
        "add", "all", "any", "ascii_downcase", "ascii_upcase", "capture", "contains", "del", "empty", "endswith",
        "error",
        "first", "flatten", "fromdate", "fromjson", "group_by", "has", "index", "inside", "join", "keys", "last",
        "length",
        "limit", "ltrimstr", "map", "map_values", "match", "max", "max_by", "min", "min_by", "not", "now", "paths",
        "range",
        "recurse", "reduce", "reverse", "rtrimstr", "select", "sort", "sort_by", "split", "splits", "startswith", "sub",
        "test", "to_entries", "todate", "tojson", "tonumber", "tostring", "type", "unique", "unique_by", "values",
        "with_entries",
    ]
    /// Those, and dsh's own with what they do.
    private static let functions: [Candidate] = {
        let own = Prelude.all.filter { !$0.forms[0].hasPrefix("@") }
        let names = Set(own.map(\.name))
        return builtins.filter { !names.contains($0) }.map { Candidate($0, isFinal: false) }
            + own.map { Candidate($0.name, description: $0.summary, isFinal: false) }
    }()
    private static let statements = [
        "assert", "break", "continue", "def", "exit", "fail", "filter", "for", "if", "let", "return", "source", "try",
        "while",
    ]

    func complete(_ text: String, at offset: Int) -> CompletionResult {
        switch CompletionContext.at(text, offset: offset, isCommand: session.isCommand) {
        case .none, .filterString: return .none
        case .stageHead(let prefix, let start):
            let commands = session.commands.all.map {
                Candidate($0.declaration.name, description: $0.declaration.summary)
            }
            let plugins = session.plugins.all(onPath: false).filter(\.isUsable).map {
                Candidate($0.name, description: $0.metadata?.declaration.summary ?? "a plugin")
            }
            let own = session.globals.commandNames.map { Candidate($0, description: "your own") }
            let words = PromptCompletion.statements.map { Candidate($0) }
            let functions = prefix.isEmpty ? [] : PromptCompletion.functions
            return result(commands + plugins + own + words + functions, prefix, start, offset)
        case .argument(let command, let words, let prefix, let quote, let start):
            return argument(of: command, words, prefix, quote, start, offset)
        case .field(let path, let prefix, let start, let upstream):
            return result(fields(path, upstream).map { Candidate($0, isFinal: false) }, prefix, start, offset)
        case .variable(let prefix, let start):
            let names = Set(session.globals.names + ["args", "last", "ENV"]).sorted()
            return result(names.map { Candidate("$" + $0, isFinal: false) }, "$" + prefix, start, offset)
        case .function(let prefix, let start):
            return result(PromptCompletion.functions, prefix, start, offset)
        }
    }

    private func result(
        _ candidates: [Candidate], _ prefix: String, _ start: Int, _ offset: Int
    ) -> CompletionResult {
        CompletionResult(
            replaceRange: start..<max(start, offset), candidates: candidates.filter { $0.text.hasPrefix(prefix) })
    }

    /// The fields of what the jq text gets: of the command before it, else of the last result.
    private func fields(_ path: String, _ upstream: String?) -> [String] {
        // Indexes, as in `.[0].Config`, do not change what fields there are.
        let steps = path.split { ".[]?".contains($0) }.map(String.init).filter { Int($0) == nil }
        if let upstream,
            let shape =
                (session.commands[upstream]?.declaration
                ?? session.plugins.knownMetadata(upstream)?.declaration)?.result
        {
            return steps.reduce(shape.fields) { fields, step in fields.first { $0.name == step }?.fields ?? [] }
                .map(\.name)
        }
        var value = path.hasPrefix("$") ? JSONValue.null : session.last
        for (place, step) in steps.enumerated() {
            if place == 0, path.hasPrefix("$") {
                value = session.globals.value(String(step.dropFirst())) ?? .null
                continue
            }
            value = (value[0] ?? value)[step] ?? .null
        }
        return (value[0] ?? value).objectValue?.keys ?? []
    }

    private func argument(
        of command: String, _ words: [String], _ prefix: String, _ quote: CompletionContext.Quote?, _ start: Int,
        _ offset: Int
    ) -> CompletionResult {
        if command == Docker.declaration.name, session.globals.command(command) == nil {
            return docker(words, prefix, start, offset)
        }
        let plugin = session.commands[command] == nil ? session.plugins.knownMetadata(command) : nil
        let options: CommandOptions
        let kind: ArgumentKind
        if let type = session.commands[command] {
            (options, kind) = (CommandOptions(type), type.declaration.arguments)
        } else if let plugin {
            (options, kind) = (plugin.options, plugin.declaration.arguments)
        } else {
            return result(files(prefix), prefix, start, offset)
        }
        if quote == nil, prefix.hasPrefix("-") {
            let offered = options.options.flatMap { option in
                option.names.map { Candidate($0, description: option.summary) }
            }
            return result(offered + [Candidate("--help", description: "all about the command")], prefix, start, offset)
        }
        if let last = words.last,
            let option = options.options.first(where: { $0.names.contains(last) && $0.value != nil })
        {
            let own = plugin.map { asked($0, words, prefix, option: option.names.last) } ?? []
            return result(values(of: option) + own, prefix, start, offset)
        }
        let place = words.count { !$0.hasPrefix("-") }
        if options.positionalChoices.indices.contains(place), !options.positionalChoices[place].isEmpty {
            return result(options.positionalChoices[place].map { Candidate($0) }, prefix, start, offset)
        }
        let candidates: [Candidate]
        switch kind {
        case .none, .text: candidates = []
        case .localImage, .remoteImage: candidates = session.backend.names(beginningWith: prefix).map { Candidate($0) }
        case .file: candidates = files(prefix)
        case .plugin:
            candidates = session.plugins.all(onPath: false).map { Candidate($0.name) } + files(prefix)
        case .command:
            let functions = Prelude.all.map { Candidate($0.name, description: $0.summary) }
            candidates = (session.commands.names + Help.topics).map { Candidate($0) } + functions
        }
        let own = plugin.map { asked($0, words, prefix, option: nil) } ?? []
        return result(candidates + own, prefix, start, offset)
    }

    /// A line of Docker's.
    private func docker(_ words: [String], _ prefix: String, _ start: Int, _ offset: Int) -> CompletionResult {
        switch DockerCompletion.offer(after: words, prefix: prefix, environment: session.environment) {
        case .words(let words):
            let candidates = words.map { Candidate($0.text, description: $0.summary ?? "", isFinal: $0.isWhole) }
            return result(candidates, prefix, start, offset)
        case .names(let kind):
            let names =
                kind == .file
                ? files(prefix)
                : kind == .localImage || kind == .remoteImage
                    ? session.backend.names(beginningWith: prefix).map { Candidate($0) } : []
            return result(names, prefix, start, offset)
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

    private func files(_ prefix: String) -> [Candidate] { FileNames.beginning(with: prefix) }
}
