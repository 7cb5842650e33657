/// The bytes that mean something to the grammar, and the classes they fall in.
enum Byte {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let bang = UInt8(ascii: "!")
    static let doubleQuote = UInt8(ascii: "\"")
    static let hash = UInt8(ascii: "#")
    static let dollar = UInt8(ascii: "$")
    static let singleQuote = UInt8(ascii: "'")
    static let openParen = UInt8(ascii: "(")
    static let closeParen = UInt8(ascii: ")")
    static let comma = UInt8(ascii: ",")
    static let hyphen = UInt8(ascii: "-")
    static let dot = UInt8(ascii: ".")
    static let slash = UInt8(ascii: "/")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let equals = UInt8(ascii: "=")
    static let question = UInt8(ascii: "?")
    static let at = UInt8(ascii: "@")
    static let openBracket = UInt8(ascii: "[")
    static let backslash = UInt8(ascii: "\\")
    static let closeBracket = UInt8(ascii: "]")
    static let underscore = UInt8(ascii: "_")
    static let backtick = UInt8(ascii: "`")
    static let openBrace = UInt8(ascii: "{")
    static let pipe = UInt8(ascii: "|")
    static let closeBrace = UInt8(ascii: "}")

    /// Space, tab and the carriage return of a CRLF line.
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab || byte == carriageReturn }

    static func isSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == newline }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isNameStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") || byte == underscore
    }

    static func isName(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }
}

/// Read-only looking around in a text; offsets past the end read as 0, a byte that the parser refuses up front.
struct Bytes {
    let bytes: [UInt8]
    let end: Int

    init(_ bytes: [UInt8], end: Int? = nil) {
        self.bytes = bytes
        self.end = min(end ?? bytes.count, bytes.count)
    }

    subscript(_ offset: Int) -> UInt8 {
        offset >= 0 && offset < end ? bytes[offset] : 0
    }

    func text(_ start: Int, _ end: Int) -> String {
        start < end ? String(decoding: bytes[start..<end], as: UTF8.self) : ""
    }

    /// The end of a name (`a-z`, `_`, then digits too; with hyphens where asked) at an offset; the offset itself where none
    /// starts there.
    func nameEnd(_ offset: Int, hyphens: Bool = false) -> Int {
        guard Byte.isNameStart(self[offset]) else { return offset }
        var position = offset + 1
        while Byte.isName(self[position]) || hyphens && self[position] == Byte.hyphen { position += 1 }
        return position
    }

    func lineEnd(_ offset: Int) -> Int {
        var position = offset
        while position < end, bytes[position] != Byte.newline { position += 1 }
        return position
    }

    /// The length of a backslash-newline at an offset, 0 where there is none.
    func continuationLength(_ offset: Int) -> Int {
        guard self[offset] == Byte.backslash else { return 0 }
        if self[offset + 1] == Byte.newline { return 2 }
        return self[offset + 1] == Byte.carriageReturn && self[offset + 2] == Byte.newline ? 3 : 0
    }

    func skipBlanks(_ offset: Int) -> Int {
        var position = offset
        while true {
            let length = continuationLength(position)
            if length > 0 {
                position += length
            } else if Byte.isBlank(self[position]) {
                position += 1
            } else {
                return position
            }
        }
    }

    /// Over blanks, line ends and comments.
    func skipSpace(_ offset: Int) -> Int {
        var position = offset
        while true {
            position = skipBlanks(position)
            if self[position] == Byte.newline {
                position += 1
            } else if self[position] == Byte.hash {
                position = lineEnd(position)
            } else {
                return position
            }
        }
    }
}
