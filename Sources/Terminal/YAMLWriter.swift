import JSON

/// YAML 1.2 in block style. Strings are plain only where no YAML 1.1 or 1.2 reader takes them for something else.
struct YAMLWriter {
    let hasColor: Bool
    var output: [UInt8]

    init(hasColor: Bool, output: [UInt8] = []) {
        self.hasColor = hasColor
        self.output = output
    }

    /// One document's content with the newline at its end.
    mutating func write(document value: JSONValue) {
        switch value {
        case .array(let elements) where !elements.isEmpty: write(sequence: elements, level: 0, isContinued: false)
        case .object(let object) where !object.isEmpty: write(mapping: object, level: 0, isContinued: false)
        default: write(scalar: value, level: 0)
        }
    }

    /// What follows `key:` or `-`, up to the end of its line or block.
    private mutating func write(item value: JSONValue, level: Int, afterKey: Bool) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            if afterKey { put("\n") } else { put(" ") }
            write(sequence: elements, level: level, isContinued: !afterKey)
        case .object(let object) where !object.isEmpty:
            if afterKey { put("\n") } else { put(" ") }
            write(mapping: object, level: level, isContinued: !afterKey)
        default:
            put(" ")
            write(scalar: value, level: level)
        }
    }

    /// `isContinued`: the first line goes on behind a `- ` that is written already.
    private mutating func write(sequence elements: [JSONValue], level: Int, isContinued: Bool) {
        for (index, element) in elements.enumerated() {
            if index > 0 || !isContinued { indent(level) }
            put("-")
            write(item: element, level: level + 1, afterKey: false)
        }
    }

    private mutating func write(mapping object: JSONObject, level: Int, isContinued: Bool) {
        var isFirst = true
        for (key, value) in object {
            if !isFirst || !isContinued { indent(level) }
            isFirst = false
            // A key of more than 1024 characters has to be marked as one.
            let isLong = key.utf8.count > 512
            if isLong { put("? ") }
            if hasColor { put(JSONPainter.keyColor) }
            put(YAMLText.isPlain(key) ? key : YAMLText.quoted(key))
            if hasColor { put(Style.reset) }
            if isLong {
                put("\n")
                indent(level)
            }
            put(":")
            write(item: value, level: level + 1, afterKey: true)
        }
    }

    private mutating func write(scalar value: JSONValue, level: Int) {
        switch value {
        case .null: put("null")
        case .bool(let flag): put(flag ? "true" : "false")
        case .number(let number): JSONValue.writeNumber(number, into: &output)
        case .array: put("[]")
        case .object: put("{}")
        case .string(let text):
            if YAMLText.isPlain(text) {
                put(text)
            } else if YAMLText.fitsBlock(text) {
                write(block: text, level: max(1, level))
                return
            } else {
                put(YAMLText.quoted(text))
            }
        }
        put("\n")
    }

    /// A literal block: `|-` without a newline at the end, `|` with one, `|+` with several.
    private mutating func write(block text: String, level: Int) {
        let trailing = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
        put(trailing == 0 ? "|-\n" : trailing == 1 ? "|\n" : "|+\n")
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if trailing > 0 { lines.removeLast() }
        for line in lines {
            if !line.isEmpty {
                indent(level)
                put(line)
            }
            put("\n")
        }
    }

    private mutating func indent(_ level: Int) {
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }

    private mutating func put(_ text: some StringProtocol) {
        output.append(contentsOf: text.utf8)
    }
}

/// How a string is written in YAML.
enum YAMLText {
    private static let words: Set<String> = [
        "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "=", ".inf", "+.inf", "-.inf", ".nan",
    ]

    /// True where the text can stand without quotes, as a value or a key.
    static func isPlain(_ text: String) -> Bool {
        var text = text
        guard text.withUTF8(hasPlainForm) else { return false }
        return text.utf8.count > 5 || !words.contains(text.lowercased())
    }

    /// One look at the bytes: no indicator where it would be read as one, nothing unprintable, nothing that YAML 1.1
    /// or 1.2 takes for a number, a date or a time (told by its characters, which now and then quotes more).
    private static func hasPlainForm(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last, !isIndicator(first) else { return false }
        guard last != UInt8(ascii: " "), last != UInt8(ascii: ":") else { return false }
        var previous = first
        var isNumeric = (0x30...0x39).contains(first) || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
        var dots = 0
        for byte in bytes {
            if byte < 0x20 || byte == 0x7F || byte >= 0x80 && !isPrintable(String(decoding: bytes, as: UTF8.self)) {
                return false
            }
            if byte == UInt8(ascii: " ") && previous == UInt8(ascii: ":") { return false }
            if byte == UInt8(ascii: "#") && previous == UInt8(ascii: " ") { return false }
            if isNumeric && !isInNumbers(byte) { isNumeric = false }
            if byte == UInt8(ascii: ".") { dots += 1 }
            previous = byte
        }
        return !isNumeric && !(dots >= 3 && first == UInt8(ascii: "."))
    }

    private static func isIndicator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "!"), UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: ","), UInt8(ascii: "-"),
            UInt8(ascii: ":"), UInt8(ascii: ">"), UInt8(ascii: "?"), UInt8(ascii: "@"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            true
        default: false
        }
    }

    /// Digits, hexadecimal digits, and the letters and signs of `0x`, `0o`, exponents, dates and times.
    private static func isInNumbers(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "o"), UInt8(ascii: "O"), UInt8(ascii: "t"),
            UInt8(ascii: "T"), UInt8(ascii: "z"), UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: ","):
            true
        default: false
        }
    }

    /// True for a text of several lines that a literal block holds unchanged.
    static func fitsBlock(_ text: String) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "\n")), let first = text.utf8.first else { return false }
        return ![0x20, 0x09, 0x0A].contains(first) && isPrintable(text)
    }

    /// In single quotes where that is enough, else in double quotes with escapes.
    static func quoted(_ text: String) -> String {
        let isSimple =
            isPrintable(text) && !text.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
        if isSimple {
            return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{1B}": result += "\\e"
            case "\0": result += "\\0"
            default:
                if isPrintable(scalar) { result.unicodeScalars.append(scalar) } else { result += escape(scalar) }
            }
        }
        return result + "\""
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16)
        let (letter, digits) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: digits - hex.utf8.count) + hex
    }

    /// Newlines and tabs count as printable here.
    private static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || isPrintable($0) }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        !SafeText.isUnsafe(scalar) && scalar.value & 0xFFFE != 0xFFFE
    }
}
