/// libjq's messages about a program, given to the texts that they are about.
struct CompileErrors {
    /// The first error of each part that has one; with it, where names are not defined, those of the others.
    private(set) var byPart: [Int: FilterError] = [:]
    private(set) var inDefinitions: FilterError?
    /// The first that has no place in any text.
    private(set) var elsewhere: FilterError?

    init(_ messages: [String], program: FilterProgram) {
        for message in messages where !Self.isCount(message) {
            let parsed = CompileMessage(message, program: program)
            var error = FilterError(.syntax, parsed.text)
            guard let line = parsed.line else {
                if elsewhere == nil { elsewhere = error }
                continue
            }
            switch program.place(line: line, column: parsed.column ?? 0) {
            case .part(let index, let offset):
                let text = program.parts[index].text
                let range = Self.range(of: parsed.text, in: text, near: offset)
                let error = Self.error(parsed.text, text, range)
                if byPart[index] == nil {
                    byPart[index] = error
                } else if FilterHint.undefined(in: parsed.text) != nil {
                    // Errors of syntax are mostly consequences of the first one.
                    byPart[index]?.others.append(error)
                }
            case .definitions(let offset):
                let text = program.definitions
                error = Self.error(parsed.text, text, Self.range(of: parsed.text, in: text, near: offset))
                error.source = .definitions
                if inDefinitions == nil { inDefinitions = error }
            case .elsewhere:
                if elsewhere == nil { elsewhere = error }
            }
        }
    }

    /// The error, which names what jq's parser only calls a character.
    private static func error(_ message: String, _ text: String, _ range: Range<Int>) -> FilterError {
        let bytes = Array(text.utf8)
        guard range.upperBound <= bytes.count, !range.isEmpty else {
            return FilterError(.syntax, message, range: range)
        }
        let found = String(decoding: bytes[range], as: UTF8.self)
        var error = FilterError(
            .syntax, message.replacing("unexpected character", with: "unexpected '\(found)'"), range: range)
        error.undefined = FilterHint.undefined(in: message)?.name
        return error
    }

    /// `jq: 2 compile errors`, which ends every list of messages.
    private static func isCount(_ message: String) -> Bool {
        message.hasPrefix("jq: ") && (message.hasSuffix(" compile error") || message.hasSuffix(" compile errors"))
    }

    /// The token at `offset`; for `NAME/2 is not defined` the name itself, which may be a little further on.
    static func range(of message: String, in text: String, near offset: Int) -> Range<Int> {
        let found = token(in: text, at: offset)
        guard let name = FilterHint.undefined(in: message)?.name else { return found }
        let bytes = Array(text.utf8)
        let needle = Array(name.utf8)
        guard !needle.isEmpty, offset >= 0, offset <= bytes.count else { return found }
        for start in offset..<max(offset, bytes.count - needle.count + 1)
        where bytes[start..<start + needle.count].elementsEqual(needle) {
            let end = start + needle.count
            if name.hasPrefix("$") || endOfWord(bytes, from: start) == end { return start..<end }
        }
        return found
    }
}
