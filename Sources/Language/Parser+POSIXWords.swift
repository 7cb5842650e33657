// Double quotes as `sh` has them, for lines of Docker's that people paste.
extension Parser {
    /// `"…"` by POSIX (Shell Command Language, 2.2.3): `\` takes away the meaning of `$`, a backtick, `"`, `\` and a line's
    /// end, and is itself before anything else; `$name` and `$( … )` are replaced. `\( … )` is dsh's own here, too.
    func parsePOSIXString(_ parts: inout [WordPart]) throws(SyntaxFailure) {
        let start = position
        var piece: [UInt8] = []
        var pieceStart = start
        let firstPart = parts.count
        func flush() {
            guard !piece.isEmpty else { return }
            parts.append(.literal(String(decoding: piece, as: UTF8.self), quoted: true, span(pieceStart, position)))
            piece = []
        }
        position += 1
        while position < text.end {
            let byte = text.bytes[position]
            let next = text[position + 1]
            if byte == Byte.doubleQuote {
                position += 1
                if parts.count == firstPart || !piece.isEmpty {
                    parts.append(
                        .literal(String(decoding: piece, as: UTF8.self), quoted: true, span(pieceStart, position)))
                }
                return
            }
            if byte == Byte.backslash, next == Byte.openParen {
                flush()
                parts.append(.interpolation(try parseInterpolation(), quoted: true))
                pieceStart = position
            } else if byte == Byte.backslash {
                takePOSIXEscape(&piece)
            } else if byte == Byte.dollar, Byte.isNameStart(next) {
                flush()
                let end = text.nameEnd(position + 1)
                let name = Name(text: text.text(position + 1, end), span: span(position, end))
                let isOwn = ["ENV", "__loc__"].contains(name.text)
                parts.append(
                    .variable(
                        FilterText(
                            text: text.text(position, end), span: span(position, end), variables: isOwn ? [] : [name])))
                position = end
                pieceStart = end
            } else if byte == Byte.dollar, next == Byte.openParen {
                flush()
                parts.append(try parseDollarParenthesized())
                pieceStart = position
            } else {
                piece.append(byte)
                position += 1
            }
        }
        throw unclosedQuote(start, String(decoding: piece, as: UTF8.self))
    }

    private func takePOSIXEscape(_ piece: inout [UInt8]) {
        let continuation = text.continuationLength(position)
        if continuation > 0 {
            position += continuation
            return
        }
        let next = text[position + 1]
        if [Byte.dollar, Byte.backtick, Byte.doubleQuote, Byte.backslash].contains(next) {
            piece.append(next)
            position += 2
        } else {
            piece.append(Byte.backslash)
            position += 1
        }
    }
}
