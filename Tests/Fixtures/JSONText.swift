/// JSON to write, in the order stated: fixtures are digested, so their bytes must never depend on a hash seed.
package indirect enum JSONText: Sendable {
    case string(String)
    case number(Int)
    case bool(Bool)
    case null
    case array([JSONText])
    case object([(String, JSONText)])

    package var bytes: [UInt8] {
        var output: [UInt8] = []
        write(into: &output)
        return output
    }

    private func write(into output: inout [UInt8]) {
        switch self {
        case .null: output += Array("null".utf8)
        case .bool(let value): output += Array((value ? "true" : "false").utf8)
        case .number(let value): output += Array(String(value).utf8)
        case .string(let text): Self.quote(text, into: &output)
        case .array(let values):
            output.append(0x5b)
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(0x2c) }
                value.write(into: &output)
            }
            output.append(0x5d)
        case .object(let members):
            output.append(0x7b)
            for (index, (key, value)) in members.enumerated() {
                if index > 0 { output.append(0x2c) }
                Self.quote(key, into: &output)
                output.append(0x3a)
                value.write(into: &output)
            }
            output.append(0x7d)
        }
    }

    private static func quote(_ text: String, into output: inout [UInt8]) {
        output.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5c: output += [0x5c, byte]
            case 0..<0x20: output += Array("\\u00".utf8) + Array(hex([byte]).utf8)
            default: output.append(byte)
            }
        }
        output.append(0x22)
    }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONText...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONText)...) { self = .object(elements) }
}
