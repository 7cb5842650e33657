extension JSONScanner {
    /// A string as it lies in the input, between its quotes. Comparing it with a literal copies nothing.
    package struct Text {
        /// What is between the quotes, escapes as written.
        package let bytes: UnsafeRawBufferPointer
        /// Whether there is an escape in it; if not, `bytes` is the string itself.
        package let isEscaped: Bool

        /// The string, escapes resolved.
        package var string: String {
            isEscaped ? String(decoding: unescaped, as: UTF8.self) : String(decoding: bytes, as: UTF8.self)
        }

        package static func == (text: Text, literal: StaticString) -> Bool {
            if text.isEscaped { return text.string == literal.description }
            guard text.bytes.count == literal.utf8CodeUnitCount else { return false }
            for place in 0..<text.bytes.count where text.bytes[place] != literal.utf8Start[place] { return false }
            return true
        }

        /// So that `switch key { case "digest": …` works.
        package static func ~= (literal: StaticString, text: Text) -> Bool { text == literal }

        /// The scanner has checked every escape already; what cannot be is passed over here.
        private var unescaped: [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            var place = 0
            while place < bytes.count {
                let byte = bytes[place]
                guard byte == UInt8(ascii: "\\"), place + 1 < bytes.count else {
                    result.append(byte)
                    place += 1
                    continue
                }
                let escape = bytes[place + 1]
                place += 2
                switch escape {
                case UInt8(ascii: "b"): result.append(0x08)
                case UInt8(ascii: "f"): result.append(0x0C)
                case UInt8(ascii: "n"): result.append(0x0A)
                case UInt8(ascii: "r"): result.append(0x0D)
                case UInt8(ascii: "t"): result.append(0x09)
                case UInt8(ascii: "u"): result.append(contentsOf: scalar(after: &place).utf8)
                default: result.append(escape)
                }
            }
            return result
        }

        /// The scalar of the `\u` escape whose digits start at `place`, and of the second one where they are a pair.
        private func scalar(after place: inout Int) -> String {
            let first = unit(at: place)
            place += 4
            if 0xD800...0xDBFF ~= first, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
                bytes[place + 1] == UInt8(ascii: "u")
            {
                let second = unit(at: place + 2)
                if 0xDC00...0xDFFF ~= second {
                    place += 6
                    let value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
                    return String(Character(UnicodeScalar(value) ?? "\u{FFFD}"))
                }
            }
            return String(Character(UnicodeScalar(first) ?? "\u{FFFD}"))
        }

        private func unit(at place: Int) -> UInt32 {
            var value: UInt32 = 0
            for digit in place..<min(place + 4, bytes.count) { value = value << 4 | (hexDigit(bytes[digit]) ?? 0) }
            return value
        }
    }
}
