// Forms of other shells that read as jq, or as a block, by accident.
extension Parser {
    /// `if true; then … fi`, `while …; do … done`, `for i in 1 2 3; do … done`: told as a whole, and skipped as a whole.
    func refusePOSIXStatement() throws(SyntaxFailure) {
        let start = position
        let word = text.text(start, text.nameEnd(start))
        let opener: String
        let closer: String
        switch word {
        case "if": (opener, closer) = ("then", "fi")
        case "while", "until", "for": (opener, closer) = ("do", "done")
        default: return
        }
        guard let head = wordBehindSemicolon(opener, from: start, to: text.lineEnd(start)) else { return }
        let form =
            switch word {
            case "if": "if (pipeline) { … } else { … }"
            case "for": "for NAME in (pipeline) { … }"
            case "until": "while (pipeline | not) { … }"
            default: "while (pipeline) { … }"
            }
        throw SyntaxFailure(
            "`\(word) …; \(opener)` is a form of another shell", span(start, head), label: nil,
            help: "write `\(form)`", resume: end(of: closer, from: head))
    }

    /// The end of a word that stands behind a `;`; nil where there is none before `end`.
    private func wordBehindSemicolon(_ word: String, from start: Int, to end: Int) -> Int? {
        var position = start
        while position < end {
            guard text[position] == Byte.semicolon else {
                position = lookahead.skipItem(position)
                continue
            }
            let next = text.skipBlanks(position + 1)
            let last = text.nameEnd(next)
            if text.text(next, last) == word { return last }
            position += 1
        }
        return nil
    }

    /// Behind the next `fi` or `done` that stands where a statement may; the line's end where there is none.
    private func end(of closer: String, from start: Int) -> Int {
        var position = start
        var mayStart = false
        while position < text.end {
            let last = text.nameEnd(position)
            if mayStart, text.text(position, last) == closer { return last }
            if last > position {
                mayStart = false
                position = last
                continue
            }
            let byte = text[position]
            if byte == Byte.semicolon || byte == Byte.newline {
                mayStart = true
            } else if !Byte.isSpace(byte) {
                mayStart = false
            }
            position = lookahead.skipItem(position)
        }
        return text.lineEnd(start)
    }

    /// `f {a: 1}`: behind a command's words `{` opens a block, and no block begins so. Where it is one there is no word.
    func noObject(behind name: Name) throws(SyntaxFailure) -> Word? {
        let start = position
        let first = text.skipSpace(start + 1)
        var end = text.nameEnd(first)
        if text[first] == Byte.doubleQuote { end = lookahead.skipItem(first) }
        guard end > first, end < text.end, text[text.skipBlanks(end)] == Byte.colon else { return nil }
        var close = start
        var depth = 0
        repeat {
            if text[close] == Byte.openBrace { depth += 1 }
            if text[close] == Byte.closeBrace { depth -= 1 }
            close = lookahead.skipItem(close)
        } while depth > 0 && close < text.end
        throw SyntaxFailure(
            "`{` opens a block here, and this is an object", span(start, first), label: nil,
            help:
                "an object as an argument stands in parentheses: `\(name.text) (\(shown(start, min(close, text.end))))`",
            resume: close)
    }

    /// `let n = $(images | length)`: the form is a word's.
    func refuseDollarStage() throws(SyntaxFailure) {
        guard byte == Byte.dollar, text[position + 1] == Byte.openParen else { return }
        throw SyntaxFailure(
            "`$( … )` is a word, and a stage starts here", span(position, position + 2), label: nil,
            help: "leave out the `$`: a pipeline is a value as it is, in `( … )` where more follows")
    }

    /// `exit 3 4`.
    func refuseSecondStatus() throws(SyntaxFailure) {
        var end = position
        while Byte.isDigit(text[end]) { end += 1 }
        let next = text.skipBlanks(end)
        guard end > position, next > end, Byte.isDigit(text[next]) || Byte.isNameStart(text[next]),
            !["as", "and", "or"].contains(text.text(next, text.nameEnd(next)))
        else { return }
        throw SyntaxFailure(
            "`exit` takes one status", span(next, itemEnd(next)), label: "a second value",
            help: "write `exit \(text.text(position, end))`")
    }
}
