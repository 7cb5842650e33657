extension JSONValue {
    /// Appends a number as jq 1.6 prints it: the fewest digits that read back as the same double, plain where the decimal point
    /// is within 15 places of the digits' end and not more than 4 zeros before them, else as `1.5e+17`. NaN is `null`, and
    /// the infinities are the largest doubles.
    package static func writeNumber(_ number: Double, into output: inout [UInt8]) {
        if number.isNaN {
            output.append(contentsOf: "null".utf8)
            return
        }
        if abs(number) < 1e15, let whole = Int(exactly: number), whole != 0 {
            writeInteger(whole, into: &output)
            return
        }
        if number.sign == .minus { output.append(UInt8(ascii: "-")) }
        if number == 0 {
            output.append(UInt8(ascii: "0"))
            return
        }
        let decimal = Decimal(number.isInfinite ? .greatestFiniteMagnitude : abs(number))
        let digits = decimal.digits
        let point = decimal.point
        if point <= -4 || point > digits.count + 15 {
            output.append(digits[0])
            if digits.count > 1 {
                output.append(UInt8(ascii: "."))
                output.append(contentsOf: digits[1...])
            }
            let exponent = point - 1
            output.append(contentsOf: (exponent < 0 ? "e-" : "e+").utf8)
            if abs(exponent) < 10 { output.append(UInt8(ascii: "0")) }
            output.append(contentsOf: String(abs(exponent)).utf8)
        } else if point <= 0 {
            output.append(contentsOf: "0.".utf8)
            output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
            output.append(contentsOf: digits)
        } else if point >= digits.count {
            output.append(contentsOf: digits)
            output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
        } else {
            output.append(contentsOf: digits[..<point])
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: digits[point...])
        }
    }

    private static func writeInteger(_ whole: Int, into output: inout [UInt8]) {
        var digits: (UInt64, UInt64) = (0, 0)
        var rest = whole.magnitude
        if whole < 0 { output.append(UInt8(ascii: "-")) }
        withUnsafeMutableBytes(of: &digits) { buffer in
            var place = buffer.count
            repeat {
                place -= 1
                buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0 && place > 0
            output.append(contentsOf: buffer[place...])
        }
    }
}

/// The shortest decimal that reads back as a positive finite double: 0.DIGITS times ten to the power of `point`.
private struct Decimal {
    /// ASCII, at least one, neither starting nor ending with a zero.
    var digits: [UInt8] = []
    var point = 0

    /// Reads them off the standard library's description, which has the shortest digits, as `123.45`, `5e-324` or `1.0e+16`.
    init(_ number: Double) {
        let text = number.description.utf8
        let mark = text.firstIndex(of: UInt8(ascii: "e")) ?? text.endIndex
        for byte in text[..<mark] {
            if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
        }
        if mark != text.endIndex {
            if !text[..<mark].contains(UInt8(ascii: ".")) { point = digits.count }
            point += Int(Substring(text[text.index(after: mark)...])) ?? 0
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        point -= zeros
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.isEmpty { digits = [UInt8(ascii: "0")] }
    }
}
