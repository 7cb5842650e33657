// One function for each statement that starts with a word of its own.
extension Parser {
    static let statementWords: Set<String> = [
        "let", "if", "for", "while", "break", "continue", "def", "params", "filter", "try", "assert", "fail", "return",
        "exit", "source",
    ]

    func parseStatement() throws(SyntaxFailure) -> Statement {
        let start = position
        let end = text.nameEnd(start)
        let word = text.text(start, end)
        guard Self.statementWords.contains(word) || word == "else" || word == "catch", startsStatement(word, end) else {
            return .pipeline(try parsePipeline())
        }
        position = end
        if end == text.end, atEnd == nil { atEnd = .stageHead(prefix: word, start: start) }
        // Kept apart from the statements without blocks: what nests has to be sparing with the stack.
        switch word {
        case "let": return try parseLet(start)
        case "if": return try parseIf(start)
        case "for": return try parseFor(start)
        case "while": return try parseWhile(start)
        case "def": return try parseDef(start)
        case "try": return try parseTry(start)
        default: return try parseSimpleStatement(word, start)
        }
    }

    private func parseSimpleStatement(_ word: String, _ start: Int) throws(SyntaxFailure) -> Statement {
        switch word {
        case "break": return .break(span(start, position))
        case "continue": return .continue(span(start, position))
        case "params": return .params(try parseParams(start))
        case "filter": return .filter(try parseFilterDefinition(start))
        case "assert":
            let condition = try parseCondition("`assert`")
            return .assert(condition: condition, message: try parseOptionalWord(), span: span(start, position))
        case "fail":
            return .fail(message: try parseRequiredWord("a message", after: "`fail`"), span: span(start, position))
        case "return": return .return(value: try parseOptionalValue(), span: span(start, position))
        case "exit":
            skipBlanks()
            try refuseSecondStatus()
            return .exit(status: try parseOptionalValue(), span: span(start, position))
        case "source":
            return .source(path: try parseSourcedPath(behind: position), span: span(start, position))
        default:
            throw SyntaxFailure(
                "`\(word)` without \(word == "else" ? "`if`" : "`try`")", span(start, position),
                help: "`\(word)` follows the `}` of the block before it")
        }
    }

    /// The path behind `source`, which ends at `end`; for completion it is like a command's argument.
    private func parseSourcedPath(behind end: Int) throws(SyntaxFailure) -> Word {
        skipBlanks()
        let start = position
        let name = Name(text: "source", span: span(end - "source".utf8.count, end))
        if isAtEnd, start > end { reachEnd(name, [], prefix: "", quote: nil, start: start) }
        do throws(SyntaxFailure) {
            let word = try parseRequiredWord("a path", after: "`source`")
            if position >= text.end {
                reachEnd(name, [], prefix: word.constantText ?? word.span.text, quote: nil, start: start)
            }
            return word
        } catch {
            reachOpenQuote(name, [], error, start: start)
            throw error
        }
    }

    private func parseWhile(_ start: Int) throws(SyntaxFailure) -> Statement {
        let condition = try parseCondition("`while`")
        let body = try parseBlock(after: "the condition")
        return .while(condition: condition, body: body, span: span(start, position))
    }

    /// jq has an `if`, a `try`, a `def`, a `while` and a `break` too: which one it is shows in what follows.
    private func startsStatement(_ word: String, _ end: Int) -> Bool {
        let next = text.skipBlanks(end)
        let byte = text[next]
        let stands = next > end || end == text.end || [Byte.newline, Byte.semicolon, Byte.closeBrace].contains(byte)
        switch word {
        case "if", "while":
            return (next > end || byte == Byte.openParen) && lookahead.isConditionBeforeBlock(end)
        case "try": return byte == Byte.openBrace
        case "catch", "else": return stands || byte == Byte.openBrace
        case "def": return next > end && lookahead.isDefinition(nameAt: next)
        case "break": return stands && byte != Byte.dollar
        case "let", "for": return stands
        case "return", "exit", "assert", "fail", "source": return stands || byte == Byte.openParen
        default: return stands
        }
    }

    private func parseLet(_ start: Int) throws(SyntaxFailure) -> Statement {
        let name = try parseVariableName(after: "`let`")
        skipBlanks()
        guard byte == Byte.equals, text[position + 1] != Byte.equals else {
            throw expected("`=`", after: "`let \(name.text)`", help: "write `let \(name.text) = pipeline`")
        }
        position += 1
        skipBlanks()
        if isAtStatementEnd { throw expected("a value", after: "`=`") }
        let value = try parseValue()
        return .let(name: name, value: value, span: span(start, value.span.end))
    }

    /// A variable's name where it is bound: without `$`.
    private func parseVariableName(after what: String) throws(SyntaxFailure) -> Name {
        skipBlanks()
        if byte == Byte.dollar {
            let end = text.nameEnd(position + 1)
            throw SyntaxFailure(
                "a variable is named without `$` where it is set", span(position, max(end, position + 1)),
                help: "write `\(text.text(position + 1, end))`; `$` is for using it")
        }
        let end = text.nameEnd(position)
        guard end > position else { throw expected("a name", after: what) }
        if text[end] == Byte.hyphen {
            throw SyntaxFailure(
                "a variable's name has no `-`", span(position, text.nameEnd(position, hyphens: true)),
                help: "use letters, digits and `_`")
        }
        defer { position = end }
        return Name(text: text.text(position, end), span: span(position, end))
    }

    private func parseIf(_ start: Int) throws(SyntaxFailure) -> Statement {
        var clauses: [IfClause] = []
        var otherwise: Block?
        repeat {
            let condition = try parseCondition("`if`")
            clauses.append(IfClause(condition: condition, body: try parseBlock(after: "the condition")))
            guard takeClause("else") else { break }
            let next = text.skipBlanks(position)
            if text.text(next, text.nameEnd(next)) == "if" {
                position = next + 2
                continue
            }
            otherwise = try parseBlock(after: "`else`")
        } while otherwise == nil
        return .if(clauses: clauses, otherwise: otherwise, span: span(start, position))
    }

    /// Takes `else` or `catch` behind a block, also on a later line.
    private func takeClause(_ word: String) -> Bool {
        let next = text.skipSpace(position)
        let end = text.nameEnd(next)
        guard text.text(next, end) == word else { return false }
        guard Byte.isSpace(text[end]) || text[end] == Byte.openBrace || end == text.end else { return false }
        skipSpace()
        position = end
        return true
    }

    /// `(pipeline)` or `$variable`.
    private func parseCondition(_ what: String) throws(SyntaxFailure) -> Pipeline {
        skipBlanks()
        if byte == Byte.openParen { return try parseParenthesized() }
        if byte == Byte.dollar, Byte.isNameStart(text[position + 1]) {
            let text = try parseVariable()
            return Pipeline(stages: [.filter(text)], span: text.span)
        }
        throw expected("`(`", after: what, help: "put the pipeline in parentheses")
    }

    private func parseFor(_ start: Int) throws(SyntaxFailure) -> Statement {
        let name = try parseVariableName(after: "`for`")
        skipBlanks()
        guard text.text(position, text.nameEnd(position)) == "in" else {
            throw expected("`in`", after: "`for \(name.text)`", help: "write `for \(name.text) in (pipeline) { … }`")
        }
        position += 2
        let values = try parseCondition("`in`")
        skipBlanks()
        var parallel: Parallel?
        let word = text.nameEnd(position)
        if text.text(position, word) == "parallel" {
            let place = position
            position = word
            skipBlanks()
            if byte == Byte.openBrace { throw expected("a number", after: "`parallel`") }
            let count = try parseRequiredWord("a number", after: "`parallel`")
            skipBlanks()
            let keepGoing = takeText("--keep-going")
            parallel = Parallel(count: count, keepGoing: keepGoing, span: span(place, position))
        }
        let body = try parseBlock(after: parallel == nil ? "the values" : "`parallel`")
        return .for(name: name, values: values, parallel: parallel, body: body, span: span(start, position))
    }

    private func takeText(_ wanted: String) -> Bool {
        let end = position + wanted.utf8.count
        guard end <= text.end, text.text(position, end) == wanted, !Byte.isName(text[end]) else { return false }
        position = end
        return true
    }

    private func parseTry(_ start: Int) throws(SyntaxFailure) -> Statement {
        let body = try parseBlock(after: "`try`")
        var handler: CatchClause?
        if takeClause("catch") {
            skipBlanks()
            let name = byte == Byte.openBrace ? nil : try parseVariableName(after: "`catch`")
            handler = CatchClause(name: name, body: try parseBlock(after: "`catch`"))
        }
        return .try(body: body, handler: handler, span: span(start, position))
    }

    // MARK: Values

    /// `pipeline`, or the pipeline inside `( … )` where nothing comes behind it.
    private func parseValue() throws(SyntaxFailure) -> Pipeline {
        if byte == Byte.openParen {
            guard let close = lookahead.closingParen(position) else { return try parseParenthesized() }
            var next = text.skipBlanks(close)
            if text[next] == Byte.newline || text[next] == Byte.hash, text[text.skipSpace(next)] == Byte.pipe {
                next = text.skipSpace(next)
            }
            let ends = [Byte.newline, Byte.semicolon, Byte.hash, Byte.closeBrace, Byte.closeParen]
            if next >= text.end || ends.contains(text[next]) { return try parseParenthesized() }
        }
        return try parsePipeline()
    }

    private func parseOptionalValue() throws(SyntaxFailure) -> Pipeline? {
        skipBlanks()
        return isAtStatementEnd ? nil : try parseValue()
    }

    private func parseOptionalWord() throws(SyntaxFailure) -> Word? {
        skipBlanks()
        return isAtStatementEnd ? nil : try parseWord()
    }

    func parseRequiredWord(_ wanted: String, after what: String) throws(SyntaxFailure) -> Word {
        skipBlanks()
        let start = position
        let word = isAtStatementEnd ? nil : try parseWord()
        guard let word, position > start else { throw expected(wanted, after: what) }
        return word
    }
}
