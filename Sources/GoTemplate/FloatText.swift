import Glibc

/// Doubles as Go's strconv.FormatFloat writes them.
enum FloatText {
    /// `verb` is one of e E f g G x X b; a negative precision asks for the fewest digits that read back the same.
    static func format(_ value: Double, verb: UInt8, precision: Int) -> [UInt8] {
        if value.isNaN { return Array("NaN".utf8) }
        if value.isInfinite { return Array((value < 0 ? "-Inf" : "+Inf").utf8) }
        switch verb {
        case UInt8(ascii: "b"): return binary(value)
        case UInt8(ascii: "x"), UInt8(ascii: "X"): return hexadecimal(value, verb, precision)
        default: return precision < 0 ? shortest(value, verb: verb) : exact(value, verb: verb, precision: precision)
        }
    }

    private static func exact(_ value: Double, verb: UInt8, precision: Int) -> [UInt8] {
        let format = "%.*" + String(UnicodeScalar(verb))
        return withVaList([Int32(clamping: precision), value]) { arguments in
            var buffer = [CChar](repeating: 0, count: precision + 400)
            let length = vsnprintf(&buffer, buffer.count, format, arguments)
            return buffer.prefix(Int(max(0, length))).map { UInt8(bitPattern: $0) }
        }
    }

    /// The fewest digits that read back the same; `g` turns to an exponent below 1e-4 and from 1e6.
    static func shortest(_ value: Double, verb: UInt8) -> [UInt8] {
        let (digits, point) = decimal(value)
        let lower = verb | 0x20
        if value == 0, lower != UInt8(ascii: "e") { return Array((value.sign == .minus ? "-0" : "0").utf8) }
        var output: [UInt8] = value.sign == .minus ? [UInt8(ascii: "-")] : []
        let useExponent: Bool =
            switch lower {
            case UInt8(ascii: "e"): true
            case UInt8(ascii: "f"): false
            default: point - 1 < -4 || point - 1 >= 6
            }
        if useExponent {
            output.append(digits[0])
            if digits.count > 1 {
                output.append(UInt8(ascii: "."))
                output += digits[1...]
            }
            let exponent = point - 1
            output.append(lower == verb ? UInt8(ascii: "e") : UInt8(ascii: "E"))
            output.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            let text = String(abs(exponent))
            output += (text.utf8.count < 2 ? "0" + text : text).utf8
            return output
        }
        if point <= 0 {
            output += "0.".utf8
            output += Array(repeating: UInt8(ascii: "0"), count: -point)
            output += digits
        } else {
            output += digits.prefix(point)
            output += Array(repeating: UInt8(ascii: "0"), count: max(0, point - digits.count))
            if digits.count > point {
                output.append(UInt8(ascii: "."))
                output += digits[point...]
            }
        }
        return output
    }

    /// The shortest decimal digits, and how many of them stand before the point.
    private static func decimal(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point = 0
        var sawPoint = false
        var rest = value.magnitude.description.utf8[...]
        while let byte = rest.first, byte != UInt8(ascii: "e") {
            if byte == UInt8(ascii: ".") {
                sawPoint = true
            } else {
                digits.append(byte)
                if !sawPoint { point += 1 }
            }
            rest = rest.dropFirst()
        }
        if !rest.isEmpty { point += Int(String(decoding: rest.dropFirst(), as: UTF8.self)) ?? 0 }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        if zeros == digits.count { return ([UInt8(ascii: "0")], 1) }
        digits.removeFirst(zeros)
        point -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, point)
    }

    /// `-ddddp±ddd`: the mantissa as an integer and a power of two.
    private static func binary(_ value: Double) -> [UInt8] {
        let bits = value.magnitude.bitPattern
        var mantissa = bits & ((1 << 52) - 1)
        var exponent = Int(bits >> 52)
        if exponent == 0 { exponent = 1 } else { mantissa |= 1 << 52 }
        exponent -= 1075
        return Array("\(value.sign == .minus ? "-" : "")\(mantissa)p\(exponent >= 0 ? "+" : "")\(exponent)".utf8)
    }

    /// `-0x1.yyyyp±dd`.
    private static func hexadecimal(_ value: Double, _ verb: UInt8, _ precision: Int) -> [UInt8] {
        let bits = value.magnitude.bitPattern
        var mantissa = bits & ((1 << 52) - 1)
        var exponent = Int(bits >> 52)
        if value == 0 {
            exponent = 0
        } else {
            if exponent == 0 { exponent = 1 } else { mantissa |= 1 << 52 }
            exponent -= 1023
            while mantissa & (1 << 52) == 0 {
                mantissa <<= 1
                exponent -= 1
            }
        }
        if precision >= 0, precision < 13 {
            let shift = UInt64(52 - precision * 4)
            let half: UInt64 = 1 << (shift - 1)
            let remainder = mantissa & ((1 << shift) - 1)
            mantissa >>= shift
            if remainder > half || (remainder == half && mantissa & 1 == 1) { mantissa += 1 }
            mantissa <<= shift
            if mantissa & (1 << 53) != 0 {
                mantissa >>= 1
                exponent += 1
            }
        }
        var fraction = Array(String((mantissa & ((1 << 52) - 1)) | 1 << 52, radix: 16).utf8.dropFirst())
        if precision < 0 {
            while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        } else if precision > fraction.count {
            fraction += Array(repeating: UInt8(ascii: "0"), count: precision - fraction.count)
        } else {
            fraction.removeLast(fraction.count - precision)
        }
        var text = (value.sign == .minus ? "-0x" : "0x") + (value == 0 ? "0" : "1")
        if !fraction.isEmpty { text += "." + String(decoding: fraction, as: UTF8.self) }
        let digits = String(abs(exponent))
        text += "p" + (exponent < 0 ? "-" : "+") + (digits.utf8.count < 2 ? "0" : "") + digits
        return Array((verb == UInt8(ascii: "X") ? text.uppercased() : text).utf8)
    }
}
