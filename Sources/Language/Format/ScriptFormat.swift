/// A script in the one canonical layout: a statement a line, two blanks for each block, one blank between words, at most one
/// empty line; every comment kept.
///
/// What stands inside jq text, words and programs is the author's, so it stays as it is; further lines of jq text move with
/// the first. A block on one line stays there where it holds one short statement, and a pipeline keeps its line breaks, each
/// before its `|`.
package struct ScriptFormat {
    /// How far a block of one line may reach.
    static let width = 100

    /// The script's text in the canonical layout, with a line end behind it; nil where the script has errors of syntax, or
    /// where (which would be a mistake of ours) the layout would mean something else.
    package static func text(of source: Source, isCommand: (String) -> Bool) -> String? {
        guard var text = once(source, isCommand: isCommand) else { return nil }
        // A line that is joined with the next may take a second look.
        for _ in 0..<3 {
            guard let again = once(Source(name: source.name, text: text), isCommand: isCommand) else { return nil }
            if again == text { return text }
            text = again
        }
        return nil
    }

    private static func once(_ source: Source, isCommand: (String) -> Bool) -> String? {
        let (script, diagnostics) = Parser.parse(source, isCommand: isCommand)
        guard diagnostics.isEmpty else { return nil }
        var format = ScriptFormat(script)
        format.run(
            script.statements, from: source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0, to: source.bytes.count)
        let text = format.lines.isEmpty ? "" : format.lines.joined(separator: "\n") + "\n"
        let formatted = Source(name: source.name, text: text)
        let (again, errors) = Parser.parse(formatted, isCommand: isCommand)
        guard errors.isEmpty, significantBytes(of: script) == significantBytes(of: again) else { return nil }
        return text
    }

    /// All that a layout may not change: every byte but blanks, line ends, `;`, `\` and comments; and the comments.
    private static func significantBytes(of script: Script) -> [[UInt8]] {
        let blanks: Set<UInt8> = [
            Byte.space, Byte.tab, Byte.newline, Byte.carriageReturn, Byte.semicolon, Byte.backslash, 0xEF, 0xBB, 0xBF,
        ]
        var bytes: [UInt8] = []
        var start = 0
        for comment in script.comments {
            bytes += script.source.bytes[start..<comment.span.start].filter { !blanks.contains($0) }
            start = comment.span.end
        }
        bytes += script.source.bytes[start...].filter { !blanks.contains($0) }
        return [bytes] + script.comments.map { Array($0.text.utf8) }
    }

    let source: Source
    let text: Bytes
    let comments: [Comment]
    /// The comments before this one are written.
    var nextComment = 0
    /// Finished lines, and the one being written.
    var lines: [String] = []
    var line = ""
    var level = 0

    private init(_ script: Script) {
        source = script.source
        text = Bytes(script.source.bytes)
        comments = script.comments
    }

    // MARK: Writing

    mutating func write(_ piece: String) {
        if line.isEmpty { line = String(repeating: "  ", count: level) }
        line += piece
    }

    mutating func endLine() {
        // A blank behind `\` is a word's.
        while line.last == " " || line.last == "\t", !line.dropLast().hasSuffix("\\") { line.removeLast() }
        lines.append(line)
        line = ""
    }

    /// The bytes of a range as they are. Further lines of jq text are moved as far as the line they start on was.
    mutating func copy(_ start: Int, _ end: Int, moves: Bool) {
        if line.isEmpty { write("") }
        let delta = moves ? line.utf8.prefix { $0 == Byte.space }.count - indentation(ofLineAt: start) : 0
        var position = start
        for lineEnd in lineEnds(start, end) {
            line += text.text(position, lineEnd.offset)
            position = lineEnd.offset + 1
            if lineEnd.isInString || !moves {
                lines.append(line)
                line = ""
                continue
            }
            endLine()
            let first = text.skipBlanksOnLine(position)
            line = String(repeating: " ", count: max(0, first - position + delta))
            position = first
        }
        line += text.text(position, end)
        while nextComment < comments.count, comments[nextComment].span.start < end { nextComment += 1 }
    }

    private func indentation(ofLineAt offset: Int) -> Int {
        let start = source.lineStarts[source.lineIndex(at: offset)]
        return text.skipBlanksOnLine(start) - start
    }

    /// The line ends of jq text or of anything else, and whether each is inside a string, which is not to be touched.
    private func lineEnds(_ start: Int, _ end: Int) -> [(offset: Int, isInString: Bool)] {
        var found: [(offset: Int, isInString: Bool)] = []
        let lookahead = Lookahead(text)
        var comment = nextComment
        var position = start
        while position < end {
            while comment < comments.count, comments[comment].span.end <= position { comment += 1 }
            if comment < comments.count, comments[comment].span.start == position {
                position = comments[comment].span.end
                continue
            }
            if text[position] == Byte.newline { found.append((position, false)) }
            let next = text[position] == Byte.doubleQuote ? min(lookahead.skipItem(position), end) : position + 1
            if next > position + 1 {
                for offset in position..<next where text[offset] == Byte.newline { found.append((offset, true)) }
            }
            position = next
        }
        return found
    }

    // MARK: Comments

    /// Comments that start before `end` and are not written yet.
    func hasComments(before end: Int) -> Bool {
        nextComment < comments.count && comments[nextComment].span.start < end
    }

    mutating func takeComment() -> Comment {
        defer { nextComment += 1 }
        return comments[nextComment]
    }

    /// Writes the comments before `end`, the first behind what the line holds where it stands there, and leaves the line ended.
    mutating func writeComments(before end: Int) {
        while hasComments(before: end) {
            let comment = takeComment()
            if comment.ownLine, !line.isEmpty { endLine() }
            write((line.isEmpty ? "" : "  ") + comment.text)
            endLine()
        }
        if !line.isEmpty { endLine() }
    }

    // MARK: Statements

    /// Statements with the comments around them, from one offset to another, each on lines of its own.
    mutating func run(_ statements: [Statement], from start: Int, to end: Int) {
        var position = start
        let firstLine = lines.count
        for statement in statements {
            writeOwnComments(before: statement.span.start, from: &position, firstLine)
            if hasEmptyLine(position, statement.span.start), lines.count > firstLine { endLine() }
            let saved = (nextComment, lines.count)
            write(statement)
            if hasComments(before: statement.span.end) {
                // A comment stands where there is no place for it in the layout: the statement stays as it is.
                nextComment = saved.0
                lines.removeSubrange(saved.1...)
                line = ""
                copy(statement.span.start, statement.span.end, moves: false)
            }
            position = statement.span.end
            if hasComments(before: end), !comments[nextComment].ownLine, isOnSameLine(position) {
                position = comments[nextComment].span.end
                write("  " + takeComment().text)
            }
            endLine()
        }
        writeOwnComments(before: end, from: &position, firstLine)
    }

    private mutating func writeOwnComments(before end: Int, from position: inout Int, _ firstLine: Int) {
        while hasComments(before: end) {
            let comment = takeComment()
            if hasEmptyLine(position, comment.span.start), lines.count > firstLine { endLine() }
            write(comment.text)
            endLine()
            position = comment.span.end
        }
    }

    /// Whether the next comment stands on the line of `offset`, with nothing but a `;` between.
    private func isOnSameLine(_ offset: Int) -> Bool {
        let start = comments[nextComment].span.start
        return start >= offset
            && text.bytes[offset..<start].allSatisfy { Byte.isBlank($0) || $0 == Byte.semicolon }
    }

    private func hasEmptyLine(_ start: Int, _ end: Int) -> Bool {
        var ends = 0
        for offset in start..<max(start, end) {
            if text[offset] == Byte.newline {
                ends += 1
                if ends == 2 { return true }
            } else if !Byte.isBlank(text[offset]) {
                ends = 0
            }
        }
        return false
    }

    /// `{ … }`
    mutating func write(_ block: Block) {
        if block.isBare {
            for statement in block.statements { write(statement) }
            return
        }
        let (start, end) = (block.span.start, block.span.end)
        let isOneLine = !text.bytes[start..<end].contains(Byte.newline) && block.statements.count <= 1
        if isOneLine {
            let saved = (lines, line, nextComment)
            write("{ ")
            for statement in block.statements { write(statement) }
            write(block.statements.isEmpty ? "}" : " }")
            if lines.count == saved.0.count, line.count <= Self.width { return }
            (lines, line, nextComment) = saved
        }
        write("{")
        var inside = start + 1
        if hasComments(before: end), !comments[nextComment].ownLine {
            let comment = comments[nextComment]
            if text.bytes[inside..<comment.span.start].allSatisfy({ Byte.isBlank($0) }) {
                inside = comment.span.end
                write("  " + takeComment().text)
            }
        }
        endLine()
        level += 1
        run(block.statements, from: inside, to: end)
        level -= 1
        write("}")
    }
}

extension Bytes {
    /// Over blanks, but no line ends and no continuations.
    func skipBlanksOnLine(_ offset: Int) -> Int {
        var position = offset
        while Byte.isBlank(self[position]) { position += 1 }
        return position
    }
}
