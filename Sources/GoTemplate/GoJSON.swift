/// JSON as Go's encoding/json writes a value: a struct's fields in their order, a map's by key, a nil as `null`.
enum GoJSON {
    static func text(_ value: TemplateValue?) throws(FunctionError) -> [UInt8] {
        var output: [UInt8] = []
        try write(value, escapesHTML: false, into: &output)
        return output
    }

    private static func write(
        _ value: TemplateValue?, escapesHTML: Bool, into output: inout [UInt8]
    ) throws(FunctionError) {
        guard let value else {
            output += "null".utf8
            return
        }
        switch (value.type.underlying, value.content) {
        case (.any, _), (.pointer, _): try write(value.element, escapesHTML: escapesHTML, into: &output)
        case (_, .bool(let flag)): output += (flag ? "true" : "false").utf8
        case (_, .signed(let number)): output += String(number).utf8
        case (_, .unsigned(let number)): output += String(number).utf8
        case (_, .float(let number)): try write(number, into: &output)
        case (.time, .text(let text)): string(Array(GoTime(rfc3339: text).rfc3339.utf8), escapesHTML, into: &output)
        case (_, .text(let text)):
            if value.type == .jsonNumber {
                output += text.isEmpty ? [0x30] : text
            } else {
                string(text, escapesHTML, into: &output)
            }
        case (.structure(let structure), _):
            try write(structure, value, escapesHTML, into: &output)
        case (_, .null): output += "null".utf8
        case (.map, _):
            output.append(UInt8(ascii: "{"))
            for (index, (key, member)) in value.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                string(Array(key.utf8), escapesHTML, into: &output)
                output.append(UInt8(ascii: ":"))
                try write(member, escapesHTML: escapesHTML, into: &output)
            }
            output.append(UInt8(ascii: "}"))
        default:
            output.append(UInt8(ascii: "["))
            for (index, element) in value.elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try write(element, escapesHTML: escapesHTML, into: &output)
            }
            output.append(UInt8(ascii: "]"))
        }
    }

    /// Docker's rows marshal themselves: by method name, and with HTML escaped.
    private static func write(
        _ structure: TemplateType.Structure, _ value: TemplateValue, _ escapesHTML: Bool, into output: inout [UInt8]
    ) throws(FunctionError) {
        var members = flattened(value)
        if structure.areMethods { members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
        output.append(UInt8(ascii: "{"))
        for (index, (key, member)) in members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            string(Array(key.utf8), escapesHTML, into: &output)
            output.append(UInt8(ascii: ":"))
            try write(member, escapesHTML: escapesHTML || structure.areMethods, into: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func flattened(_ value: TemplateValue) -> [(key: String, value: TemplateValue)] {
        var members: [(key: String, value: TemplateValue)] = []
        for (field, member) in value.fields {
            if field.isEmbedded {
                members += flattened(member)
            } else if !(field.omitsEmpty && member.isEmptyInJSON) {
                members.append((field.key, member))
            }
        }
        return members
    }

    private static func write(_ number: Double, into output: inout [UInt8]) throws(FunctionError) {
        guard number.isFinite else {
            let text = String(decoding: FloatText.format(number, verb: 0x67, precision: -1), as: UTF8.self)
            throw FunctionError(message: "json: unsupported value: \(text)")
        }
        let magnitude = number.magnitude
        let isFixed = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21)
        var text = FloatText.shortest(number, verb: UInt8(ascii: isFixed ? "f" : "e"))
        // Go writes e-9 here, not e-09.
        if !isFixed, text.count >= 4, text.suffix(4).starts(with: "e-0".utf8) { text.remove(at: text.count - 2) }
        output += text
    }

    static func string(_ text: [UInt8], _ escapesHTML: Bool, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for (rune, offset, width) in Runes.all(text) {
            switch rune {
            case 0x22, 0x5C: output += [0x5C, UInt8(truncatingIfNeeded: rune)]
            case 0x08: output += "\\b".utf8
            case 0x0C: output += "\\f".utf8
            case 0x0A: output += "\\n".utf8
            case 0x0D: output += "\\r".utf8
            case 0x09: output += "\\t".utf8
            case ..<0x20: output += Quoting.hex("\\u", rune, digits: 4)
            case 0x3C where escapesHTML, 0x3E where escapesHTML, 0x26 where escapesHTML, 0x2028, 0x2029:
                output += Quoting.hex("\\u", rune, digits: 4)
            case Runes.replacement where width == 1: output += "\\ufffd".utf8
            default: output += text[offset..<(offset + width)]
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

extension TemplateValue {
    /// What `omitempty` leaves out; a struct never is.
    fileprivate var isEmptyInJSON: Bool {
        switch type.underlying {
        case .structure, .time: false
        default: !isTrue
        }
    }
}
