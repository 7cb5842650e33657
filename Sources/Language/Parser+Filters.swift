// jq text: from the scanner's findings to the tree, and from its problems to diagnostics.
extension Parser {
    /// The jq text at the position; leaves the position behind it.
    func scanFilter(_ mode: FilterScanner.Mode) throws(SyntaxFailure) -> FilterText {
        var scanner = FilterScanner(text, at: position, mode: mode)
        let start = position
        do throws(FilterProblem) {
            try scanner.run { startsStage($0) }
            if case .stage = mode, scanner.last != .term {
                throw FilterProblem(
                    kind: .endsAfter, start: scanner.lastStart, end: scanner.lastEnd,
                    atEnd: scanner.position >= text.end)
            }
        } catch {
            reachEnd(of: scanner, from: start)
            throw failure(atItsRoot(error, scanner))
        }
        reachEnd(of: scanner, from: start)
        for comment in scanner.comments { record(comment: comment) }
        position = scanner.lastEnd
        return filterText(scanner, start, scanner.lastEnd)
    }

    /// Something unclosed swallows the statements behind it. Where one starts between the outermost open bracket and the
    /// place that was found, it is that bracket that was meant to be closed.
    private func atItsRoot(_ problem: FilterProblem, _ scanner: FilterScanner) -> FilterProblem {
        guard let root = scanner.frames.first else { return problem }
        switch problem.kind {
        case .unclosed, .unclosedString, .unexpected: break
        case .singleQuote, .backslash, .tooDeep, .commandInScope, .endsAfter: return problem
        }
        guard problem.start > root.open, surelyStartsStatement(between: root.open, and: problem.start) else {
            return problem
        }
        return FilterProblem(kind: .unclosed(root), start: root.open, end: root.open + 1, atEnd: problem.atEnd)
    }

    private func filterText(_ scanner: FilterScanner, _ start: Int, _ end: Int) -> FilterText {
        var bytes = Array(scanner.text.bytes[start..<max(start, end)])
        for gap in scanner.gaps {
            for offset in gap where offset < end { bytes[offset - start] = Byte.space }
        }
        return FilterText(
            text: String(decoding: bytes, as: UTF8.self), span: span(start, end),
            variables: scanner.variables.map { Name(text: $0.name, span: span($0.start, $0.end)) })
    }

    /// `\( … )`: the text inside the parentheses.
    func parseInterpolation() throws(SyntaxFailure) -> FilterText {
        let start = position
        position += 1
        var text = try scanFilter(.interpolation)
        let inner = text.text.utf8.dropFirst().dropLast()
        text.text = String(decoding: inner, as: UTF8.self)
        text.span = span(start + 2, position - 1)
        if text.text.allSatisfy(\.isWhitespace) {
            throw SyntaxFailure(
                "expected a filter inside `\\( … )`", span(start, position), help: "`\\(.)` is the input itself")
        }
        return text
    }

    /// The filter of `jq WORD` where the word is constant, with exact places where no escape stands in it.
    func constantFilter(_ word: Word) throws(SyntaxFailure) -> FilterText? {
        guard let constant = word.constantText, word.parts.count == 1,
            case .literal(_, let quoted, let place) = word.parts[0]
        else { return nil }
        let start = place.start + (quoted ? 1 : 0)
        let end = place.end - (quoted ? 1 : 0)
        let isExact = text.text(start, end) == constant
        let bytes = isExact ? Bytes(text.bytes, end: end) : Bytes(Array(constant.utf8))
        var scanner = FilterScanner(bytes, at: isExact ? start : 0, mode: .whole)
        do throws(FilterProblem) {
            try scanner.run { _ in false }
        } catch {
            var problem = error
            problem.atEnd = false
            if !isExact { (problem.start, problem.end) = (place.start, place.end) }
            throw failure(problem)
        }
        if isExact { return filterText(scanner, start, end) }
        return FilterText(
            text: constant, span: place, variables: scanner.variables.map { Name(text: $0.name, span: place) })
    }

    // MARK: Problems

    private func failure(_ problem: FilterProblem) -> SyntaxFailure {
        let place = span(problem.start, problem.end)
        switch problem.kind {
        case .unclosed(let frame):
            return unclosed(frame, isIncomplete: problem.atEnd)
        case .unclosedString:
            return SyntaxFailure(
                "this string is not closed", place, label: "opened here", help: "close it with `\"`",
                isIncomplete: problem.atEnd)
        case .unexpected(let frame):
            let found = text.text(problem.start, problem.end)
            return SyntaxFailure(
                "expected `\(closer(of: frame))`, found `\(found)`", place,
                label: "expected `\(closer(of: frame))`",
                help: "`\(opener(of: frame))` is open since \(self.place(frame.open))")
        case .singleQuote:
            return SyntaxFailure(
                "jq has no single quotes", place,
                help: "write a string as \"…\"; a filter as a whole can stand in quotes as `jq '…'`")
        case .backslash:
            return SyntaxFailure(
                "jq has no `\\` outside a string", place, help: "at the end of a line it joins the next one",
                isIncomplete: problem.atEnd)
        case .tooDeep:
            return SyntaxFailure("this filter nests more than \(FilterScanner.maximumDepth) levels deep", place)
        case .commandInScope:
            let end = max(text.nameEnd(problem.start, hyphens: true), problem.start + 1)
            return SyntaxFailure(
                "`\(text.text(problem.start, end))` is a command, and `as` binds a variable for jq alone",
                span(problem.start, end), label: "expected jq",
                help: "keep the value with `let` or walk it with `for`, then use it as `$name`")
        case .endsAfter:
            return SyntaxFailure(
                problem.start == problem.end
                    ? "expected a stage" : "expected more after `\(shown(problem.start, problem.end))`", place,
                label: "nothing follows", isIncomplete: problem.atEnd)
        }
    }

    private func unclosed(_ frame: FilterScanner.Frame, isIncomplete: Bool) -> SyntaxFailure {
        let length = max(text.nameEnd(frame.open) - frame.open, 1)
        if frame.kind == .definition, text.text(frame.open, frame.open + length) != "def" {
            return SyntaxFailure(
                "this `filter` has no end", span(frame.open, frame.open + length), label: "its body starts here",
                help: "end the body with `;`", isIncomplete: isIncomplete)
        }
        let help: String
        switch frame.kind {
        case .conditional:
            help = "jq writes `if … then … else … end`; the shell's own `if (pipeline) { … }` starts a statement"
        case .definition: help = "jq writes `def name: body;`; the shell's own is `def name(a, b) { … }`"
        case .reduction: help = "jq writes `reduce SOURCE as $x (START; UPDATE)`"
        case .paren, .bracket, .brace, .interpolation: help = "close it with `\(closer(of: frame))`"
        }
        return SyntaxFailure(
            "this `\(opener(of: frame))` is not closed", span(frame.open, frame.open + length), label: "opened here",
            help: help, isIncomplete: isIncomplete)
    }

    private func opener(of frame: FilterScanner.Frame) -> String {
        switch frame.kind {
        case .paren: "("
        case .interpolation: "\\("
        case .bracket: "["
        case .brace: "{"
        case .conditional: "if"
        case .definition: "def"
        case .reduction: text.text(frame.open, text.nameEnd(frame.open))
        }
    }

    private func closer(of frame: FilterScanner.Frame) -> String {
        switch frame.kind {
        case .paren, .interpolation: ")"
        case .bracket: "]"
        case .brace: "}"
        case .conditional: "end"
        case .definition: ";"
        case .reduction: "( … )"
        }
    }

    // MARK: Completion

    private func reachEnd(of scanner: FilterScanner, from start: Int) {
        guard atEnd == nil, scanner.position >= text.end || text.end == scanner.lastEnd else { return }
        var isStage = scanner.frames.isEmpty
        if case .stage = scanner.mode {} else { isStage = false }
        if case .stage = scanner.mode {
            filterAtEnd = CompletionContext.OpenFilter(text: text.text(start, text.end), words: upstreamWords)
        }
        switch scanner.endKind {
        case .field(let dot):
            let path = pathStart(before: dot, from: start)
            atEnd = .field(
                path: text.text(path, dot), prefix: text.text(dot + 1, text.end), start: dot + 1, upstream: upstream)
        case .variable(let dollar):
            atEnd = .variable(prefix: text.text(dollar + 1, text.end), start: dollar)
        case .string(let quote):
            atEnd = .filterString(prefix: text.text(quote + 1, text.end), start: quote)
        case .function(let name):
            var before = name - 1
            while before >= start, Byte.isSpace(text[before]) { before -= 1 }
            let isHead = isStage && (before < start || text[before] == Byte.pipe)
            let prefix = text.text(name, text.end)
            atEnd = isHead ? .stageHead(prefix: prefix, start: name) : .function(prefix: prefix, start: name)
        case .none:
            if isStage, scanner.last == .needsMore, text[scanner.lastEnd - 1] == Byte.pipe {
                atEnd = .stageHead(prefix: "", start: text.end)
            } else if scanner.last != .term {
                atEnd = .function(prefix: "", start: text.end)
            }
        }
    }

    /// Where the path starts that a `.` goes on: `.Config` of `.Config.E`, `$e` of `$e.m`.
    private func pathStart(before dot: Int, from start: Int) -> Int {
        var path = dot
        while path > start {
            let byte = text[path - 1]
            guard Byte.isName(byte) || [Byte.dot, Byte.openBracket, Byte.closeBracket, Byte.dollar].contains(byte)
            else {
                break
            }
            path -= 1
        }
        return path
    }
}
