import JSON

/// JSON text for a terminal: jq's layout and colours, and escapes for whatever a terminal would act on.
struct JSONPainter {
    /// jq's default colours.
    private static let nullColor = "\u{1B}[1;30m"
    private static let stringColor = "\u{1B}[0;32m"
    static let keyColor = "\u{1B}[34;1m"

    let hasColor: Bool
    /// Escape what `SafeText` calls unsafe as `\uXXXX`; the text stays the same JSON value.
    let isSafe: Bool
    /// nil: all on one line.
    let indent: Int?

    func append(_ value: JSONValue, level: Int = 0, to output: inout [UInt8]) {
        switch value {
        case .null: paint(Self.nullColor, to: &output) { $0.append(contentsOf: "null".utf8) }
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): JSONValue.writeNumber(number, into: &output)
        case .string(let text): paint(Self.stringColor, to: &output) { append(text: text, to: &$0) }
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                startItem(index == 0, level + 1, to: &output)
                append(element, level: level + 1, to: &output)
            }
            if !elements.isEmpty { breakLine(level, to: &output) }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for (key, member) in object {
                startItem(isFirst, level + 1, to: &output)
                paint(Self.keyColor, to: &output) { append(text: key, to: &$0) }
                output.append(UInt8(ascii: ":"))
                if indent != nil { output.append(UInt8(ascii: " ")) }
                append(member, level: level + 1, to: &output)
                isFirst = false
            }
            if !isFirst { breakLine(level, to: &output) }
            output.append(UInt8(ascii: "}"))
        }
    }

    private func startItem(_ isFirst: Bool, _ level: Int, to output: inout [UInt8]) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        breakLine(level, to: &output)
    }

    private func breakLine(_ level: Int, to output: inout [UInt8]) {
        guard let indent else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }

    private func paint(_ color: String, to output: inout [UInt8], _ write: (inout [UInt8]) -> Void) {
        guard hasColor else { return write(&output) }
        output.append(contentsOf: color.utf8)
        write(&output)
        output.append(contentsOf: Style.reset.utf8)
    }

    private func append(text: String, to output: inout [UInt8]) {
        guard isSafe, !SafeText.isPlain(text) else { return JSONValue.writeString(text, into: &output) }
        var piece: [UInt8] = []
        JSONValue.writeString(text, into: &piece)
        for scalar in String(decoding: piece, as: UTF8.self).unicodeScalars {
            if SafeText.isUnsafe(scalar) {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    output.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - hex.utf8.count))\(hex)".utf8)
                }
            } else {
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }
}
