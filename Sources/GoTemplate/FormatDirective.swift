/// One printf directive's flags, and the basic kinds laid out by them (fmt/format.go).
struct FormatDirective {
    var width: Int?
    var precision: Int?
    var minus = false
    var plus = false
    var sharp = false
    var space = false
    var zero = false
    /// `%+v` and `%#v`: the flag is then about the form of the value, not of its numbers.
    var plusV = false
    var sharpV = false

    /// Appends `text`, padded to the width.
    func pad(_ text: some Collection<UInt8>, into output: inout [UInt8]) {
        guard let width, width > 0 else {
            output += text
            return
        }
        let missing = width - Runes.count(Array(text))
        if !minus { pad(missing, into: &output) }
        output += text
        if minus { pad(missing, into: &output) }
    }

    /// Zeros only ever stand to the left.
    private func pad(_ count: Int, into output: inout [UInt8]) {
        guard count > 0 else { return }
        output += repeatElement(UInt8(ascii: zero && !minus ? "0" : " "), count: count)
    }

    private func withoutZero() -> FormatDirective {
        var copy = self
        copy.zero = false
        return copy
    }

    // MARK: Integers

    func integer(
        _ magnitude: UInt64, negative: Bool, base: Int, verb: UInt8, uppercase: Bool, into output: inout [UInt8]
    ) {
        var minimum = 0
        if let precision {
            minimum = precision
            if precision == 0, magnitude == 0 {
                withoutZero().pad(width ?? 0, into: &output)
                return
            }
        } else if zero, !minus, let width {
            minimum = negative || plus || space ? width - 1 : width
        }
        let digits = String(magnitude, radix: base, uppercase: uppercase).utf8
        let zeros = max(0, minimum - digits.count)
        var text: [UInt8] = []
        if negative {
            text.append(UInt8(ascii: "-"))
        } else if plus {
            text.append(UInt8(ascii: "+"))
        } else if space {
            text.append(0x20)
        }
        if verb == UInt8(ascii: "O") { text += "0o".utf8 }
        if sharp {
            switch base {
            case 2: text += "0b".utf8
            case 8: if zeros == 0, digits.first != 0x30 { text.append(0x30) }
            case 16: text += (uppercase ? "0X" : "0x").utf8
            default: break
            }
        }
        text += repeatElement(0x30, count: zeros)
        text += digits
        withoutZero().pad(text, into: &output)
    }

    /// `%U`: U+0078, with `#` also 'x'.
    func unicode(_ value: UInt64, into output: inout [UInt8]) {
        let digits = String(value, radix: 16, uppercase: true).utf8
        var text = Array("U+".utf8)
        text += repeatElement(0x30, count: max(0, max(4, precision ?? 0) - digits.count))
        text += digits
        if sharp, let rune = UInt32(exactly: value), Runes.isPrint(rune) {
            text += " '".utf8
            Runes.append(rune, to: &text)
            text += "'".utf8
        }
        withoutZero().pad(text, into: &output)
    }

    func character(_ value: UInt64, quoted: Bool, into output: inout [UInt8]) {
        let rune = UInt32(exactly: value) ?? Runes.replacement
        if quoted { return pad(Quoting.quote(rune: rune, ascii: plus), into: &output) }
        var text: [UInt8] = []
        Runes.append(rune, to: &text)
        pad(text, into: &output)
    }

    // MARK: Strings

    /// The first `precision` runes.
    private func truncated(_ text: [UInt8]) -> [UInt8] {
        guard let precision else { return text }
        let runes = Runes.all(text)
        return precision < runes.count ? Array(text[..<runes[precision].offset]) : text
    }

    func string(_ text: [UInt8], into output: inout [UInt8]) { pad(truncated(text), into: &output) }

    func quoted(_ text: [UInt8], into output: inout [UInt8]) {
        let text = truncated(text)
        if sharp, Quoting.canBackquote(text) { return pad([0x60] + text + [0x60], into: &output) }
        pad(Quoting.quote(text, ascii: plus), into: &output)
    }

    /// `%x` and `%X` of text: its bytes, with a space apart where asked.
    func hexadecimal(_ text: [UInt8], uppercase: Bool, into output: inout [UInt8]) {
        let bytes = precision.map { text.prefix($0) } ?? text[...]
        let prefix = Array((uppercase ? "0X" : "0x").utf8)
        var encoded: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if space, index > 0 { encoded.append(0x20) }
            if sharp, space || index == 0 { encoded += prefix }
            encoded += Quoting.hex("", UInt32(byte), digits: 2, uppercase: uppercase)
        }
        pad(encoded, into: &output)
    }

    // MARK: Floats

    func float(_ value: Double, verb: UInt8, precision standard: Int, into output: inout [UInt8]) {
        let precision = self.precision ?? standard
        var number = FloatText.format(value, verb: verb, precision: precision)
        var sign = UInt8(ascii: "+")
        if let first = number.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first
            number.removeFirst()
        }
        if space, sign == UInt8(ascii: "+"), !plus { sign = 0x20 }
        if !value.isFinite {
            let showsSign = value.isNaN ? space || plus : plus || sign != UInt8(ascii: "+")
            return withoutZero().pad(showsSign ? [sign] + number : number, into: &output)
        }
        if sharp, verb != UInt8(ascii: "b") { number = Self.withPoint(number, verb: verb, precision: precision) }
        guard plus || sign != UInt8(ascii: "+") else { return pad(number, into: &output) }
        if zero, !minus, let width, width > number.count + 1 {
            output.append(sign)
            output += repeatElement(0x30, count: width - number.count - 1)
            output += number
            return
        }
        pad([sign] + number, into: &output)
    }

    /// `#`: always a decimal point, and for %g its trailing zeros.
    private static func withPoint(_ number: [UInt8], verb: UInt8, precision: Int) -> [UInt8] {
        let isHexadecimal = verb | 0x20 == UInt8(ascii: "x")
        var digits = 0
        if [UInt8(ascii: "g"), UInt8(ascii: "G"), UInt8(ascii: "x")].contains(verb) {
            digits = precision < 0 ? 6 : precision
        }
        let split = number.firstIndex { $0 | 0x20 == UInt8(ascii: isHexadecimal ? "p" : "e") } ?? number.count
        var head = Array(number[..<split])
        var sawDigit = false
        for byte in head where byte != UInt8(ascii: ".") {
            if byte != 0x30 { sawDigit = true }
            if sawDigit { digits -= 1 }
        }
        if !head.contains(UInt8(ascii: ".")) {
            if head == [0x30] { digits -= 1 }
            head.append(UInt8(ascii: "."))
        }
        return head + Array(repeating: 0x30, count: max(0, digits)) + number[split...]
    }
}
