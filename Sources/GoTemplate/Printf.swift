/// `fmt.Sprintf`: the directives of a format, one after another.
struct Printf {
    private let format: [UInt8]
    private let arguments: [TemplateValue?]
    private var printer = Printer()
    private var index = 0
    private var argument = 0
    private var reordered = false
    private var goodIndex = true
    private var afterIndex = false

    /// Go's bound for a width, precision or argument number.
    private static let largest = 1_000_000

    static func format(_ format: [UInt8], _ arguments: [TemplateValue?], limit: Int) -> [UInt8] {
        var formatter = Printf(format: format, arguments: arguments)
        while formatter.index < format.count, formatter.printer.output.count <= limit { formatter.step() }
        formatter.extra()
        return formatter.printer.output
    }

    private init(format: [UInt8], arguments: [TemplateValue?]) {
        self.format = format
        self.arguments = arguments
    }

    /// Plain text up to a directive, and the directive.
    private mutating func step() {
        goodIndex = true
        let start = index
        while index < format.count, format[index] != UInt8(ascii: "%") { index += 1 }
        printer.write(format[start..<index])
        guard index < format.count else { return }
        index += 1
        printer.directive = FormatDirective()
        afterIndex = false
        flags()
        argumentIndex()
        width()
        precision()
        if !afterIndex { argumentIndex() }
        verb()
    }

    private mutating func flags() {
        while index < format.count {
            switch format[index] {
            case UInt8(ascii: "#"): printer.directive.sharp = true
            case UInt8(ascii: "0"): printer.directive.zero = true
            case UInt8(ascii: "+"): printer.directive.plus = true
            case UInt8(ascii: "-"): printer.directive.minus = true
            case UInt8(ascii: " "): printer.directive.space = true
            default: return
            }
            index += 1
        }
    }

    private mutating func width() {
        if index < format.count, format[index] == UInt8(ascii: "*") {
            index += 1
            var width = starArgument()
            if width == nil { printer.write("%!(BADWIDTH)".utf8) }
            if let negative = width, negative < 0 {
                width = -negative
                printer.directive.minus = true
                printer.directive.zero = false
            }
            printer.directive.width = width
            afterIndex = false
        } else {
            printer.directive.width = number(upTo: format.count)
            if afterIndex, printer.directive.width != nil { goodIndex = false }
        }
    }

    private mutating func precision() {
        guard index + 1 < format.count, format[index] == UInt8(ascii: ".") else { return }
        index += 1
        if afterIndex { goodIndex = false }
        argumentIndex()
        if index < format.count, format[index] == UInt8(ascii: "*") {
            index += 1
            let precision = starArgument()
            printer.directive.precision = precision.flatMap { $0 < 0 ? nil : $0 }
            if printer.directive.precision == nil { printer.write("%!(BADPREC)".utf8) }
            afterIndex = false
        } else {
            printer.directive.precision = number(upTo: format.count) ?? 0
        }
    }

    private mutating func verb() {
        guard index < format.count else { return printer.write("%!(NOVERB)".utf8) }
        let (rune, size) = Runes.decode(format, at: index)
        index += size
        let verb = Unicode.Scalar(rune) ?? "\u{FFFD}"
        if verb == "%" { return printer.write([UInt8(ascii: "%")]) }
        guard goodIndex else { return complain(verb, "(BADINDEX)") }
        guard argument < arguments.count else { return complain(verb, "(MISSING)") }
        if verb == "v" || verb == "w" {
            printer.directive.sharpV = printer.directive.sharp
            printer.directive.sharp = false
            printer.directive.plusV = printer.directive.plus
            printer.directive.plus = false
        }
        printer.argument(arguments[argument], verb: verb)
        argument += 1
    }

    private mutating func complain(_ verb: Unicode.Scalar, _ text: String) {
        var bytes = Array("%!".utf8)
        Runes.append(verb.value, to: &bytes)
        printer.write(bytes + Array(text.utf8))
    }

    /// Arguments that no directive used are named, unless indexes were given.
    private mutating func extra() {
        guard !reordered, argument < arguments.count else { return }
        printer.directive = FormatDirective()
        printer.write("%!(EXTRA ".utf8)
        for (position, value) in arguments[argument...].enumerated() {
            if position > 0 { printer.write(", ".utf8) }
            if let value = value?.plain {
                printer.write("\(value.type.name)=".utf8)
                printer.argument(value, verb: "v")
            } else {
                printer.write("<nil>".utf8)
            }
        }
        printer.write(")".utf8)
    }

    /// `[n]` sets which argument comes next.
    private mutating func argumentIndex() {
        afterIndex = false
        guard index < format.count, format[index] == UInt8(ascii: "[") else { return }
        reordered = true
        let start = index
        guard format.count - start >= 3, let close = format[start...].firstIndex(of: UInt8(ascii: "]")) else {
            goodIndex = false
            index = start + 1
            return
        }
        index = start + 1
        let parsed = number(upTo: close)
        let isNumber = parsed != nil && index == close
        index = close + 1
        if let parsed, isNumber, parsed >= 1, parsed <= arguments.count {
            argument = parsed - 1
            afterIndex = true
        } else {
            goodIndex = false
            afterIndex = isNumber
        }
    }

    /// A decimal number at the cursor; nil where there is none, or one beyond Go's bound.
    private mutating func number(upTo end: Int) -> Int? {
        guard index < end else {
            index = end
            return nil
        }
        var value: Int?
        while index < end, format[index] >= 0x30, format[index] <= 0x39 {
            if let value, value > Self.largest {
                index = end
                return nil
            }
            value = (value ?? 0) * 10 + Int(format[index] - 0x30)
            index += 1
        }
        return value
    }

    /// The whole number that a `*` takes; the argument is used up either way.
    private mutating func starArgument() -> Int? {
        guard argument < arguments.count else { return nil }
        let value = arguments[argument]?.plain
        argument += 1
        let number: Int? =
            switch value?.content {
            case .signed(let number): Int(exactly: number)
            case .unsigned(let number): Int(exactly: number)
            default: nil
            }
        return number.flatMap { $0.magnitude > Self.largest ? nil : $0 }
    }
}
