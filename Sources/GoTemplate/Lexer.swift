/// Cuts a template's text into tokens, on demand (text/template/parse/lex.go).
struct Lexer {
    private var input: [UInt8]
    private var position = 0
    private var start = 0
    private var line = 1
    private var startLine = 1
    private var parenthesisDepth = 0
    private var insideAction = false

    init(_ input: [UInt8]) { self.input = input }

    private static let leftDelimiter = Array("{{".utf8)
    private static let rightDelimiter = Array("}}".utf8)

    /// The next token. After an error there is only the end of the file.
    mutating func next() -> Token {
        insideAction ? action() : text()
    }

    // MARK: Text

    private mutating func text() -> Token {
        while true {
            guard let offset = find(Self.leftDelimiter, from: position) else {
                position = input.count
                return position > start ? emit(.text) : emit(.endOfFile)
            }
            if offset > position {
                position = offset
                let afterDelimiter = position + Self.leftDelimiter.count
                let trimmed = hasLeftTrimMarker(at: afterDelimiter) ? trailingSpaces(start..<position) : 0
                position -= trimmed
                let token = emit(.text)
                position += trimmed
                ignore()
                if !token.value.isEmpty { return token }
            }
            if let token = leftDelimiter() { return token }
        }
    }

    /// nil after a comment, which is skipped.
    private mutating func leftDelimiter() -> Token? {
        position += Self.leftDelimiter.count
        let marker = hasLeftTrimMarker(at: position) ? 2 : 0
        if has(Array("/*".utf8), at: position + marker) {
            position += marker
            ignore()
            return comment()
        }
        let token = emit(.leftDelimiter)
        insideAction = true
        position += marker
        ignore()
        parenthesisDepth = 0
        return token
    }

    private mutating func comment() -> Token? {
        guard let end = find(Array("*/".utf8), from: position + 2) else { return fail("unclosed comment") }
        position = end + 2
        let (atDelimiter, trims) = rightDelimiterAhead()
        guard atDelimiter else { return fail("comment ends before closing delimiter") }
        position += (trims ? 2 : 0) + Self.rightDelimiter.count
        if trims { position += leadingSpaces(from: position) }
        ignore()
        return nil
    }

    // MARK: Inside an action

    private mutating func action() -> Token {
        if rightDelimiterAhead().found {
            return parenthesisDepth == 0 ? closeAction() : fail("unclosed left paren")
        }
        guard let (rune, _) = advance() else { return fail("unclosed action") }
        guard rune < 0x80 else {
            if Self.isAlphanumeric(rune) { return identifier() }
            return fail("unrecognized character in action: " + Self.unicodeName(rune))
        }
        switch UInt8(truncatingIfNeeded: rune) {
        case 0x20, 0x09, 0x0D, 0x0A: return spaces()
        case UInt8(ascii: "="): return emit(.assign)
        case UInt8(ascii: ":"):
            guard accept("=") else {
                _ = advance()
                return fail("expected :=")
            }
            return emit(.declare)
        case UInt8(ascii: "|"): return emit(.pipe)
        case UInt8(ascii: "\""): return quoted("\"", .string, "unterminated quoted string")
        case UInt8(ascii: "'"): return quoted("'", .characterConstant, "unterminated character constant")
        case UInt8(ascii: "`"): return rawString()
        case UInt8(ascii: "$"): return fieldOrVariable(.variable)
        case UInt8(ascii: "."):
            if position < input.count, !Self.isDigit(input[position]) { return fieldOrVariable(.field) }
            return number()
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        case UInt8(ascii: "("):
            parenthesisDepth += 1
            return emit(.leftParenthesis)
        case UInt8(ascii: ")"):
            parenthesisDepth -= 1
            return parenthesisDepth < 0 ? fail("unexpected right paren") : emit(.rightParenthesis)
        default:
            if Self.isAlphanumeric(rune) { return identifier() }
            if Runes.isPrint(rune) { return emit(.character) }
            return fail("unrecognized character in action: " + Self.unicodeName(rune))
        }
    }

    private mutating func closeAction() -> Token {
        let trims = rightDelimiterAhead().trims
        if trims {
            position += 2
            ignore()
        }
        position += Self.rightDelimiter.count
        let token = emit(.rightDelimiter)
        if trims {
            position += leadingSpaces(from: position)
            ignore()
        }
        insideAction = false
        return token
    }

    /// The first space is read. A minus after the last may belong to a trimming delimiter.
    private mutating func spaces() -> Token {
        while position < input.count, Self.isSpace(input[position]) { _ = advance() }
        if position - 1 >= start, hasRightTrimMarker(at: position - 1),
            has(Self.rightDelimiter, at: position + 1)
        {
            position -= 1
            if input[position] == 0x0A { line -= 1 }
            if position == start { return closeAction() }
        }
        return emit(.space)
    }

    private mutating func identifier() -> Token {
        while let rune = peek(), Self.isAlphanumeric(rune) { _ = advance() }
        guard atTerminator() else { return fail("bad character " + Self.unicodeName(peek() ?? 0)) }
        let word = String(decoding: input[start..<position], as: UTF8.self)
        if let keyword = Token.keywords[word] { return emit(keyword) }
        return emit(word == "true" || word == "false" ? .bool : .identifier)
    }

    private mutating func fieldOrVariable(_ kind: Token.Kind) -> Token {
        if atTerminator() { return emit(kind == .variable ? .variable : .dot) }
        while let rune = peek(), Self.isAlphanumeric(rune) { _ = advance() }
        guard atTerminator() else { return fail("bad character " + Self.unicodeName(peek() ?? 0)) }
        return emit(kind)
    }

    private mutating func quoted(_ quote: Unicode.Scalar, _ kind: Token.Kind, _ message: String) -> Token {
        while let (rune, _) = advance(), rune != 0x0A {
            if rune == quote.value { return emit(kind) }
            if rune == 0x5C, peek() != 0x0A { _ = advance() }
        }
        return fail(message)
    }

    private mutating func rawString() -> Token {
        while let (rune, _) = advance() {
            if rune == 0x60 { return emit(.rawString) }
        }
        return fail("unterminated raw quoted string")
    }

    /// Accepts a little too much, like Go's: the parser refuses what is no number.
    private mutating func number() -> Token {
        position = start
        guard scanNumber() else { return badNumber() }
        guard let sign = peek(), sign == 0x2B || sign == 0x2D else { return emit(.number) }
        guard scanNumber(), input[position - 1] == UInt8(ascii: "i") else { return badNumber() }
        return emit(.complex)
    }

    private mutating func badNumber() -> Token {
        fail("bad number syntax: " + String(decoding: Quoting.quote(Array(input[start..<position])), as: UTF8.self))
    }

    private mutating func scanNumber() -> Bool {
        _ = accept("+-")
        var digits = "0123456789_"
        if accept("0") {
            if accept("xX") {
                digits = "0123456789abcdefABCDEF_"
            } else if accept("oO") {
                digits = "01234567_"
            } else if accept("bB") {
                digits = "01_"
            }
        }
        while accept(digits) {}
        if accept(".") { while accept(digits) {} }
        let exponent = digits.utf8.count == 11 ? "eE" : digits.utf8.count == 23 ? "pP" : ""
        if !exponent.isEmpty, accept(exponent) {
            _ = accept("+-")
            while accept("0123456789_") {}
        }
        _ = accept("i")
        if let rune = peek(), Self.isAlphanumeric(rune) {
            _ = advance()
            return false
        }
        return true
    }
}

// MARK: - Reading

extension Lexer {
    private func peek() -> UInt32? {
        position < input.count ? Runes.decode(input, at: position).rune : nil
    }

    private mutating func advance() -> (rune: UInt32, width: Int)? {
        guard position < input.count else { return nil }
        let (rune, width) = Runes.decode(input, at: position)
        position += width
        if rune == 0x0A { line += 1 }
        return (rune, width)
    }

    private mutating func accept(_ set: String) -> Bool {
        guard position < input.count, set.utf8.contains(input[position]) else { return false }
        position += 1
        return true
    }

    private mutating func emit(_ kind: Token.Kind) -> Token {
        if kind == .text { line += newlines(start..<position) }
        let token = Token(kind: kind, position: start, value: Array(input[start..<position]), line: startLine)
        start = position
        startLine = line
        return token
    }

    private mutating func ignore() {
        line += newlines(start..<position)
        start = position
        startLine = line
    }

    private mutating func fail(_ message: String) -> Token {
        let token = Token(kind: .error, position: start, value: Array(message.utf8), line: startLine)
        input = []
        position = 0
        start = 0
        insideAction = false
        return token
    }

    private func newlines(_ range: Range<Int>) -> Int { input[range].count { $0 == 0x0A } }

    private func atTerminator() -> Bool {
        guard position < input.count else { return true }
        switch input[position] {
        case 0x20, 0x09, 0x0D, 0x0A: return true
        case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "|"), UInt8(ascii: ":"), UInt8(ascii: ")"),
            UInt8(ascii: "("):
            return true
        default: return has(Self.rightDelimiter, at: position)
        }
    }

    private func has(_ text: [UInt8], at offset: Int) -> Bool {
        offset >= 0 && offset + text.count <= input.count && input[offset..<(offset + text.count)].elementsEqual(text)
    }

    private func find(_ pair: [UInt8], from offset: Int) -> Int? {
        var index = offset
        while index + 1 < input.count {
            if input[index] == pair[0], input[index + 1] == pair[1] { return index }
            index += 1
        }
        return nil
    }

    private func hasLeftTrimMarker(at offset: Int) -> Bool {
        offset + 1 < input.count && input[offset] == UInt8(ascii: "-") && Self.isSpace(input[offset + 1])
    }

    private func hasRightTrimMarker(at offset: Int) -> Bool {
        offset + 1 < input.count && Self.isSpace(input[offset]) && input[offset + 1] == UInt8(ascii: "-")
    }

    private func rightDelimiterAhead() -> (found: Bool, trims: Bool) {
        if hasRightTrimMarker(at: position), has(Self.rightDelimiter, at: position + 2) { return (true, true) }
        return (has(Self.rightDelimiter, at: position), false)
    }

    private func trailingSpaces(_ range: Range<Int>) -> Int {
        input[range].reversed().prefix(while: Self.isSpace).count
    }

    private func leadingSpaces(from offset: Int) -> Int {
        input[offset...].prefix(while: Self.isSpace).count
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func isAlphanumeric(_ rune: UInt32) -> Bool {
        rune == 0x5F || Runes.isLetter(rune) || Runes.isDigit(rune)
    }

    /// Go's `%#U`: `U+00E9 'é'`.
    static func unicodeName(_ rune: UInt32) -> String {
        var bytes = Quoting.hex("U+", rune, digits: 4, uppercase: true)
        if Runes.isPrint(rune) {
            bytes += " '".utf8
            Runes.append(rune, to: &bytes)
            bytes += "'".utf8
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
