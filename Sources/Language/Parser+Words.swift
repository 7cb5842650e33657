// Words: bare text, quotes, variables, interpolations and pipelines in parentheses.
extension Parser {
    /// What a bare piece of a word is gathered in.
    private struct WordBuilder {
        var parts: [WordPart] = []
        var bare: [UInt8] = []
        var bareStart = 0
        /// How many `{` of the word's own are open.
        var openBraces = 0

        /// `--name=`
        var isOption: Bool {
            parts.isEmpty && bare.starts(with: [Byte.hyphen, Byte.hyphen])
                && bare.firstIndex(of: Byte.equals) == bare.count - 1
        }

        mutating func append(_ byte: UInt8, at offset: Int) {
            if bare.isEmpty { bareStart = offset }
            bare.append(byte)
        }

        mutating func flush(_ source: Source, end: Int) {
            guard !bare.isEmpty else { return }
            parts.append(
                .literal(
                    String(decoding: bare, as: UTF8.self), quoted: false,
                    Span(source: source, start: bareStart, end: end)))
            bare = []
        }
    }

    /// The word at the position; nil where none starts there.
    func parseWord(stopsAtComma: Bool = false) throws(SyntaxFailure) -> Word? {
        let start = position
        var word = WordBuilder()
        while position < text.end {
            let byte = text.bytes[position]
            switch byte {
            case Byte.space, Byte.tab, Byte.newline, Byte.carriageReturn, Byte.pipe, Byte.semicolon, Byte.closeParen:
                return finish(&word, start)
            case Byte.comma where stopsAtComma:
                return finish(&word, start)
            case Byte.closeBrace where word.openBraces == 0 && enclosure.inBlock:
                return finish(&word, start)
            case Byte.singleQuote, Byte.doubleQuote:
                word.flush(source, end: position)
                if byte == Byte.singleQuote {
                    try parseLiteral(&word.parts)
                } else if quotesAsPOSIX {
                    try parsePOSIXString(&word.parts)
                } else {
                    try parseString(&word.parts)
                }
            case Byte.backslash:
                try parseEscape(&word)
            case Byte.dollar:
                try parseDollar(&word)
            case Byte.openParen:
                try beginParenthesized(&word, start)
                word.parts.append(.pipeline(try parseParenthesized()))
            case Byte.openBrace:
                takeOpenBrace(&word)
            default:
                if byte == Byte.closeBrace, word.openBraces > 0 { word.openBraces -= 1 }
                word.append(byte, at: position)
                position += 1
            }
        }
        return finish(&word, start)
    }

    /// Throws where no `(` may stand: it does at the start of a word and behind `--name=`.
    private func beginParenthesized(_ word: inout WordBuilder, _ start: Int) throws(SyntaxFailure) {
        guard position == start || word.isOption else {
            throw SyntaxFailure(
                "unexpected `(` inside a word", span(position, position + 1),
                help: "write `$( … )` for a pipeline's value, or quote the word")
        }
        word.flush(source, end: position)
    }

    private func finish(_ word: inout WordBuilder, _ start: Int) -> Word? {
        // A `\` that joins the next line belongs to the word only where the word goes on there.
        var end = position
        while end >= start + 2, text.continuationLength(end - 2) == 2 { end -= 2 }
        while end >= start + 3, text.continuationLength(end - 3) == 3 { end -= 3 }
        word.flush(source, end: end)
        return position > start ? Word(parts: word.parts, span: span(start, end)) : nil
    }

    /// `{{ … }}` is one piece with its blanks and quotes: a template. Any other `{` is a character.
    private func takeOpenBrace(_ word: inout WordBuilder) {
        var end = position + 1
        if text[position + 1] == Byte.openBrace, position >= lookahead.noTemplateBefore {
            var close = position + 2
            let line = text.lineEnd(position)
            while close < line, !(text[close] == Byte.closeBrace && text[close + 1] == Byte.closeBrace) { close += 1 }
            if close < line {
                end = close + 2
                // `{{json .}}}`: the last brace closes one that stands before the template.
            } else {
                lookahead.noTemplateBefore = line
            }
        }
        if end == position + 1 { word.openBraces += 1 }
        while position < end {
            word.append(text[position], at: position)
            position += 1
        }
    }

    private func parseEscape(_ word: inout WordBuilder) throws(SyntaxFailure) {
        let continuation = text.continuationLength(position)
        if continuation > 0 {
            position += continuation
            return
        }
        if text[position + 1] == Byte.openParen {
            word.flush(source, end: position)
            word.parts.append(.interpolation(try parseInterpolation(), quoted: false))
            return
        }
        guard position + 1 < text.end else {
            throw SyntaxFailure(
                "a `\\` at the end of the text escapes nothing", span(position, position + 1), isIncomplete: true)
        }
        word.append(text[position + 1], at: position)
        position += 2
    }

    // MARK: Quotes

    private func parseLiteral(_ parts: inout [WordPart]) throws(SyntaxFailure) {
        let start = position
        var end = position + 1
        while end < text.end, text.bytes[end] != Byte.singleQuote { end += 1 }
        guard end < text.end else { throw unclosedQuote(start, text.text(start + 1, text.end)) }
        parts.append(.literal(text.text(start + 1, end), quoted: true, span(start, end + 1)))
        position = end + 1
    }

    func unclosedQuote(_ start: Int, _ content: String) -> SyntaxFailure {
        openQuote = (text[start], content, start)
        let quote = text[start] == Byte.singleQuote ? "'" : "\""
        return SyntaxFailure(
            "this quote is not closed", span(start, start + 1), label: "opened here", help: "close it with `\(quote)`",
            isIncomplete: true)
    }

    private func parseString(_ parts: inout [WordPart]) throws(SyntaxFailure) {
        let start = position
        var piece: [UInt8] = []
        var pieceStart = start
        position += 1
        let firstPart = parts.count
        while position < text.end {
            let byte = text.bytes[position]
            if byte == Byte.doubleQuote {
                position += 1
                if !piece.isEmpty || parts.count == firstPart {
                    parts.append(
                        .literal(String(decoding: piece, as: UTF8.self), quoted: true, span(pieceStart, position)))
                }
                return
            }
            if byte == Byte.backslash, text[position + 1] == Byte.openParen {
                if !piece.isEmpty {
                    parts.append(
                        .literal(String(decoding: piece, as: UTF8.self), quoted: true, span(pieceStart, position)))
                    piece = []
                }
                parts.append(.interpolation(try parseInterpolation(), quoted: true))
                pieceStart = position
            } else if byte == Byte.backslash {
                try parseStringEscape(&piece)
            } else {
                piece.append(byte)
                position += 1
            }
        }
        throw unclosedQuote(start, String(decoding: piece, as: UTF8.self))
    }

    private static let simpleEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "n"): Byte.newline, UInt8(ascii: "t"): Byte.tab, UInt8(ascii: "r"): Byte.carriageReturn,
        UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, Byte.doubleQuote: Byte.doubleQuote,
        Byte.backslash: Byte.backslash, Byte.slash: Byte.slash,
        // Not JSON's, but what a line pasted from another shell has.
        Byte.dollar: Byte.dollar, Byte.backtick: Byte.backtick,
    ]

    private func parseStringEscape(_ piece: inout [UInt8]) throws(SyntaxFailure) {
        let continuation = text.continuationLength(position)
        if continuation > 0 {
            position += continuation
            return
        }
        let escape = text[position + 1]
        if let byte = Self.simpleEscapes[escape] {
            piece.append(byte)
            position += 2
        } else if escape == UInt8(ascii: "u") {
            try parseUnicodeEscape(&piece)
        } else if position + 1 >= text.end {
            position = text.end
        } else {
            let end = itemEnd(position + 1)
            throw SyntaxFailure(
                "unknown escape `\\\(text.text(position + 1, min(position + 2, end)))`",
                span(position, min(position + 2, end)),
                help: "there are \\n \\t \\r \\b \\f \\\" \\\\ \\/ \\$ \\uXXXX and \\( … ); a backslash itself is \\\\")
        }
    }

    /// `\uXXXX`, two of them for a character beyond the first plane.
    private func parseUnicodeEscape(_ piece: inout [UInt8]) throws(SyntaxFailure) {
        let start = position
        var value: UInt32?
        if let first = hexDigits(at: position + 2) {
            value = first
            position += 6
            if (0xD800..<0xDC00).contains(first), text[position] == Byte.backslash,
                text[position + 1] == UInt8(ascii: "u"), let second = hexDigits(at: position + 2),
                (0xDC00..<0xE000).contains(second)
            {
                value = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                position += 6
            }
        }
        guard let value, let scalar = Unicode.Scalar(value), value != 0 else {
            throw SyntaxFailure(
                "`\\u` needs four hexadecimal digits that name a character", span(start, max(position, start + 2)))
        }
        piece += Array(String(Character(scalar)).utf8)
    }

    private func hexDigits(at offset: Int) -> UInt32? {
        guard offset + 4 <= text.end else { return nil }
        var value: UInt32 = 0
        for byte in text.bytes[offset..<offset + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value * 16 + UInt32(digit)
        }
        return value
    }

    // MARK: Values

    private func parseDollar(_ word: inout WordBuilder) throws(SyntaxFailure) {
        let next = text[position + 1]
        if Byte.isNameStart(next) {
            try parseVariable(into: &word)
        } else if next == Byte.openParen {
            word.flush(source, end: position)
            word.parts.append(try parseDollarParenthesized())
        } else if next == Byte.openBrace, Byte.isNameStart(text[position + 2]) {
            try refuseBraces()
        } else {
            parseBareDollar(&word)
        }
    }

    // Apart from `parseDollar`, which nests and has to be sparing with the stack.

    private func parseVariable(into word: inout WordBuilder) throws(SyntaxFailure) {
        word.flush(source, end: position)
        word.parts.append(.variable(try parseVariable()))
    }

    private func parseBareDollar(_ word: inout WordBuilder) {
        if position + 1 == text.end, atEnd == nil { atEnd = .variable(prefix: "", start: position) }
        word.append(Byte.dollar, at: position)
        position += 1
    }

    func parseDollarParenthesized() throws(SyntaxFailure) -> WordPart {
        let start = position
        position += 1
        var pipeline = try parseParenthesized()
        pipeline.span = span(start, position)
        return .pipeline(pipeline)
    }

    private func refuseBraces() throws(SyntaxFailure) {
        let end = text.nameEnd(position + 2)
        let name = text.text(position + 2, end)
        throw SyntaxFailure(
            "`${ … }` is no form of this shell", span(position, min(end + 1, text.end)),
            help: "write `$\(name)`, or `\\($\(name))` where more text follows")
    }

    /// `$name`, `$name.path`, `$name[0]`.
    func parseVariable() throws(SyntaxFailure) -> FilterText {
        let start = position
        position = text.nameEnd(position + 1)
        let name = text.text(start + 1, position)
        var variables = name == "ENV" || name == "__loc__" ? [] : [Name(text: name, span: span(start, position))]
        var lastStep = start
        while true {
            if byte == Byte.dot, Byte.isNameStart(text[position + 1]) {
                lastStep = position
                position = text.nameEnd(position + 1)
            } else if byte == Byte.openBracket {
                lastStep = position
                variables += try scanFilter(.brackets).variables
            } else {
                break
            }
        }
        reachEnd(ofVariable: start, lastStep: lastStep)
        return FilterText(text: text.text(start, position), span: span(start, position), variables: variables)
    }

    private func reachEnd(ofVariable start: Int, lastStep: Int) {
        guard atEnd == nil, position == text.end || byte == Byte.dot && position + 1 == text.end else { return }
        if position < text.end {
            atEnd = .field(path: text.text(start, position), prefix: "", start: position + 1, upstream: nil)
        } else if lastStep == start {
            atEnd = .variable(prefix: text.text(start + 1, position), start: start)
        } else if text[lastStep] == Byte.dot {
            atEnd = .field(
                path: text.text(start, lastStep), prefix: text.text(lastStep + 1, position), start: lastStep + 1,
                upstream: nil)
        }
    }

    /// `( pipeline )`, the span with the parentheses.
    func parseParenthesized() throws(SyntaxFailure) -> Pipeline {
        let start = position
        let outer = try descend(at: start)
        defer { ascend(to: outer) }
        position += 1
        enclosure.newlineEnds = false
        skipBlanks()
        if isAtEnd {
            if atEnd == nil { atEnd = .stageHead(prefix: "", start: position) }
            throw unclosedParen(start)
        }
        var pipeline = try parsePipeline()
        skipBlanks()
        guard byte == Byte.closeParen else { throw notClosing(start) }
        position += 1
        pipeline.span = span(start, position)
        return pipeline
    }

    private func notClosing(_ start: Int) -> SyntaxFailure {
        if isAtEnd { return unclosedParen(start) }
        return expected(
            "`)`", after: "the pipeline",
            help: byte == Byte.semicolon
                ? "parentheses hold one pipeline; statements go into a block" : "the `(` is at \(place(start))")
    }

    func unclosedParen(_ start: Int) -> SyntaxFailure {
        SyntaxFailure(
            "this `(` is not closed", span(start, start + 1), label: "opened here", help: "close it with `)`",
            isIncomplete: isAtEnd)
    }

    /// `line 3, column 5`, for messages that name a second place.
    func place(_ offset: Int) -> String {
        let position = source.position(at: offset)
        return "line \(position.line), column \(position.column)"
    }
}
