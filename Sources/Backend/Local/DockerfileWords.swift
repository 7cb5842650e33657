/// The words of a Dockerfile's instruction: quotes, escapes and variables. Follows BuildKit's
/// `frontend/dockerfile/shell/lex.go`.
struct DockerfileWords {
    let environment: [String: String]

    /// `text` with quotes and escapes taken off and variables replaced by their values.
    ///
    /// Throws for a quote or brace that nothing closes, and for `${NAME:?message}` of an unset variable.
    func expanded(_ text: String) throws(BackendError) -> String {
        var reader = Reader(text: Array(text), environment: environment)
        do throws(Reader.Failure) { return try reader.word(until: nil) } catch {
            throw BackendError(.usage, "failed to process \(DockerfileWords.quoted(text)): \(error.message)")
        }
    }

    /// `a=b c="d e"`, or the old `a rest of line`, expanded.
    func pairs(_ text: String, instruction: String) throws(BackendError) -> [(String, String)] {
        let parts = DockerfileWords.split(text)
        guard let first = parts.first else { return [] }
        if !first.contains("=") {
            let value = text.dropFirst(first.count).drop { $0 == " " || $0 == "\t" }
            guard !value.isEmpty else {
                throw BackendError(
                    .usage, "\(instruction) must have two arguments", hint: "as in `\(instruction) \(first)=value`")
            }
            return [(try expanded(first), try expanded(String(value)))]
        }
        var pairs: [(String, String)] = []
        for part in parts {
            guard let equals = part.firstIndex(of: "=") else {
                throw BackendError(
                    .usage, "Syntax error - can't find = in \"\(part)\". Must be of the form: name=value",
                    hint: "put quotes around a value with blanks")
            }
            let name = try expanded(String(part[..<equals]))
            if name.isEmpty { throw BackendError(.usage, "\(instruction) names can not be blank") }
            pairs.append((name, try expanded(String(part[part.index(after: equals)...]))))
        }
        return pairs
    }

    /// The words of `text`, their quotes and escapes still on them.
    static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == " " || character == "\t" {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// As Go's `%q` for texts without control characters.
    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    private struct Reader {
        struct Failure: Error {
            let message: String
        }

        let text: [Character]
        let environment: [String: String]
        var place = 0

        var next: Character? { place < text.count ? text[place] : nil }

        /// Reads to the end, or to `end` outside quotes, which is left.
        mutating func word(until end: Character?) throws(Failure) -> String {
            var word = ""
            while let character = next, character != end {
                place += 1
                switch character {
                case "'":
                    guard let close = text[place...].firstIndex(of: "'") else {
                        throw Failure(
                            message: "unexpected end of statement while looking for matching single-quote")
                    }
                    word += String(text[place..<close])
                    place = close + 1
                case "\"": word += try doubleQuoted()
                case "$": word += try variable()
                case "\\":
                    if let escaped = next { word.append(escaped) } else { word.append("\\") }
                    place += 1
                default: word.append(character)
                }
            }
            return word
        }

        /// In double quotes a backslash escapes only a quote, a dollar and itself.
        private mutating func doubleQuoted() throws(Failure) -> String {
            var word = ""
            while let character = next {
                place += 1
                switch character {
                case "\"": return word
                case "$": word += try variable()
                case "\\":
                    guard let escaped = next else { break }
                    if escaped != "\"" && escaped != "$" && escaped != "\\" { word.append("\\") }
                    word.append(escaped)
                    place += 1
                default: word.append(character)
                }
            }
            throw Failure(message: "unexpected end of statement while looking for matching double-quote")
        }

        /// What stands after a dollar.
        private mutating func variable() throws(Failure) -> String {
            guard next == "{" else {
                let name = name()
                return name.isEmpty ? "$" : environment[name] ?? ""
            }
            place += 1
            let name = name()
            guard !name.isEmpty else {
                throw Failure(message: next == nil ? "syntax error: missing '}'" : "syntax error: bad substitution")
            }
            guard next != "}" else {
                place += 1
                return environment[name] ?? ""
            }
            guard next == ":" else { throw Failure(message: "missing ':' in substitution") }
            place += 1
            guard let modifier = next else { throw Failure(message: "missing modifier in substitution") }
            place += 1
            let operand = try word(until: "}")
            guard next == "}" else { throw Failure(message: "syntax error: missing '}'") }
            place += 1
            let value = environment[name] ?? ""
            switch modifier {
            case "+": return value.isEmpty ? "" : operand
            case "-": return value.isEmpty ? operand : value
            case "?":
                if !value.isEmpty { return value }
                throw Failure(message: "\(name): \(operand.isEmpty ? "is not allowed to be unset" : operand)")
            default: throw Failure(message: "unsupported modifier (\(modifier)) in substitution")
            }
        }

        /// A variable's name: letters, digits and `_`, or digits alone, or one of the shell's signs.
        private mutating func name() -> String {
            guard let first = next, first.isASCII else { return "" }
            if "@*#?-$!0".contains(first) {
                place += 1
                return String(first)
            }
            var name = ""
            while let character = next, character.isASCII, character.isLetter || character.isNumber || character == "_"
            {
                if first.isNumber, !character.isNumber { break }
                name.append(character)
                place += 1
            }
            return name
        }
    }
}
