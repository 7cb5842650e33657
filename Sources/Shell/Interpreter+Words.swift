import JSON
import Language
import Synchronization

extension Interpreter {
    /// The arguments that words stand for: a word that is one value keeps its type, and an array is spread.
    func arguments(of words: [Word]) async throws -> [Argument] {
        var list: [Argument] = []
        for word in words {
            guard word.onlyValue != nil else {
                let text = try await text(of: word)
                list.append(Argument(value: .string(text), bareText: word.startsBare ? text : nil, span: word.span))
                continue
            }
            for value in try await values(of: word) {
                list += (value.arrayValue ?? [value]).map { Argument(value: $0, bareText: nil, span: word.span) }
            }
        }
        return list
    }

    /// The same as texts, as built-in commands and plugins take them.
    func texts(of words: [Word]) async throws -> [(text: String, span: Span)] {
        var list: [(text: String, span: Span)] = []
        for argument in try await arguments(of: words) {
            var texts: [String] = []
            do { try ArgumentText.append(argument.value, to: &texts) } catch { throw error.at(argument.span) }
            list += texts.map { ($0, argument.span) }
        }
        return list
    }

    /// A word's text. Values inside it are put in as text; an array, an object or null cannot be.
    func text(of word: Word) async throws -> String {
        if let text = word.constantText { return text }
        var text = ""
        for part in word.parts {
            if case .literal(let piece, _, _) = part {
                text += piece
                continue
            }
            for value in try await values(of: part) {
                switch value {
                case .string(let piece): text += piece
                case .number, .bool: text += value.compact
                default:
                    // Inside "…" jq's own rule holds: values stand as JSON.
                    guard case .interpolation(_, quoted: true) = part else {
                        throw ShellError(
                            .usage, "\(value.kindName) cannot be part of a word",
                            hint: "take a field of it, or make it text with tojson", span: part.span)
                    }
                    text += value.compact
                }
            }
        }
        return text
    }

    /// The value of a word: typed where it is one variable or pipeline, else its text. Several values are an array.
    func value(of word: Word) async throws -> JSONValue {
        guard word.onlyValue != nil else { return .string(try await text(of: word)) }
        let values = try await values(of: word)
        return values.count == 1 ? values[0] : .array(values)
    }

    private func values(of word: Word) async throws -> [JSONValue] {
        guard let part = word.onlyValue else { return [] }
        return try await values(of: part)
    }

    private func values(of part: WordPart) async throws -> [JSONValue] {
        switch part {
        case .literal(let text, _, _): return [.string(text)]
        case .pipeline(let pipeline): return try await values(of: pipeline)
        case .variable(let text), .interpolation(let text, _):
            let variables = try variables(of: text)
            // A variable alone needs no filter to be compiled for it.
            if text.variables.count == 1, let value = variables[text.text.dropFirstDollar] { return [value] }
            return try await values(of: [.filter(text)])
        }
    }
}

extension String {
    fileprivate var dropFirstDollar: String { hasPrefix("$") ? String(dropFirst()) : "" }
}

extension Word {
    /// Whether the word begins with bare text, so that it can be an option.
    fileprivate var startsBare: Bool {
        guard case .literal(_, quoted: false, _)? = parts.first else { return false }
        return true
    }
}

extension JSONValue {
    /// What to call a value of this kind in a message.
    var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a text"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
