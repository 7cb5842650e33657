/// What the grammar says about a number as it is passed over: enough to make most of them without another look.
struct NumberShape {
    var isNegative = false
    /// The digits as one number; exact while `digitCount` is at most 18.
    var mantissa: UInt64 = 0
    var digitCount = 0
    /// The power of ten that `mantissa` is to be multiplied by.
    var exponent = 0
    /// Whether there was neither a fraction nor an exponent.
    var isInteger = true
}

extension JSONScanner {
    /// The next number, rounded to the nearest double; one too large is infinite (and is written as the largest double).
    package mutating func readNumber() throws(JSONError) -> Double {
        guard try peek() == .number else { throw unexpected("a number") }
        let start = offset
        let shape = try skipNumber()
        // Exact operands of one exact operation give the nearest double (Clinger's fast path).
        if shape.mantissa < 1 << 53, shape.digitCount <= 18, abs(shape.exponent) < Self.powersOfTen.count {
            let power = Self.powersOfTen[abs(shape.exponent)]
            let magnitude = shape.exponent < 0 ? Double(shape.mantissa) / power : Double(shape.mantissa) * power
            return shape.isNegative ? -magnitude : magnitude
        }
        // The standard library's conversion, not C's, which would follow the locale's decimal point.
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
        return Double(text) ?? (shape.isNegative ? -.infinity : .infinity)
    }

    /// The next number, exactly (a double would lose integers beyond 2^53). Throws where it has a fraction or does not fit.
    package mutating func readInt64() throws(JSONError) -> Int64 {
        guard try peek() == .number else { throw unexpected("a number") }
        let start = offset
        let shape = try skipNumber()
        if shape.isInteger, shape.digitCount <= 18 {
            return shape.isNegative ? -Int64(shape.mantissa) : Int64(shape.mantissa)
        }
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
        if let number = Int64(text) { return number }
        // `1e3` and `2.0` are whole numbers too.
        if !shape.isInteger, let number = Double(text), let whole = Int64(exactly: number) { return whole }
        throw JSONError(message: "the number is not an integer of 64 bits", offset: start)
    }

    /// Passes over the number at `offset` (RFC 8259 §6).
    mutating func skipNumber() throws(JSONError) -> NumberShape {
        var shape = NumberShape()
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") {
            shape.isNegative = true
            offset += 1
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
            offset += 1
        } else {
            try skipDigits(&shape)
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            shape.isInteger = false
            offset += 1
            let start = offset
            try skipDigits(&shape)
            shape.exponent -= offset - start
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            shape.isInteger = false
            offset += 1
            shape.exponent += try skipExponent()
        }
        if offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"):
                throw unexpected("the end of the number")
            default: break
            }
        }
        return shape
    }

    /// At least one digit; leading zeros do not count towards `digitCount`.
    private mutating func skipDigits(_ shape: inout NumberShape) throws(JSONError) {
        let start = offset
        while offset < bytes.count {
            let digit = bytes[offset] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            shape.mantissa = shape.mantissa &* 10 &+ UInt64(digit)
            if shape.mantissa != 0 { shape.digitCount += 1 }
            offset += 1
        }
        if offset == start { throw unexpected("a digit") }
    }

    private mutating func skipExponent() throws(JSONError) -> Int {
        var isNegative = false
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
            isNegative = bytes[offset] == UInt8(ascii: "-")
            offset += 1
        }
        var exponent = NumberShape()
        try skipDigits(&exponent)
        let magnitude = exponent.digitCount > 9 ? 999_999_999 : Int(exponent.mantissa)
        return isNegative ? -magnitude : magnitude
    }

    /// The powers of ten that a double holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]
}
