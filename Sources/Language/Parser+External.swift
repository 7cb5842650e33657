// `!text`: a program's text, which follows the quoting rules of `sh`.
extension Parser {
    /// The text runs to a `|`, `;`, line end, `)` or `}` that `sh`'s own quotes and brackets leave open; `||` and `&&` stay
    /// inside.
    func parseExternal() throws(SyntaxFailure) -> ExternalCall {
        let start = position
        position = text.skipBlanks(position + 1)
        var scan = ExternalScan(textStart: position, end: position)
        while position < text.end, try step(&scan, start) {}
        if isAtEnd, let open = scan.open.last {
            throw SyntaxFailure(
                "this `\(text.text(open, open + 1))` is not closed", span(open, open + 1), label: "opened here",
                isIncomplete: true)
        }
        if scan.end > scan.textStart { scan.parts.append(.text(text.text(scan.textStart, scan.end))) }
        guard !scan.parts.isEmpty else { throw expected("a program", after: "`!`") }
        upstream = nil
        position = max(scan.end, scan.valueEnd)
        return ExternalCall(parts: scan.parts, span: span(start, position))
    }

    private struct ExternalScan {
        var parts: [ExternalCall.Part] = []
        var textStart: Int
        /// Behind the last byte that is no blank.
        var end: Int
        var valueEnd = 0
        /// The offsets of the open `(`, `{`, `"` and backticks.
        var open: [Int] = []
    }

    /// Takes one item; false where the text ends.
    private func step(_ scan: inout ExternalScan, _ start: Int) throws(SyntaxFailure) -> Bool {
        let byte = text.bytes[position]
        let opener = scan.open.last.map { text[$0] }
        let inQuotes = opener == Byte.doubleQuote
        if byte == Byte.backslash, text[position + 1] == Byte.openParen {
            if position > scan.textStart { scan.parts.append(.text(text.text(scan.textStart, position))) }
            scan.parts.append(.interpolation(try parseInterpolation(), insideDoubleQuotes: inQuotes))
            (scan.textStart, scan.end, scan.valueEnd) = (position, position, position)
            return true
        }
        if scan.open.isEmpty, endsExternal(byte) { return false }
        switch byte {
        case Byte.backslash: return take(2, &scan)
        case Byte.singleQuote where !inQuotes:
            let end = lookahead.skipItem(position)
            if end > text.end {
                throw SyntaxFailure(
                    "this quote is not closed", span(position, position + 1), label: "opened here", isIncomplete: true)
            }
            return take(end - position, &scan)
        case Byte.doubleQuote, Byte.backtick:
            if opener == byte { scan.open.removeLast() } else { scan.open.append(position) }
        case Byte.openParen, Byte.openBrace:
            if !inQuotes || text[position - 1] == Byte.dollar { scan.open.append(position) }
        case Byte.closeParen where opener == Byte.openParen, Byte.closeBrace where opener == Byte.openBrace:
            scan.open.removeLast()
        case Byte.pipe, UInt8(ascii: "&"):
            if text[position + 1] == byte { return take(2, &scan) }
        default: break
        }
        return take(1, &scan)
    }

    private func take(_ count: Int, _ scan: inout ExternalScan) -> Bool {
        position = min(position + count, text.end)
        if !Byte.isSpace(text[position - 1]) || count > 1 { scan.end = position }
        return true
    }

    private func endsExternal(_ byte: UInt8) -> Bool {
        switch byte {
        case Byte.pipe: text[position + 1] != Byte.pipe
        case Byte.semicolon, Byte.closeParen: true
        case Byte.closeBrace: enclosure.inBlock
        case Byte.newline: enclosure.newlineEnds
        case Byte.hash: Byte.isSpace(text[position - 1])
        default: false
        }
    }
}
