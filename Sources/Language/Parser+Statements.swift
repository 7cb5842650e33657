// Statement lists, blocks, and going on after an error.
extension Parser {
    /// Statements up to the end of the text or the `}` of the block they stand in, which is left for the caller.
    func parseStatements() -> [Statement] {
        var statements: [Statement] = []
        while !hasStopped {
            skipSpace()
            if isAtEnd { break }
            if byte == Byte.semicolon {
                position += 1
                continue
            }
            if byte == Byte.closeBrace, enclosure.inBlock { break }
            let start = position
            do throws(SyntaxFailure) {
                try refuseStray()
                try refusePOSIXStatement()
                let statement = try parseStatement()
                statements.append(statement)
                // The `;` that ends a filter's body ends the statement too.
                if case .filter = statement { continue }
                try expectStatementEnd(of: statement)
                // Behind a whole statement there is nothing to complete before the next separator.
                if isAtEnd, atEnd == nil { atEnd = CompletionContext.none }
            } catch {
                recover(from: error, startedAt: start)
            }
        }
        if isAtEnd, atEnd == nil { atEnd = .stageHead(prefix: "", start: position) }
        return statements
    }

    private func refuseStray() throws(SyntaxFailure) {
        guard byte == Byte.closeBrace || byte == Byte.closeParen || byte == Byte.closeBracket else { return }
        throw SyntaxFailure(
            "unexpected `\(text.text(position, position + 1))`", span(position, position + 1),
            label: "nothing is open here")
    }

    var isAtStatementEnd: Bool {
        isAtEnd || byte == Byte.newline || byte == Byte.semicolon || byte == Byte.closeBrace && enclosure.inBlock
    }

    private func expectStatementEnd(of statement: Statement) throws(SyntaxFailure) {
        skipBlanks()
        if isAtStatementEnd { return }
        if byte == Byte.pipe, statement.isLoopOrCondition {
            throw SyntaxFailure(
                "a statement with a block is no stage of a pipeline", span(position, position + 1), label: "unexpected",
                help: "`… | each { … } | collect` is one; or put the statement into a `def` and pipe that on")
        }
        if byte == Byte.closeParen || byte == Byte.closeBracket || byte == Byte.closeBrace { return try refuseStray() }
        let end = itemEnd(position)
        throw SyntaxFailure(
            "expected the end of the statement, found `\(shown(position, end))`", span(position, end),
            label: "unexpected", help: "put a new line or `;` between statements")
    }

    /// The end of what stands at an offset, as a message quotes it: a word or one character.
    func itemEnd(_ offset: Int) -> Int {
        var end = offset
        while end < text.end, !Byte.isSpace(text[end]), !Self.wordEnds.contains(text[end]) { end += 1 }
        if end > offset { return end }
        end = offset + 1
        while text[end] & 0xC0 == 0x80 { end += 1 }
        return min(end, text.end)
    }

    func shown(_ start: Int, _ end: Int) -> String {
        let piece = text.text(start, end)
        return piece.count > 30 ? piece.prefix(30) + "…" : piece
    }

    static let wordEnds: Set<UInt8> = [
        Byte.pipe, Byte.semicolon, Byte.openParen, Byte.closeParen, Byte.openBrace, Byte.closeBrace,
    ]

    // MARK: Recovery

    /// Records an error and goes to where the next statement may start. Behind something unclosed that is the next line
    /// that looks like a statement; behind anything else the end of this one.
    private func recover(from failure: SyntaxFailure, startedAt start: Int) {
        diagnostics.append(failure.diagnostic)
        defer { skipped.append(span(start, position)) }
        if hasStopped || diagnostics.count >= Self.maximumDiagnostics {
            hasStopped = true
            position = text.end
            return
        }
        let place = failure.diagnostic.span?.start ?? start
        if let resume = failure.resume {
            position = statementEnd(after: resume, startedAt: start)
        } else if failure.diagnostic.isIncomplete, place < text.end {
            position = nextStatementLine(after: max(place, start))
        } else {
            position = statementEnd(after: max(place, start), startedAt: start)
        }
        if position <= start { position = start + 1 }
    }

    private func nextStatementLine(after offset: Int) -> Int {
        var line = text.lineEnd(offset)
        while line < text.end {
            let start = text.skipBlanks(line + 1)
            let end = text.nameEnd(start, hyphens: true)
            let word = text.text(start, end)
            if text[start] == Byte.closeBrace, enclosure.inBlock { return start }
            if Self.statementWords.contains(word) || isCommand(word), Byte.isSpace(text[end]) || end == text.end {
                return start
            }
            line = text.lineEnd(max(start, line + 1))
        }
        return text.end
    }

    /// Whether a line between two offsets begins with words that are no jq.
    func surelyStartsStatement(between start: Int, and end: Int) -> Bool {
        var line = text.lineEnd(start)
        while line < end {
            let first = text.skipBlanks(line + 1)
            let last = text.nameEnd(first)
            if first < end, ["let", "for", "params", "source", "assert", "fail"].contains(text.text(first, last)),
                Byte.isBlank(text[last])
            {
                return true
            }
            line = text.lineEnd(max(first, line + 1))
        }
        return false
    }

    private func statementEnd(after offset: Int, startedAt start: Int) -> Int {
        var open = 0
        var position = offset
        while position < text.end {
            switch text[position] {
            case Byte.newline where open <= 0: return position
            case Byte.semicolon where open <= 0: return position
            case Byte.openBrace, Byte.openParen, Byte.openBracket: open += 1
            case Byte.closeBrace where open <= 0 && enclosure.inBlock && position > start: return position
            case Byte.closeBrace, Byte.closeParen, Byte.closeBracket: open -= 1
            case Byte.singleQuote, Byte.doubleQuote:
                let next = lookahead.skipItem(position)
                position = next > text.end ? text.lineEnd(position) : next
                continue
            default: break
            }
            position += 1
        }
        return open > 0 ? nextStatementLine(after: offset) : text.end
    }

    // MARK: Blocks

    /// `{ … }`; a block that the text's end leaves open is reported and kept.
    func parseBlock(after what: String) throws(SyntaxFailure) -> Block {
        skipSpace()
        guard byte == Byte.openBrace else {
            throw expected("`{`", after: what, onAnyLine: true)
        }
        let start = position
        let outer = try descend(at: start)
        defer { ascend(to: outer) }
        position += 1
        enclosure = Enclosure(newlineEnds: true, inBlock: true)
        enter(scopeAt: start)
        let statements = parseStatements()
        leave(scopeAt: start)
        if byte == Byte.closeBrace {
            position += 1
        } else if !hasStopped {
            diagnostics.append(
                Diagnostic(
                    code: "syntax", message: "this `{` is not closed", span: span(start, start + 1),
                    label: "opened here", help: ["close the block with `}`"], isIncomplete: true))
        }
        return Block(statements: statements, span: span(start, position))
    }

    /// An error at the position: something is missing there. It may still come where a line end does not matter.
    func expected(
        _ wanted: String, after what: String, help: String? = nil, onAnyLine: Bool = false
    ) -> SyntaxFailure {
        if isAtEnd {
            return SyntaxFailure(
                "expected \(wanted) after \(what)", span(text.end, text.end), label: "the text ends here", help: help,
                isIncomplete: onAnyLine || !enclosure.newlineEnds)
        }
        if byte == Byte.newline {
            return SyntaxFailure(
                "expected \(wanted) after \(what)", span(position, position), label: "the line ends here", help: help)
        }
        let end = itemEnd(position)
        return SyntaxFailure(
            "expected \(wanted) after \(what), found `\(shown(position, end))`", span(position, end),
            label: "expected \(wanted)", help: help)
    }
}

extension Statement {
    fileprivate var isLoopOrCondition: Bool {
        switch self {
        case .for, .while, .if: true
        default: false
        }
    }
}
