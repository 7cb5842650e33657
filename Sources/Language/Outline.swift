/// What a script defines, found by a quick look before the parse: which words are commands decides how the rest reads.
package struct Outline: Sendable {
    /// The key of the file's own scope in `names`.
    static let topLevel = -1

    /// The names of the `def`s by the offset of the `{` that opens their block.
    let names: [Int: [String]]
    /// The `def`s outside any block: the commands that a file gives to whoever sources it.
    package let definitions: [String]
    /// The paths of `source 'path'` statements with a constant path, in order.
    package let sourcedPaths: [String]

    package init(_ source: Source) {
        var scan = OutlineScan(Bytes(source.bytes))
        scan.run()
        names = scan.names
        definitions = scan.names[Self.topLevel] ?? []
        sourcedPaths = scan.sourcedPaths
    }
}

private struct OutlineScan {
    let text: Bytes
    var lookahead: Lookahead
    var names: [Int: [String]] = [:]
    var sourcedPaths: [String] = []
    private var position = 0
    private var scopes: [Int] = [Outline.topLevel]

    init(_ text: Bytes) {
        self.text = text
        lookahead = Lookahead(text)
    }

    mutating func run() {
        var atStart = true
        while position < text.end {
            if atStart {
                position = text.skipSpace(position)
                statement()
                atStart = false
            }
            let byte = text[position]
            switch byte {
            case Byte.newline, Byte.semicolon:
                position += 1
                atStart = true
            case Byte.openBrace:
                scopes.append(position)
                position += 1
                atStart = true
            case Byte.closeBrace:
                if scopes.count > 1 { scopes.removeLast() }
                position += 1
            default:
                position = lookahead.skipItem(position)
            }
        }
    }

    private mutating func statement() {
        let end = text.nameEnd(position)
        let next = text.skipBlanks(end)
        guard next > end else { return }
        switch text.text(position, end) {
        case "def":
            if lookahead.isDefinition(nameAt: next) {
                names[scopes.last ?? Outline.topLevel, default: []].append(
                    text.text(next, text.nameEnd(next, hyphens: true)))
            }
        case "source":
            let quote = text[next]
            if quote == Byte.singleQuote || quote == Byte.doubleQuote {
                var close = next + 1
                while close < text.end, text[close] != quote { close += 1 }
                let path = text.text(next + 1, close)
                if !path.contains("\\") { sourcedPaths.append(path) }
            } else {
                var close = next
                while close < text.end, !Byte.isSpace(text[close]), text[close] != Byte.semicolon { close += 1 }
                let path = text.text(next, close)
                if !path.contains("$"), !path.contains("("), !path.contains("\\") { sourcedPaths.append(path) }
            }
        default: break
        }
    }
}

/// Looks ahead over brackets and quotes without knowing what they are part of. An unclosed bracket is looked for to the
/// end of the text, so only so many of them are, which keeps the parse linear.
struct Lookahead {
    static let maximumFailures = 16

    let text: Bytes
    var failures = 0
    /// No `{{` before this offset has its `}}` on its line.
    var noTemplateBefore = 0

    init(_ text: Bytes) { self.text = text }

    /// The offset behind the item at an offset: a quoted string, a comment, an escaped byte, or one byte.
    func skipItem(_ offset: Int) -> Int {
        switch text[offset] {
        case Byte.backslash: return offset + 2
        case Byte.singleQuote:
            var close = offset + 1
            while close < text.end, text[close] != Byte.singleQuote { close += 1 }
            return close + 1
        case Byte.doubleQuote: return skipString(offset)
        case Byte.hash:
            let before = text[offset - 1]
            let starts =
                offset == 0 || Byte.isSpace(before)
                || [
                    Byte.openParen, Byte.openBracket, Byte.openBrace, Byte.pipe, Byte.comma, Byte.semicolon,
                ].contains(before)
            return starts ? text.lineEnd(offset) : offset + 1
        default: return offset + 1
        }
    }

    /// Over `"…"` with `\( … )` in it, which may hold strings again.
    private func skipString(_ offset: Int) -> Int {
        // One entry for each open string: how many parentheses are open in its interpolation.
        var open = [0]
        var inString = true
        var position = offset + 1
        while position < text.end {
            let byte = text[position]
            position += 1
            if inString {
                if byte == Byte.doubleQuote {
                    open.removeLast()
                    if open.isEmpty { return position }
                    inString = false
                } else if byte == Byte.backslash {
                    if text[position] == Byte.openParen {
                        open[open.count - 1] = 1
                        inString = false
                    }
                    position += 1
                }
            } else if byte == Byte.doubleQuote {
                open.append(0)
                inString = true
            } else if byte == Byte.openParen {
                open[open.count - 1] += 1
            } else if byte == Byte.closeParen {
                open[open.count - 1] -= 1
                if open[open.count - 1] == 0 { inString = true }
            }
        }
        return text.end
    }

    /// The offset behind the `)` that closes the `(` at an offset; nil where none does.
    mutating func closingParen(_ offset: Int) -> Int? {
        guard failures < Self.maximumFailures else { return nil }
        var stack: [UInt8] = []
        var position = offset
        while position < text.end {
            switch text[position] {
            case Byte.openParen:
                stack.append(Byte.closeParen)
                position += 1
            case Byte.openBrace:
                stack.append(Byte.closeBrace)
                position += 1
            case Byte.closeParen, Byte.closeBrace:
                if stack.last != text[position] {
                    failures += 1
                    return nil
                }
                stack.removeLast()
                position += 1
                if stack.isEmpty { return position }
            default:
                position = skipItem(position)
            }
        }
        failures += 1
        return nil
    }

    /// `NAME {` or `NAME( … ) {` at an offset, rather than jq's `NAME:` or `NAME( … ):`.
    mutating func isDefinition(nameAt offset: Int) -> Bool {
        let end = text.nameEnd(offset, hyphens: true)
        guard end > offset else { return false }
        var next = text.skipBlanks(end)
        if text[next] == Byte.openParen {
            guard let close = closingParen(next) else { return false }
            next = close
        }
        return text[text.skipSpace(next)] == Byte.openBrace
    }

    /// `( … ) {` or `$name… {` at an offset: the condition of a dsh statement rather than of jq's `if … then`.
    mutating func isConditionBeforeBlock(_ offset: Int) -> Bool {
        let start = text.skipBlanks(offset)
        if text[start] == Byte.openParen {
            guard let close = closingParen(start) else { return false }
            return text[text.skipSpace(close)] == Byte.openBrace
        }
        guard text[start] == Byte.dollar else { return false }
        var end = text.nameEnd(start + 1)
        while Byte.isName(text[end]) || text[end] == Byte.dot || text[end] == Byte.openBracket
            || text[end] == Byte.closeBracket
        {
            end += 1
        }
        return end > start + 1 && text[text.skipSpace(end)] == Byte.openBrace
    }
}
