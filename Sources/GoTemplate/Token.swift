/// What the lexer hands the parser, one at a time (text/template/parse/lex.go).
struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case error, bool, character, characterConstant, complex, assign, declare, endOfFile, field, identifier
        case leftDelimiter, leftParenthesis, number, pipe, rawString, rightDelimiter, rightParenthesis, space
        case string, text, variable
        // Keywords.
        case dot, block, breakWord, continueWord, define, elseWord, end, ifWord, nilWord, range, template, with

        var isKeyword: Bool {
            switch self {
            case .dot, .block, .breakWord, .continueWord, .define, .elseWord, .end, .ifWord, .nilWord, .range,
                .template, .with:
                true
            default: false
            }
        }
    }

    let kind: Kind
    /// Offset of its first byte in the template's text.
    let position: Int
    let value: [UInt8]
    let line: Int

    var text: String { String(decoding: value, as: UTF8.self) }

    /// As Go's messages show it.
    var description: String {
        if kind == .endOfFile { return "EOF" }
        if kind == .error { return text }
        if kind.isKeyword { return "<\(text)>" }
        if value.count > 10 {
            let runes = Runes.all(value)
            let end = runes.count > 10 ? runes[10].offset : value.count
            return String(decoding: Quoting.quote(Array(value[..<end])), as: UTF8.self) + "..."
        }
        return String(decoding: Quoting.quote(value), as: UTF8.self)
    }

    static let keywords: [String: Kind] = [
        ".": .dot, "block": .block, "break": .breakWord, "continue": .continueWord, "define": .define,
        "else": .elseWord, "end": .end, "if": .ifWord, "nil": .nilWord, "range": .range, "template": .template,
        "with": .with,
    ]
}
