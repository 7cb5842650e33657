/// A word of jq text, with its bytes. Only for looking: what jq text means is jq's business.
struct JQToken: Equatable {
    enum Kind: Equatable {
        /// `.name`
        case field(String)
        case name(String)
        /// Without its `$`.
        case variable(String)
        case number, format
        /// The tokens of each of its `\( … )`.
        case string([[JQToken]])
        /// Any other, the longest that is one: `|`, `|=`, `..`, `?//`.
        case mark(String)
    }

    let kind: Kind
    /// Bytes of the text; of a field those of its name.
    let range: Range<Int>

    /// Where it starts; of a field that is the dot.
    var start: Int { if case .field = kind { range.lowerBound - 1 } else { range.lowerBound } }

    var isString: Bool { if case .string = kind { true } else { false } }

    /// nil where the text cannot be read so.
    static func all(in text: String) -> [JQToken]? {
        var reader = Reader(bytes: Array(text.utf8))
        guard let tokens = reader.tokens(), reader.isAtEnd else { return nil }
        return tokens
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var depth = 0

        private static let marks = [
            "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", "..",
        ]

        var isAtEnd: Bool { position >= bytes.count }
        private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

        /// To the end, or to a `)` that was not opened.
        mutating func tokens() -> [JQToken]? {
            var tokens: [JQToken] = []
            var open = 0
            while true {
                skipSpace()
                if isAtEnd { return tokens }
                if byte == UInt8(ascii: "(") { open += 1 }
                if byte == UInt8(ascii: ")") {
                    if open == 0 { return tokens }
                    open -= 1
                }
                guard let token = next() else { return nil }
                tokens.append(token)
            }
        }

        private mutating func skipSpace() {
            while !isAtEnd {
                if byte == UInt8(ascii: "#") {
                    while !isAtEnd, byte != UInt8(ascii: "\n") { position += 1 }
                } else if byte == 32 || (9...13).contains(byte) {
                    position += 1
                } else {
                    return
                }
            }
        }

        private mutating func next() -> JQToken? {
            let start = position
            switch byte {
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: "$"):
                position += 1
                skipSpace()
                guard let name = name() else { return nil }
                return JQToken(kind: .variable(name), range: start..<position)
            case UInt8(ascii: "@"):
                position += 1
                guard name() != nil else { return nil }
                return JQToken(kind: .format, range: start..<position)
            case UInt8(ascii: "."):
                position += 1
                if let name = name() { return JQToken(kind: .field(name), range: start + 1..<position) }
                if isDigit(byte) { return number(start) }
                if byte == UInt8(ascii: ".") { position += 1 }
                return mark(start)
            default: break
            }
            if let name = name() { return JQToken(kind: .name(name), range: start..<position) }
            if isDigit(byte) { return number(start) }
            for text in Self.marks where bytes[start...].starts(with: text.utf8) {
                position += text.utf8.count
                return mark(start)
            }
            guard byte < 0x80 else { return nil }
            position += 1
            return mark(start)
        }

        private func mark(_ start: Int) -> JQToken {
            JQToken(kind: .mark(String(decoding: bytes[start..<position], as: UTF8.self)), range: start..<position)
        }

        private mutating func name() -> String? {
            let start = position
            while isLetter(byte) || position > start && isDigit(byte) { position += 1 }
            return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
        }

        private mutating func number(_ start: Int) -> JQToken {
            while isDigit(byte) || byte == UInt8(ascii: ".") { position += 1 }
            if byte | 0x20 == UInt8(ascii: "e") {
                position += 1
                if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") { position += 1 }
                while isDigit(byte) { position += 1 }
            }
            return JQToken(kind: .number, range: start..<position)
        }

        private mutating func string() -> JQToken? {
            let start = position
            var pieces: [[JQToken]] = []
            position += 1
            while !isAtEnd {
                if byte == UInt8(ascii: "\"") {
                    position += 1
                    return JQToken(kind: .string(pieces), range: start..<position)
                }
                if byte == UInt8(ascii: "\\") {
                    position += 1
                    if byte == UInt8(ascii: "(") {
                        position += 1
                        depth += 1
                        defer { depth -= 1 }
                        guard depth < 40, let piece = tokens(), byte == UInt8(ascii: ")") else { return nil }
                        pieces.append(piece)
                    }
                }
                position += 1
            }
            return nil
        }

        private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        private func isLetter(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
        }
    }
}
