/// Prints values as Go's package fmt does (fmt/print.go). An absent operand is Go's untyped nil.
struct Printer {
    private(set) var output: [UInt8] = []
    var directive = FormatDirective()
    /// Inside a complaint about a verb, where values do not print themselves.
    private var complaining = false

    /// Go prints an address; there is none here, and it differs from run to run there.
    static let address: UInt64 = 0xC0_0000_0000

    /// `fmt.Sprint`: a space between two operands of which neither is a string.
    static func print(_ values: [TemplateValue?]) -> [UInt8] {
        var printer = Printer()
        var previousIsString = false
        for (index, value) in values.enumerated() {
            let isString = value?.plain?.isStringKind ?? false
            if index > 0, !isString, !previousIsString { printer.output.append(0x20) }
            printer.argument(value, verb: "v")
            previousIsString = isString
        }
        return printer.output
    }

    /// `fmt.Sprintln`.
    static func printLine(_ values: [TemplateValue?]) -> [UInt8] {
        var printer = Printer()
        for (index, value) in values.enumerated() {
            if index > 0 { printer.output.append(0x20) }
            printer.argument(value, verb: "v")
        }
        printer.output.append(0x0A)
        return printer.output
    }

    mutating func write(_ text: some Sequence<UInt8>) { output += text }

    // MARK: Values

    /// One operand of a directive; interfaces are taken off it first, as passing it to fmt does.
    mutating func argument(_ value: TemplateValue?, verb: Unicode.Scalar) {
        guard let value = value?.plain else {
            if verb == "T" || verb == "v" {
                directive.pad("<nil>".utf8, into: &output)
            } else {
                badVerb(verb, nil)
            }
            return
        }
        switch verb {
        case "T": directive.string(Array(value.type.name.utf8), into: &output)
        case "p": pointer(value, verb)
        default: print(value, verb, depth: 0)
        }
    }

    private mutating func print(_ value: TemplateValue, _ verb: Unicode.Scalar, depth: Int) {
        if verb == "w" { return badVerb(verb, value) }
        if handledByMethod(value, verb) { return }
        switch (value.type.underlying, value.content) {
        case (_, .bool(let flag)):
            guard verb == "t" || verb == "v" else { return badVerb(verb, value) }
            directive.pad((flag ? "true" : "false").utf8, into: &output)
        case (_, .signed(let number)): integer(number.magnitude, number < 0, signed: true, value, verb)
        case (_, .unsigned(let number)): integer(number, false, signed: false, value, verb)
        case (_, .float(let number)): float(number, value, verb)
        case (.time, .text(let text)): structure(GoTime(rfc3339: text).fields, verb, depth)
        case (_, .text(let text)): string(text, value, verb)
        case (.any, _):
            guard let inner = value.element else {
                return write((directive.sharpV ? "interface {}(nil)" : "<nil>").utf8)
            }
            print(inner, verb, depth: depth + 1)
        case (.pointer, _):
            guard depth == 0, let pointee = value.element, pointee.isAggregate else { return pointer(value, verb) }
            output.append(UInt8(ascii: "&"))
            print(pointee, verb, depth: depth + 1)
        case (.structure, _): structure(value, verb, depth)
        case (.map, _): map(value, verb, depth)
        case (.slice, _): slice(value, verb, depth)
        default: write("<nil>".utf8)
        }
    }

    /// Times and durations print themselves where the verb takes a string.
    private mutating func handledByMethod(_ value: TemplateValue, _ verb: Unicode.Scalar) -> Bool {
        if complaining { return false }
        let text: String
        switch (value.type, value.content) {
        case (.time, .text(let bytes)):
            let time = GoTime(rfc3339: bytes)
            if directive.sharpV, verb == "v" {
                write(time.goSyntax.utf8)
                return true
            }
            text = time.description
        case (.duration, .signed(let nanoseconds)):
            if directive.sharpV { return false }
            text = GoTime.durationText(nanoseconds)
        default: return false
        }
        switch verb {
        case "v", "s", "x", "X", "q":
            string(Array(text.utf8), value, verb)
            return true
        default: return false
        }
    }

    private mutating func string(_ text: [UInt8], _ value: TemplateValue, _ verb: Unicode.Scalar) {
        switch verb {
        case "v" where directive.sharpV: directive.quoted(text, into: &output)
        case "v", "s": directive.string(text, into: &output)
        case "q": directive.quoted(text, into: &output)
        case "x": directive.hexadecimal(text, uppercase: false, into: &output)
        case "X": directive.hexadecimal(text, uppercase: true, into: &output)
        default: badVerb(verb, value)
        }
    }

    private mutating func integer(
        _ magnitude: UInt64, _ negative: Bool, signed: Bool, _ value: TemplateValue, _ verb: Unicode.Scalar
    ) {
        let base: Int
        switch verb {
        case "v" where directive.sharpV && !signed:
            var plain = directive
            plain.sharp = true
            return plain.integer(
                magnitude, negative: false, base: 16, verb: 0x76, uppercase: false, into: &output)
        case "v", "d": base = 10
        case "b": base = 2
        case "o", "O": base = 8
        case "x", "X": base = 16
        case "c", "q":
            return directive.character(
                negative ? UInt64(Runes.replacement) : magnitude, quoted: verb == "q", into: &output)
        case "U": return directive.unicode(negative ? 0 &- magnitude : magnitude, into: &output)
        default: return badVerb(verb, value)
        }
        directive.integer(
            magnitude, negative: negative, base: base, verb: UInt8(truncatingIfNeeded: verb.value),
            uppercase: verb == "X", into: &output)
    }

    private mutating func float(_ number: Double, _ value: TemplateValue, _ verb: Unicode.Scalar) {
        let letter = UInt8(truncatingIfNeeded: verb.value)
        switch verb {
        case "v": directive.float(number, verb: UInt8(ascii: "g"), precision: -1, into: &output)
        case "b", "g", "G", "x", "X": directive.float(number, verb: letter, precision: -1, into: &output)
        case "f", "e", "E": directive.float(number, verb: letter, precision: 6, into: &output)
        case "F": directive.float(number, verb: UInt8(ascii: "f"), precision: 6, into: &output)
        default: badVerb(verb, value)
        }
    }

    private mutating func pointer(_ value: TemplateValue, _ verb: Unicode.Scalar) {
        switch value.type.underlying {
        case .pointer, .slice, .map: break
        default: return badVerb(verb, value)
        }
        let address = value.isNil ? 0 : Self.address
        var plain = directive
        switch verb {
        case "v" where directive.sharpV:
            write("(\(value.type.name))(\(address == 0 ? "nil" : "0x" + String(address, radix: 16)))".utf8)
        case "v" where address == 0: directive.pad("<nil>".utf8, into: &output)
        case "v", "p":
            plain.sharp.toggle()
            plain.integer(address, negative: false, base: 16, verb: 0x76, uppercase: false, into: &output)
        case "b", "o", "d", "x", "X": integer(address, false, signed: false, value, verb)
        default: badVerb(verb, value)
        }
    }

    private mutating func badVerb(_ verb: Unicode.Scalar, _ value: TemplateValue?) {
        write("%!".utf8)
        Runes.append(verb.value, to: &output)
        output.append(UInt8(ascii: "("))
        if let value {
            write("\(value.type.name)=".utf8)
            let wasComplaining = complaining
            complaining = true
            print(value, "v", depth: 0)
            complaining = wasComplaining
        } else {
            write("<nil>".utf8)
        }
        output.append(UInt8(ascii: ")"))
    }
}

// MARK: - Composites

extension Printer {
    private mutating func structure(_ value: TemplateValue, _ verb: Unicode.Scalar, _ depth: Int) {
        if directive.sharpV { write(value.type.name.utf8) }
        output.append(UInt8(ascii: "{"))
        for (index, (field, member)) in value.fields.enumerated() {
            if index > 0 { separator() }
            if directive.plusV || directive.sharpV { write("\(field.name):".utf8) }
            nested(member, verb, depth)
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func map(_ value: TemplateValue, _ verb: Unicode.Scalar, _ depth: Int) {
        if directive.sharpV {
            write(value.type.name.utf8)
            if value.isNil { return write("(nil)".utf8) }
            output.append(UInt8(ascii: "{"))
        } else {
            write("map[".utf8)
        }
        for (index, (key, member)) in value.members.enumerated() {
            if index > 0 { separator() }
            print(.text(key.utf8), verb, depth: depth + 1)
            output.append(UInt8(ascii: ":"))
            nested(member, verb, depth)
        }
        output.append(UInt8(ascii: directive.sharpV ? "}" : "]"))
    }

    private mutating func slice(_ value: TemplateValue, _ verb: Unicode.Scalar, _ depth: Int) {
        if directive.sharpV {
            write(value.type.name.utf8)
            if value.isNil { return write("(nil)".utf8) }
        }
        output.append(UInt8(ascii: directive.sharpV ? "{" : "["))
        for (index, element) in value.elements.enumerated() {
            if index > 0 { separator() }
            nested(element, verb, depth)
        }
        output.append(UInt8(ascii: directive.sharpV ? "}" : "]"))
    }

    private mutating func nested(_ value: TemplateValue, _ verb: Unicode.Scalar, _ depth: Int) {
        print(value, verb, depth: depth + 1)
    }

    private mutating func separator() { write((directive.sharpV ? ", " : " ").utf8) }

}

extension TemplateValue {
    /// Whether fmt shows what a pointer to it points at.
    fileprivate var isAggregate: Bool {
        switch type.underlying {
        case .slice, .structure, .map: true
        default: false
        }
    }
}
