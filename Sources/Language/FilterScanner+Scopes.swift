// Strings, names, brackets and the scopes they open.
extension FilterScanner {
    static let keywords: Set<String> = [
        "if", "then", "elif", "else", "end", "as", "def", "reduce", "foreach", "try", "catch", "label", "import",
        "include", "and", "or", "break", "__loc__",
    ]

    /// On from inside a string: to its end, or to the `(` of an interpolation, which becomes a frame.
    mutating func string(from start: Int, openedAt quote: Int) throws(FilterProblem) {
        var offset = start == quote ? start + 1 : start
        while offset < text.end {
            let byte = text.bytes[offset]
            if byte == Byte.doubleQuote {
                position = offset + 1
                lastEnd = position
                last = .term
                return
            }
            if byte == Byte.backslash {
                if text[offset + 1] == Byte.openParen {
                    position = offset + 1
                    try openFrame(.interpolation, length: 1)
                    frames[frames.count - 1].quote = quote
                    return
                }
                offset += 1
            }
            offset += 1
        }
        endKind = .string(start: quote)
        position = text.end
        throw FilterProblem(kind: .unclosedString, start: quote, end: quote + 1, atEnd: true)
    }

    mutating func openFrame(_ kind: FrameKind, length: Int) throws(FilterProblem) {
        guard frames.count < Self.maximumDepth else {
            throw FilterProblem(kind: .tooDeep, start: position, end: position + length)
        }
        let inPattern = last == .pattern || frames.last?.binds == true
        var binds = false
        if kind == .bracket || kind == .brace { binds = inPattern }
        if kind == .paren, let top = frames.last, top.kind == .definition, top.binds { binds = true }
        if kind == .paren, last == .patternEnd, let top = frames.indices.last, frames[top].kind == .reduction {
            frames[top].patternSeen = true
        }
        frames.append(Frame(kind: kind, open: position, bindings: bindings.count, binds: binds))
        token(to: position + length, binds ? .pattern : kind == .brace ? .keyStart : .needsMore)
    }

    mutating func closeFrame(_ byte: UInt8) throws(FilterProblem) {
        guard let top = frames.last else {
            if case .whole = mode { return token(to: position + 1, .term) }
            isFinished = true
            return
        }
        let expected: UInt8? =
            switch top.kind {
            case .paren, .interpolation: Byte.closeParen
            case .bracket: Byte.closeBracket
            case .brace: Byte.closeBrace
            case .conditional, .definition, .reduction: nil
            }
        guard byte == expected else {
            throw FilterProblem(kind: .unexpected(open: top), start: position, end: position + 1)
        }
        popFrame()
        token(to: position + 1, top.binds && frames.last?.binds != true ? .patternEnd : .term)
        if top.kind == .interpolation { return try string(from: position, openedAt: top.quote) }
        if top.kind == .paren, let outer = frames.last, outer.kind == .reduction, outer.patternSeen { popFrame() }
        if frames.isEmpty {
            switch mode {
            case .interpolation, .brackets: isFinished = true
            case .stage, .definition, .whole: break
            }
        }
    }

    /// Leaves a frame; what a pattern bound stays bound in the frame around it.
    mutating func popFrame() {
        guard let frame = frames.popLast() else { return }
        if !frame.binds { unbind(to: frame.bindings) }
    }

    mutating func unbind(to count: Int) {
        while bindings.count > count, let name = bindings.popLast() {
            bindingCounts[name] = (bindingCounts[name] ?? 1) - 1
        }
    }

    /// `$name`; jq allows blanks between the two.
    mutating func variable() {
        var start = position + 1
        while Byte.isSpace(text[start]) { start += 1 }
        var end = text.nameEnd(start)
        while end > start, text[end] == Byte.colon, text[end + 1] == Byte.colon, text.nameEnd(end + 2) > end + 2 {
            end = text.nameEnd(end + 2)
        }
        guard end > start else {
            if position + 1 == text.end { endKind = .variable(start: position) }
            return token(to: position + 1, .term)
        }
        if end == text.end { endKind = .variable(start: position) }
        let name = text.text(start, end)
        switch last {
        case .pattern where frames.last?.binds != true:
            bind(name)
            token(to: end, .patternEnd)
        case .label:
            token(to: end, .patternEnd)
        case .jump:
            token(to: end, .term)
        default:
            if frames.last?.binds == true {
                bind(name)
            } else if name != "ENV", name != "__loc__", (bindingCounts[name] ?? 0) == 0 {
                variables.append((name, position, end))
            }
            token(to: end, .term)
        }
    }

    private mutating func bind(_ name: String) {
        bindings.append(name)
        bindingCounts[name, default: 0] += 1
    }

    mutating func name() throws(FilterProblem) {
        let start = position
        var end = text.nameEnd(start)
        while text[end] == Byte.colon, text[end + 1] == Byte.colon, text.nameEnd(end + 2) > end + 2 {
            end = text.nameEnd(end + 2)
        }
        if end == text.end { endKind = .function(start: start) }
        let word = text.text(start, end)
        guard Self.keywords.contains(word), !isKey(endingAt: end) else {
            // The name of a `def` is no term, but nothing hangs on it.
            return token(to: end, .term)
        }
        switch word {
        case "if": try openKeyword(.conditional, to: end)
        case "def": try openKeyword(.definition, to: end)
        case "reduce", "foreach": try openKeyword(.reduction, to: end)
        case "then", "elif", "else":
            if let top = frames.last, top.kind == .conditional { unbind(to: top.bindings) }
            token(to: end, .needsMore)
        case "end":
            if frames.last?.kind == .conditional { popFrame() }
            token(to: end, .term)
        case "as": token(to: end, .pattern)
        case "label": token(to: end, .label)
        case "__loc__": token(to: end, .term)
        case "break": token(to: end, .jump)
        default: token(to: end, .needsMore)
        }
    }

    /// `{if: 1}`: a keyword as the key of an object.
    private func isKey(endingAt end: Int) -> Bool {
        guard let top = frames.last, top.kind == .brace, last == .keyStart || top.binds else { return false }
        let next = text[text.skipSpace(end)]
        return next == Byte.colon || next == Byte.comma || next == Byte.closeBrace
    }

    private mutating func openKeyword(_ kind: FrameKind, to end: Int) throws(FilterProblem) {
        guard frames.count < Self.maximumDepth else {
            throw FilterProblem(kind: .tooDeep, start: position, end: end)
        }
        frames.append(
            Frame(kind: kind, open: position, bindings: bindings.count, binds: kind == .definition))
        token(to: end, .needsMore)
    }

    /// The text is over: right only where nothing is open and nothing is missing.
    mutating func finishAtEnd() throws(FilterProblem) {
        isFinished = true
        if let top = frames.last {
            throw FilterProblem(kind: .unclosed(top), start: top.open, end: top.open + 1, atEnd: true)
        }
    }
}
