import JSON
import Language
import Synchronization

extension Interpreter {
    /// The arguments that words stand for: a word that is one value keeps its type, an array whole, and each of several
    /// values is an argument; so does the value of `--name=$value`.
    func arguments(of words: [Word]) async throws -> [Argument] {
        var list: [Argument] = []
        for word in words {
            if word.onlyValue != nil {
                list += try await values(of: word).map { Argument(value: $0, bareText: nil, span: word.span) }
            } else if let option = word.optionWithValue {
                let values = try await values(of: option.value)
                let value = values.count == 1 ? values[0] : .array(values)
                let text = option.head + (value.stringValue ?? value.compact)
                list.append(Argument(value: .string(text), bareText: text, inlineValue: value, span: word.span))
            } else {
                let text = try await text(of: word)
                list.append(Argument(value: .string(text), bareText: word.startsBare ? text : nil, span: word.span))
            }
        }
        return list
    }

    /// The arguments as texts, which is what built-in commands take: an array is spread.
    func texts(of words: [Word]) async throws -> [(text: String, span: Span)] {
        var list: [(text: String, span: Span)] = []
        for word in words {
            guard word.onlyValue != nil else {
                list.append((try await text(of: word), word.span))
                continue
            }
            var texts: [String] = []
            for value in try await values(of: word) {
                do { try ArgumentText.append(value, to: &texts) } catch { throw error.at(word.span) }
            }
            list += texts.map { ($0, word.span) }
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

    /// `--name=` and what stands behind it, where that is one value.
    fileprivate var optionWithValue: (head: String, value: WordPart)? {
        guard parts.count == 2, case .literal(let head, quoted: false, _) = parts[0], head.hasPrefix("--"),
            head.firstIndex(of: "=") == head.indices.last
        else { return nil }
        switch parts[1] {
        case .literal, .interpolation(_, quoted: true): return nil
        default: return (head, parts[1])
        }
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
