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
        case .argument(let command, let words, let prefix, let quote, _, let upstream):
            let word = Word(prefix: prefix, quote: quote, upstream: upstream)
            return result(argument(of: command, words, word), completing: word, offset)
        case .field(let path, let prefix, let start, let upstream):
            let names: [String]
            if let upstream, !path.hasPrefix("$") {
                let length = path.utf8.count + prefix.utf8.count + 1
                names = recordFields(path, behind: upstream, in: text, at: offset, length: length)
            } else {
                names = fields(path, nil)
            }
            return result(names.map { Candidate($0, isFinal: false) }, prefix, start, offset)
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

    /// What a path that ends at the cursor may go on with: the fields of the records that the command in front gives, where it
    /// is of such a record; what they hold where the path goes into one. `length`: bytes of the path with what follows.
    private func recordFields(
        _ path: String, behind command: String, in text: String, at offset: Int, length: Int
    ) -> [String] {
        guard let filter = CompletionContext.filter(text, offset: offset, isCommand: session.isCommand) else {
            return fields(path, nil)
        }
        // What is typed of the last name, or its dot alone, makes no difference to what it is a field of.
        let head = String(decoding: filter.text.utf8.dropLast(length), as: UTF8.self)
        let steps = path.split(separator: ".").map(String.init)
        let first = steps.firstIndex { $0.first?.isLetter == true } ?? steps.endIndex
        let name = first < steps.endIndex ? String(steps[first].prefix { $0 != "[" }) : "x"
        let read = steps[..<first].map { "." + $0 }.joined() + "." + name
        guard
            let declaration = session.recordsRead(
                atEndOf: head + read, behind: command, words: filter.words)
        else { return [] }
        return steps[first...].reduce(declaration.result.fields) { fields, step in
            fields.first { $0.name == step.prefix { $0 != "[" } }?.fields ?? []
        }.map(\.name)
    }

    /// The fields of what the jq text gets: of the command before it, else of the last result.
    func fields(_ path: String, _ upstream: String?) -> [String] {
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
}
