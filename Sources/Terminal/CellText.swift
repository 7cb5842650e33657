import JSON
import Units

/// Writes one value as the text of a table cell: humanised, on one line, with nothing a terminal would act on.
struct CellText {
    let now: Moment

    func append(_ value: JSONValue, kind: Column.Kind, to output: inout [UInt8]) {
        switch (kind, value) {
        case (_, .null): break
        case (.bytes, .number(let bytes)):
            if bytes < 0 {
                output.append(contentsOf: "N/A".utf8)
            } else {
                HumanUnits.appendSize(bytes, digits: 3, to: &output)
            }
        case (.time, .string(let text)):
            guard let moment = Moment(text) else { return append(line: text, to: &output) }
            append(age: moment, to: &output)
        case (.time, .number(let seconds)) where abs(seconds) < 1e15:
            append(age: Moment(seconds: Int64(seconds)), to: &output)
        case (.digest, .string(let text)): append(digest: text, to: &output)
        case (.digest, .array(let digests)):
            appendJoined(digests, to: &output) { append($0, kind: .digest, to: &$1) }
        default: append(plain: value, to: &output)
        }
    }

    /// The first 12 digits of a digest; any other text as it is.
    private func append(digest text: String, to output: inout [UInt8]) {
        var text = text
        let isWritten = text.withUTF8 { bytes in
            let start = (bytes.prefix(8).firstIndex(of: UInt8(ascii: ":")) ?? -1) + 1
            guard bytes.count - start >= 32, bytes[start...].allSatisfy(Self.isHex) else { return false }
            output.append(contentsOf: bytes[start..<start + 12])
            return true
        }
        if !isWritten { append(line: text, to: &output) }
    }

    static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private func append(age moment: Moment, to output: inout [UInt8]) {
        output.append(contentsOf: (moment.isGoZero ? "N/A" : HumanUnits.distance(of: moment, at: now)).utf8)
    }

    private func append(line text: String, to output: inout [UInt8]) {
        var text = text
        if !SafeText.isPlain(text) { text = SafeText.line(text) }
        text.withUTF8 { output.append(contentsOf: $0) }
    }

    private func append(plain value: JSONValue, to output: inout [UInt8]) {
        switch value {
        case .null: break
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): JSONValue.writeNumber(number, into: &output)
        case .string(let text): append(line: text, to: &output)
        case .array(let elements) where elements.allSatisfy(\.isScalar):
            appendJoined(elements, to: &output) { append(plain: $0, to: &$1) }
        case .object(let object) where object.values.allSatisfy(\.isScalar):
            var isFirst = true
            for (key, member) in object {
                if !isFirst { output.append(contentsOf: ", ".utf8) }
                isFirst = false
                append(line: key, to: &output)
                output.append(UInt8(ascii: "="))
                append(plain: member, to: &output)
            }
        case .array, .object:
            JSONPainter(hasColor: false, isSafe: true, indent: nil).append(value, to: &output)
        }
    }

    private func appendJoined(
        _ elements: [JSONValue], to output: inout [UInt8], _ write: (JSONValue, inout [UInt8]) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(contentsOf: ", ".utf8) }
            write(element, &output)
        }
    }
}

extension JSONValue {
    /// Neither an array nor an object.
    var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    /// Levels of arrays and objects, counted no further than `limit`: 0 for a scalar and for what is empty.
    func depth(upTo limit: Int) -> Int {
        guard limit > 0 else { return 0 }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            var deepest = 0
            for element in elements where deepest < limit - 1 { deepest = max(deepest, element.depth(upTo: limit - 1)) }
            return 1 + deepest
        case .object(let object) where !object.isEmpty:
            var deepest = 0
            for (_, member) in object where deepest < limit - 1 {
                deepest = max(deepest, member.depth(upTo: limit - 1))
            }
            return 1 + deepest
        default: return 0
        }
    }
}
