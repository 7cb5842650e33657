// Pipelines and stages, and telling commands from jq.
extension Parser {
    func parsePipeline() throws(SyntaxFailure) -> Pipeline {
        skipBlanks()
        let start = position
        var stages: [Stage] = []
        let outerUpstream = upstream
        upstream = nil
        defer { upstream = outerUpstream }
        repeat {
            try parseStage(into: &stages)
        } while try takePipe()
        return Pipeline(stages: stages, span: span(start, stages.last?.span.end ?? position))
    }

    /// Takes the `|` before the next stage. It may stand at the start of a later line: no statement starts with `|`.
    private func takePipe() throws(SyntaxFailure) -> Bool {
        skipBlanks()
        if byte == Byte.newline {
            guard text[text.skipSpace(position)] == Byte.pipe else { return false }
            skipSpace()
        }
        guard byte == Byte.pipe else { return false }
        let pipe = position
        if text[pipe + 1] == Byte.equals {
            throw SyntaxFailure(
                "`|=` needs jq on its left", span(pipe, pipe + 2), help: "a command's result is piped on with `|`")
        }
        position += 1
        skipSpace()
        if isAtEnd {
            if atEnd == nil { atEnd = .stageHead(prefix: "", start: position) }
            throw SyntaxFailure(
                "expected a stage after `|`", span(pipe, pipe + 1), label: "nothing follows", isIncomplete: true)
        }
        return true
    }

    /// One stage; a parenthesised pipeline that starts with a command is its stages.
    private func parseStage(into stages: inout [Stage]) throws(SyntaxFailure) {
        if startsCommand(position) {
            stages.append(try parseCommand())
        } else if byte == Byte.openParen, startsParenthesizedCommand(position) {
            stages += try parseParenthesized().stages
            try refuseTermBehindCommand()
        } else {
            stages.append(try parseTextStage(isFirst: stages.isEmpty))
        }
    }

    private func parseTextStage(isFirst: Bool) throws(SyntaxFailure) -> Stage {
        if byte == Byte.bang, text[position + 1] != Byte.equals { return .external(try parseExternal()) }
        try refuseNoStage(isFirst: isFirst)
        try refuseDollarStage()
        return .filter(try scanFilter(.stage(newlineEnds: enclosure.newlineEnds)))
    }

    private func refuseTermBehindCommand() throws(SyntaxFailure) {
        skipBlanks()
        if isAtStatementEnd || byte == Byte.pipe || byte == Byte.closeParen { return }
        let end = itemEnd(position)
        throw SyntaxFailure(
            "a command's result is no term of a filter", span(position, end), label: "expected `|` or the end",
            help: "keep it with `let x = (…)` and use `$x`, or pipe it on")
    }

    /// What no stage can start with.
    private func refuseNoStage(isFirst: Bool) throws(SyntaxFailure) {
        switch byte {
        case Byte.pipe:
            throw SyntaxFailure(
                "expected a stage before `|`", span(position, position + 1),
                help: text[position - 1] == Byte.pipe ? "there is no `||`: use `try { … } catch e { … }`" : nil)
        case Byte.closeParen, Byte.closeBrace, Byte.closeBracket, Byte.semicolon:
            if isFirst {
                throw SyntaxFailure(
                    "expected a pipeline, found `\(shown(position, position + 1))`", span(position, position + 1))
            }
            throw expected("a stage", after: "`|`")
        case Byte.singleQuote:
            throw SyntaxFailure(
                "a stage cannot start with a quoted word", span(position, position + 1),
                help: "jq text stands unquoted; `jq '…'` is the form with quotes")
        default: break
        }
    }

    // MARK: Telling commands from jq

    /// True where a command, a program or a parenthesised command pipeline starts: there jq text before it ends.
    func startsStage(_ offset: Int) -> Bool {
        if text[offset] == Byte.bang { return text[offset + 1] != Byte.equals }
        return startsCommand(offset) || startsParenthesizedCommand(offset)
    }

    private func startsParenthesizedCommand(_ offset: Int) -> Bool {
        var inner = offset
        // Bounded, so that a text of parentheses is not looked through for each of them.
        for _ in 0..<4 where text[inner] == Byte.openParen { inner = text.skipSpace(inner + 1) }
        return inner > offset && (startsCommand(inner) || text[inner] == Byte.bang && text[inner + 1] != Byte.equals)
    }

    /// A command's name standing as a word of its own, or a word that is no command but no jq either.
    func startsCommand(_ offset: Int) -> Bool {
        let end = text.nameEnd(offset, hyphens: true)
        guard end > offset, endsCommandWord(end) else { return false }
        let word = text.text(offset, end)
        return word == "jq" || isCommand(word) || isNoFilter(word, endingAt: end)
    }

    private func endsCommandWord(_ end: Int) -> Bool {
        switch text[end] {
        case Byte.pipe: text[end + 1] != Byte.equals
        case Byte.semicolon, Byte.closeParen, Byte.closeBrace, Byte.openBrace: true
        case Byte.backslash: text.continuationLength(end) > 0
        default: end >= text.end || Byte.isSpace(text[end])
        }
    }

    /// `imags nginx`: a term behind a term is never jq. It reads as a command, so that the message can be about the
    /// command that does not exist.
    private func isNoFilter(_ word: String, endingAt end: Int) -> Bool {
        guard !FilterScanner.keywords.contains(word), !["not", "true", "false", "null"].contains(word) else {
            return false
        }
        let next = text.skipBlanks(end)
        guard next > end else { return false }
        let byte = text[next]
        if Byte.isNameStart(byte) {
            return !["as", "and", "or", "then", "elif", "else", "end", "catch"].contains(
                text.text(next, text.nameEnd(next)))
        }
        if byte == Byte.hyphen {
            if text[next + 1] == Byte.hyphen { return Byte.isNameStart(text[next + 2]) }
            return !Byte.isSpace(text[next + 1]) && Self.programs.contains(word)
        }
        return byte == Byte.singleQuote || byte == Byte.doubleQuote || byte == Byte.dollar || Byte.isDigit(byte)
    }

    /// Programs that lines of other shells go through: what begins with `-` behind them is an option, and no subtraction.
    private static let programs: Set<String> = [
        "grep", "egrep", "fgrep", "rg", "head", "tail", "wc", "awk", "cut", "sed", "tr", "xargs", "uniq", "tee", "cat",
        "less", "ls", "rm", "cp", "mv", "curl",
    ]

    // MARK: Commands

    private func parseCommand() throws(SyntaxFailure) -> Stage {
        let start = position
        position = text.nameEnd(position, hyphens: true)
        let name = Name(text: text.text(start, position), span: span(start, position))
        if position == text.end, atEnd == nil { atEnd = .stageHead(prefix: name.text, start: start) }
        upstreams.append(upstream ?? "")
        defer { upstreams.removeLast() }
        upstream = name.text
        upstreamWords = []
        if name.text == "jq" { return .explicitFilter(try parseExplicitFilter(name)) }
        if let block = try parsePrefixed(by: name) {
            return .command(CommandCall(name: name, arguments: [], block: block, span: span(start, block.span.end)))
        }
        var arguments: [Word] = []
        while let word = try parseArgument(of: name, arguments) { arguments.append(word) }
        let block = byte == Byte.openBrace ? try parseBlock(after: name.text) : nil
        let end = block?.span.end ?? arguments.last?.span.end ?? name.span.end
        return .command(CommandCall(name: name, arguments: arguments, block: block, span: span(start, end)))
    }

    /// The pipeline behind `time`; nil for another command, and where a block, an option or nothing follows.
    private func parsePrefixed(by name: Name) throws(SyntaxFailure) -> Block? {
        guard name.text == "time", definedNames[name.text, default: 0] == 0 else { return nil }
        let next = text.skipBlanks(position)
        if next > position, next >= text.end, atEnd == nil { atEnd = .stageHead(prefix: "", start: next) }
        let isOption = text[next] == Byte.hyphen && (text[next + 1] == Byte.hyphen || Byte.isNameStart(text[next + 1]))
        guard next > position, next < text.end, !isOption,
            ![
                Byte.newline, Byte.carriageReturn, Byte.hash, Byte.pipe, Byte.semicolon, Byte.closeParen,
                Byte.openBrace, Byte.closeBrace, Byte.backslash,
            ].contains(text[next])
        else { return nil }
        let outer = try descend(at: name.span.start)
        defer { ascend(to: outer) }
        let pipeline = try parsePipeline()
        return Block(statements: [.pipeline(pipeline)], span: pipeline.span, isBare: true)
    }

    /// The next word of a command; nil where its words end or its block starts.
    private func parseArgument(of name: Name, _ arguments: [Word]) throws(SyntaxFailure) -> Word? {
        skipBlanks()
        let start = position
        if isAtEnd {
            if start > name.span.end { reachEnd(name, arguments, prefix: "", quote: nil, start: start) }
            return nil
        }
        if byte == Byte.openBrace, text[position + 1] != Byte.openBrace { return try noObject(behind: name) }
        if byte == Byte.closeBrace, !enclosure.inBlock {
            throw SyntaxFailure(
                "unexpected `}`", span(position, position + 1), label: "nothing is open here",
                help: "quote it where it is text: `'}'`")
        }
        let outer = quotesAsPOSIX
        quotesAsPOSIX = name.text == "docker" && definedNames[name.text, default: 0] == 0
        defer { quotesAsPOSIX = outer }
        do throws(SyntaxFailure) {
            guard let word = try parseWord() else { return nil }
            try take(word, of: name, arguments, start: start)
            return word
        } catch {
            reachOpenQuote(name, arguments, error, start: start)
            throw error
        }
    }

    /// Apart from `parseArgument`, which nests and has to be sparing with the stack.
    private func take(_ word: Word, of name: Name, _ arguments: [Word], start: Int) throws(SyntaxFailure) {
        if position >= text.end {
            reachEnd(name, arguments, prefix: word.constantText ?? word.span.text, quote: nil, start: start)
        }
        try refuseShellOperator(word, name, arguments)
        upstreamWords.append(word.constantText)
    }

    /// Notes a word that the text ends within, where its quote is still open.
    func reachOpenQuote(_ name: Name, _ arguments: [Word], _ failure: SyntaxFailure, start: Int) {
        guard let open = openQuote, failure.diagnostic.isIncomplete else { return }
        let quote = open.quote == Byte.singleQuote ? CompletionContext.Quote.single : .double
        // What stands before the quote belongs to the word; where that is more than bare text, nothing is completed.
        let isBare = text.bytes[start..<open.start].allSatisfy {
            ![Byte.singleQuote, Byte.doubleQuote, Byte.backslash, Byte.dollar, Byte.openParen].contains($0)
        }
        guard isBare else {
            if atEnd == nil { atEnd = CompletionContext.none }
            return
        }
        reachEnd(name, arguments, prefix: text.text(start, open.start) + open.text, quote: quote, start: start)
    }

    func reachEnd(
        _ name: Name, _ arguments: [Word], prefix: String, quote: CompletionContext.Quote?, start: Int
    ) {
        guard atEnd == nil else { return }
        let words = arguments.map { $0.constantText ?? $0.span.text }
        atEnd = .argument(
            command: name.text, words: words, prefix: prefix, quote: quote, start: start,
            upstream: upstreams.last.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// Habits of other shells that would silently become arguments.
    private func refuseShellOperator(_ word: Word, _ name: Name, _ arguments: [Word]) throws(SyntaxFailure) {
        guard let text = word.bareText else { return }
        if text.hasPrefix("`") {
            throw SyntaxFailure(
                "backticks run nothing here", word.span,
                help:
                    "`( … )` puts the values of a pipeline in, as in `\(name.text) (images | .[0])`; quote it where it "
                    + "is text")
        }
        // `where Size > 3` is about another command than `write`.
        if name.text == "where", !isCommand(name.text) { return }
        let help: String
        switch Parser.redirection(text) ?? text {
        case ">", ">>", "1>", "2>", "&>", "<":
            help = Parser.redirectionHelp(text, name.text, arguments) + "; quote it where it is text"
        case "&&": help = "an error stops a script, so a new line or `;` does it; quote it where it is text"
        case "&": help = "nothing runs in the background; quote it where it is text"
        default: return
        }
        throw SyntaxFailure("`\(text)` is no operator of this shell", word.span, help: help)
    }

    /// `>` or `<` where a word begins with a redirection and the file that it is to: `2>/dev/null`, `<images.tar`. A range of
    /// versions such as `>=1.25` or `<2` is none.
    private static func redirection(_ text: String) -> String? {
        let rest = text.drop { $0.isASCII && $0.isNumber || $0 == "&" }
        guard let sign = rest.first, sign == ">" || sign == "<" else { return nil }
        let file = rest.drop { $0 == sign }
        guard let first = file.first, first.isLetter || "/.~_&$".contains(first) else { return nil }
        return String(sign)
    }

    /// What to write instead of a redirection: the option of a command that reads or writes files itself, where it is one.
    private static func redirectionHelp(_ text: String, _ command: String, _ arguments: [Word]) -> String {
        let isDocker = command == "docker"
        let words = arguments.compactMap(\.bareText).filter { !$0.hasPrefix("-") && $0 != "image" }
        let subcommand = isDocker ? words.first : command
        if text.contains("<") {
            return switch subcommand {
            case "load": isDocker ? "use `-i FILE`" : "use `load FILE`"
            case "import": "name the file instead of `-`"
            default: "use `read FILE | …`"
            }
        }
        if text.hasPrefix("2") || text.hasPrefix("&") {
            return "errors are caught with `try { … } catch e { … }`, and `| write FILE` writes results"
        }
        if subcommand == "save" { return "use `-o FILE`" }
        return isDocker ? "use `| write FILE` for values, `| !cat > FILE` for Docker's text" : "use `| write FILE`"
    }

    /// `jq [options] text`.
    private func parseExplicitFilter(_ name: Name) throws(SyntaxFailure) -> ExplicitFilter {
        var options: [Word] = []
        var filter: Word?
        while let word = try parseArgument(of: name, options + (filter.map { [$0] } ?? [])) {
            if let bare = word.bareText, bare.hasPrefix("-"), bare.count > 1 {
                options.append(word)
            } else if filter == nil {
                filter = word
            } else {
                throw SyntaxFailure(
                    "`jq` takes one filter", word.span, label: "a second one",
                    help: "its input is what is piped in; quote a filter that has blanks in it")
            }
        }
        guard let filter else { return identity(name, options) }
        let constant = try constantFilter(filter)
        return ExplicitFilter(
            options: options, text: filter, filter: constant,
            span: span(name.span.start, max(filter.span.end, options.last?.span.end ?? 0)))
    }

    /// `jq` without a filter gives what it gets. Apart from what nests, as it takes room on the stack.
    private func identity(_ name: Name, _ options: [Word]) -> ExplicitFilter {
        let end = options.last?.span.end ?? name.span.end
        let place = span(end, end)
        return ExplicitFilter(
            options: options, text: Word(parts: [.literal(".", quoted: false, place)], span: place),
            filter: FilterText(text: ".", span: span(name.span.start, name.span.start + 1), variables: []),
            span: span(name.span.start, end))
    }
}
