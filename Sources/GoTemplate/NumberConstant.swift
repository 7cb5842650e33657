import Glibc

/// A number as a template spells it; it may be an integer, unsigned and float at once (parse.NumberNode).
struct NumberConstant: Sendable {
    let text: String
    var integer: Int64?
    var unsigned: UInt64?
    var float: Double?

    struct Malformed: Error {
        let message: String
    }

    /// A character constant with its quotes.
    init(character text: [UInt8]) throws(Malformed) {
        self.text = String(decoding: text, as: UTF8.self)
        var rest = text.dropFirst()
        guard let character = Quoting.unquoteCharacter(&rest, quote: UInt8(ascii: "'")) else {
            throw Malformed(message: "invalid syntax")
        }
        guard rest.elementsEqual("'".utf8) else {
            throw Malformed(message: "malformed character constant: \(self.text)")
        }
        let value: UInt32 =
            switch character {
            case .byte(let byte): byte < 0x80 || text.contains(0x5C) ? UInt32(byte) : Runes.replacement
            case .rune(let rune): rune
            }
        integer = Int64(value)
        unsigned = UInt64(value)
        float = Double(value)
    }

    /// Any other number. Complex constants are refused: no value a template meets here is complex.
    init(_ text: String) throws(Malformed) {
        self.text = text
        guard !text.hasSuffix("i") else {
            throw Malformed(message: "complex constants are not supported: \(Quoting.quote(text))")
        }
        let sign = text.first == "-" || text.first == "+" ? text.first : nil
        if let magnitude = Self.magnitude(sign == nil ? text : String(text.dropFirst())) {
            if sign == nil { unsigned = magnitude }
            if sign == "-" {
                integer = magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
            } else {
                integer = Int64(exactly: magnitude)
            }
            if integer == 0 { unsigned = 0 }
        }
        if let integer {
            float = Double(integer)
        } else if let unsigned {
            float = Double(unsigned)
        } else if let value = Self.parseFloat(text) {
            guard text.contains(where: { ".eEpP".contains($0) }) else {
                throw Malformed(message: "integer overflow: \(Quoting.quote(text))")
            }
            float = value
            integer = Int64(exactly: value)
            unsigned = UInt64(exactly: value)
        }
        if integer == nil, unsigned == nil, float == nil {
            throw Malformed(message: "illegal number syntax: \(Quoting.quote(text))")
        }
    }

    /// Whether the constant is a float where nothing else says its type: it has a point or an exponent.
    var looksLikeFloat: Bool {
        let isHexadecimal = text.count > 2 && (text.hasPrefix("0x") || text.hasPrefix("0X"))
        if text.hasPrefix("'") || (isHexadecimal && !text.contains(where: { "pP".contains($0) })) { return false }
        return text.contains { ".eEpP".contains($0) }
    }

    /// Base by prefix, underscores between digits (strconv.ParseUint with base 0).
    private static func magnitude(_ text: String) -> UInt64? {
        var digits = text[...]
        var radix = 10
        let lower = text.prefix(2).lowercased()
        if let base = ["0x": 16, "0b": 2, "0o": 8][lower] {
            radix = base
            digits = digits.dropFirst(2)
        } else if text.count > 1, text.first == "0" {
            radix = 8
            digits = digits.dropFirst(1)
        }
        guard underscoresAreSound(text) else { return nil }
        let plain = digits.filter { $0 != "_" }
        guard let first = plain.first, first != "+", first != "-" else { return nil }
        return UInt64(plain, radix: radix)
    }

    /// Underscores only between digits, or after a base prefix (strconv's underscoreOK).
    private static func underscoresAreSound(_ text: String) -> Bool {
        guard text.contains("_") else { return true }
        var previous: Character = "^"
        var body = text[...]
        if body.first == "-" || body.first == "+" { body = body.dropFirst() }
        let isHexadecimal = body.lowercased().hasPrefix("0x")
        if body.count >= 2, body.first == "0", "xXbBoO".contains(body[body.index(after: body.startIndex)]) {
            body = body.dropFirst(2)
            previous = "0"
        } else if body.first != "0" || body.contains(where: { ".eE".contains($0) }) {
            // Go allows underscores only with a base prefix, 0 included, or in base 0 text generally.
            previous = "^"
        }
        for character in body {
            if character.isNumber || (isHexadecimal && character.isHexDigit) {
                previous = "0"
            } else if character == "_" {
                guard previous == "0" else { return false }
                previous = "_"
            } else {
                guard previous != "_" else { return false }
                previous = "!"
            }
        }
        return previous != "_"
    }

    /// nil where it is malformed or beyond a double (strconv.ParseFloat).
    static func parseFloat(_ text: String) -> Double? {
        guard underscoresAreSound(text) else { return nil }
        let isHexadecimal = text.lowercased().contains("0x")
        if isHexadecimal, !text.lowercased().contains("p") { return nil }
        let plain = text.filter { $0 != "_" }
        guard plain.contains(where: \.isHexDigit), !plain.lowercased().contains("n") else { return nil }
        guard let value = Double(plain.hasPrefix("+") ? String(plain.dropFirst()) : plain) ?? lenient(plain) else {
            return nil
        }
        return value.isFinite ? value : nil
    }

    /// Forms Swift's own reader refuses but Go's takes, such as `1.` and `.5`.
    private static func lenient(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789abcdefABCDEFxXpP+-.".utf8.contains($0) }) else { return nil }
        return text.withCString { start in
            var end: UnsafeMutablePointer<CChar>?
            let value = strtod(start, &end)
            guard let end, end.pointee == 0, end != UnsafeMutablePointer(mutating: start) else { return nil }
            return value
        }
    }
}
