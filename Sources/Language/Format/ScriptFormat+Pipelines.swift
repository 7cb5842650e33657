extension ScriptFormat {
    /// A pipeline, with the parentheses around it and around stages of it: what stands between the stages tells of them.
    mutating func write(_ pipeline: Pipeline) {
        var position = pipeline.span.start
        var open = 0
        let outer = level
        for (index, stage) in pipeline.stages.enumerated() {
            let (before, after, isBroken) = marks(position, stage.span.start)
            open += after.count { $0 == "(" } - before.count { $0 == ")" }
            write(before)
            if index > 0 {
                if isBroken {
                    level = outer + 1
                    writeComments(before: stage.span.start)
                    write("| ")
                } else {
                    write(" | ")
                }
            }
            write(after)
            write(stage)
            position = stage.span.end
        }
        level = outer
        // The span of a pipeline that ends in parentheses of its own may end inside them.
        while open > 0 {
            position = text.skipSpace(position)
            guard text[position] == Byte.closeParen, !hasComments(before: position) else { break }
            write(")")
            position += 1
            open -= 1
        }
    }

    /// What stands between two stages without blanks and comments: that before the `|`, that behind it (all of it where
    /// there is none), and whether a line ended there.
    private func marks(_ start: Int, _ end: Int) -> (before: String, after: String, isBroken: Bool) {
        var before: String?
        var current = ""
        var isBroken = false
        var comment = nextComment
        var position = start
        while position < end {
            while comment < comments.count, comments[comment].span.end <= position { comment += 1 }
            if comment < comments.count, comments[comment].span.start == position {
                position = comments[comment].span.end
                isBroken = true
                continue
            }
            switch text[position] {
            case Byte.newline: isBroken = true
            case Byte.openParen: current += "("
            case Byte.closeParen: current += ")"
            case Byte.dollar: current += "$"
            case Byte.pipe:
                before = current
                current = ""
            default: break
            }
            position += 1
        }
        return (before ?? "", current, isBroken)
    }

    private mutating func write(_ stage: Stage) {
        switch stage {
        case .filter(let text): copy(text.span.start, text.span.end, moves: true)
        case .external(let call): copy(call.span.start, call.span.end, moves: false)
        case .explicitFilter(let explicit):
            write("jq")
            // `jq` alone has no text of its own.
            let words = (explicit.options + [explicit.text]).filter { $0.span.start < $0.span.end }.sorted {
                $0.span.start < $1.span.start
            }
            write(words, after: explicit.span.start + 2)
        case .command(let call):
            write(call.name.text)
            write(call.arguments, after: call.name.span.end)
            if let block = call.block {
                write(" ")
                write(block)
            }
        }
    }

    /// Words behind one another; a line that went on with `\` goes on so.
    private mutating func write(_ words: [Word], after start: Int) {
        var position = start
        for word in words {
            if text.bytes[position..<word.span.start].contains(Byte.newline) {
                write(" \\")
                endLine()
                level += 1
                write("")
                level -= 1
                write(word)
            } else {
                write(" ", word)
            }
            position = word.span.end
        }
    }

    mutating func write(_ before: String, _ word: Word) {
        write(before)
        write(word)
    }

    /// A word as it is, but for the pipelines in it, where it is on one line.
    mutating func write(_ word: Word) {
        let (start, end) = (word.span.start, word.span.end)
        if text.bytes[start..<end].contains(Byte.newline) { return copy(start, end, moves: false) }
        var position = start
        for part in word.parts {
            guard case .pipeline(let pipeline) = part else { continue }
            copy(position, pipeline.span.start, moves: false)
            write(pipeline)
            position = pipeline.span.end
        }
        copy(position, end, moves: false)
    }
}
