/// Go's quoted strings and characters, written and read (package strconv).
enum Quoting {
    /// `text` as a Go string literal in double quotes; with `ascii`, everything beyond ASCII escaped.
    static func quote(_ text: [UInt8], ascii: Bool = false) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "\"")]
        for (rune, offset, width) in Runes.all(text) {
            if rune == Runes.replacement, width == 1 {
                output += hex("\\x", UInt32(text[offset]), digits: 2)
            } else {
                escape(rune, quote: UInt32(UInt8(ascii: "\"")), ascii: ascii, into: &output)
            }
        }
        output.append(UInt8(ascii: "\""))
        return output
    }

    static func quote(_ text: String) -> String {
        String(decoding: quote(Array(text.utf8)), as: UTF8.self)
    }

    /// `rune` as a Go character literal in single quotes.
    static func quote(rune: UInt32, ascii: Bool = false) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        var output = [quote]
        escape(
            Unicode.Scalar(rune) == nil ? Runes.replacement : rune, quote: UInt32(quote), ascii: ascii, into: &output)
        output.append(quote)
        return output
    }

    /// Whether `text` can stand between backquotes unchanged.
    static func canBackquote(_ text: [UInt8]) -> Bool {
        Runes.all(text).allSatisfy { rune, _, width in
            if width > 1 { return rune != 0xFEFF }
            if rune == Runes.replacement { return false }
            return (rune >= 0x20 || rune == 0x09) && rune != 0x60 && rune != 0x7F
        }
    }

    private static func escape(_ rune: UInt32, quote: UInt32, ascii: Bool, into output: inout [UInt8]) {
        if rune == quote || rune == 0x5C {
            output += [0x5C, UInt8(truncatingIfNeeded: rune)]
            return
        }
        if ascii ? (rune < 0x80 && Runes.isPrint(rune)) : Runes.isPrint(rune) {
            Runes.append(rune, to: &output)
            return
        }
        switch rune {
        case 0x07: output += "\\a".utf8
        case 0x08: output += "\\b".utf8
        case 0x0C: output += "\\f".utf8
        case 0x0A: output += "\\n".utf8
        case 0x0D: output += "\\r".utf8
        case 0x09: output += "\\t".utf8
        case 0x0B: output += "\\v".utf8
        case ..<0x20, 0x7F: output += hex("\\x", rune, digits: 2)
        case ..<0x10000: output += hex("\\u", rune, digits: 4)
        default: output += hex("\\U", rune, digits: 8)
        }
    }

    static func hex(_ prefix: String, _ value: UInt32, digits: Int, uppercase: Bool = false) -> [UInt8] {
        let text = String(value, radix: 16, uppercase: uppercase)
        return Array(prefix.utf8) + Array(repeating: UInt8(ascii: "0"), count: max(0, digits - text.utf8.count))
            + text.utf8
    }

    /// The bytes a Go string literal stands for (in double quotes or backquotes); nil where it is none.
    static func unquote(_ literal: [UInt8]) -> [UInt8]? {
        guard literal.count >= 2, let quote = literal.first, literal.last == quote else { return nil }
        let body = literal[1..<(literal.count - 1)]
        if quote == UInt8(ascii: "`") {
            return body.contains(quote) ? nil : body.filter { $0 != 0x0D }
        }
        guard quote == UInt8(ascii: "\"") else { return nil }
        var output: [UInt8] = []
        var rest = Array(body)[...]
        while !rest.isEmpty {
            guard let character = unquoteCharacter(&rest, quote: quote) else { return nil }
            switch character {
            case .byte(let byte): output.append(byte)
            case .rune(let rune): Runes.append(rune, to: &output)
            }
        }
        return output
    }

    enum Character: Equatable {
        case byte(UInt8)
        case rune(UInt32)
    }

    /// Reads one character or escape off the front of `rest`; nil where it is malformed.
    static func unquoteCharacter(_ rest: inout ArraySlice<UInt8>, quote: UInt8) -> Character? {
        guard let first = rest.first, first != quote, first != 0x0A else { return nil }
        if first != 0x5C {
            let (rune, width) = Runes.decode(rest, at: 0)
            rest = rest.dropFirst(width)
            return width == 1 ? .byte(first) : .rune(rune)
        }
        rest = rest.dropFirst()
        guard let kind = rest.popFirst() else { return nil }
        switch kind {
        case UInt8(ascii: "a"): return .byte(7)
        case UInt8(ascii: "b"): return .byte(8)
        case UInt8(ascii: "f"): return .byte(12)
        case UInt8(ascii: "n"): return .byte(10)
        case UInt8(ascii: "r"): return .byte(13)
        case UInt8(ascii: "t"): return .byte(9)
        case UInt8(ascii: "v"): return .byte(11)
        case 0x5C: return .byte(0x5C)
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return kind == quote ? .byte(kind) : nil
        case UInt8(ascii: "x"): return number(&rest, digits: 2, radix: 16).map { .byte(UInt8(truncatingIfNeeded: $0)) }
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let digits = kind == UInt8(ascii: "u") ? 4 : 8
            guard let value = number(&rest, digits: digits, radix: 16), Unicode.Scalar(value) != nil else { return nil }
            return .rune(value)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            guard let low = number(&rest, digits: 2, radix: 8) else { return nil }
            return UInt8(exactly: UInt32(kind - 0x30) * 64 + low).map { .byte($0) }
        default: return nil
        }
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, digits: Int, radix: Int) -> UInt32? {
        guard rest.count >= digits else { return nil }
        let text = rest.prefix(digits)
        guard text.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        rest = rest.dropFirst(digits)
        return UInt32(String(decoding: text, as: UTF8.self), radix: radix)
    }
}
