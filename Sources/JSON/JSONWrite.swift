/// How a value is laid out as text.
package enum JSONStyle: Sendable, Hashable {
    /// On one line, without any space (`jq -c`).
    case compact
    /// A member or element a line, indented by so many spaces a level (`jq`: 2).
    case pretty(indent: Int)

    /// jq's own layout.
    package static let pretty = JSONStyle.pretty(indent: 2)
}

extension JSONValue {
    /// Appends the value as jq prints it: numbers as `appendNumber`, strings with only what has to be escaped escaped.
    /// No new line at the end.
    package func write(into output: inout [UInt8], style: JSONStyle = .compact) {
        var writer = JSONWriter(output: output, style: style)
        // The buffer moves into the writer, so that it is never copied.
        output = []
        writer.write(self, level: 0)
        output = writer.output
    }

    /// The value on one line.
    package var compact: String { text(.compact) }

    /// The value laid out as jq does, two spaces a level, without a new line at the end.
    package var pretty: String { text(.pretty) }

    private func text(_ style: JSONStyle) -> String {
        var output: [UInt8] = []
        write(into: &output, style: style)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends `text` as a JSON string with its quotes, escaped as jq does: control characters and DEL, nothing above ASCII.
    package static func writeString(_ text: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var plain = 0
            for place in bytes.indices {
                let byte = bytes[place]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F else {
                    continue
                }
                output.append(contentsOf: bytes[plain..<place])
                plain = place + 1
                appendEscape(of: byte, to: &output)
            }
            output.append(contentsOf: bytes[plain...])
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        default:
            output.append(contentsOf: "u00".utf8)
            if byte < 0x10 { output.append(UInt8(ascii: "0")) }
            output.append(contentsOf: String(byte, radix: 16).utf8)
        }
    }
}

private struct JSONWriter {
    var output: [UInt8]
    let indent: Int?

    init(output: [UInt8], style: JSONStyle) {
        self.output = output
        switch style {
        case .compact: indent = nil
        case .pretty(let width): indent = max(0, width)
        }
    }

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): JSONValue.writeNumber(number, into: &output)
        case .string(let text): JSONValue.writeString(text, into: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                startItem(isFirst: isFirst, level: level + 1)
                write(element, level: level + 1)
                isFirst = false
            }
            if !isFirst { breakLine(level) }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for (key, value) in object {
                startItem(isFirst: isFirst, level: level + 1)
                JSONValue.writeString(key, into: &output)
                output.append(UInt8(ascii: ":"))
                if indent != nil { output.append(UInt8(ascii: " ")) }
                write(value, level: level + 1)
                isFirst = false
            }
            if !isFirst { breakLine(level) }
            output.append(UInt8(ascii: "}"))
        }
    }

    private mutating func startItem(isFirst: Bool, level: Int) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        breakLine(level)
    }

    private mutating func breakLine(_ level: Int) {
        guard let indent else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }
}
