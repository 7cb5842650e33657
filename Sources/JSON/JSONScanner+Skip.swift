// The part of the scanner that everything else waits for: passing over what nobody asked for, checking all of it.

extension JSONScanner {
    /// Passes over the next value, whatever it is, checking it in full. No recursion.
    package mutating func skipValue() throws(JSONError) {
        var containers = ContainerStack()
        repeat {
            switch try peek() {
            case .object:
                try beginObject()
                containers.push(isObject: true)
            case .array:
                try beginArray()
                containers.push(isObject: false)
            case .string: _ = try skipString()
            case .number: _ = try skipNumber()
            case .bool: _ = try readBool()
            case .null: try skipLiteral("null")
            }
            // Close what ends here, until a value is due again or the value asked for is over.
            while containers.depth > 0 {
                if containers.isObject {
                    if try skipKey() { break }
                } else if try nextElement() {
                    break
                }
                containers.pop()
            }
        } while containers.depth > 0
    }

    private mutating func skipKey() throws(JSONError) -> Bool {
        try nextKey() != nil
    }

    @inline(__always)
    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
            default: return
            }
        }
    }

    /// Passes over the string whose opening quote is at `offset`. Whether it has escapes.
    mutating func skipString() throws(JSONError) -> Bool {
        let start = offset
        var isEscaped = false
        offset += 1
        while true {
            skipPlainBytes()
            guard offset < bytes.count else {
                offset = start
                throw error("unterminated string")
            }
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                try skipEscape()
            case 0..<0x20:
                throw error("unescaped control character in a string")
            default:
                offset += 1
            }
        }
    }

    /// Passes over bytes that mean nothing in a string, eight at a time; stops within eight bytes before one that may.
    @inline(__always)
    private mutating func skipPlainBytes() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // A byte of the result has its high bit set where the byte is < 0x20, '"' or '\' ("Bit Twiddling Hacks",
            // haszero and hasless); a borrow can only mark further bytes after the first true one, so the first mark is
            // exact.
            let marks =
                ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            let found = marks & highs
            if found == 0 {
                offset += 8
            } else {
                offset += UInt64(littleEndian: found).trailingZeroBitCount / 8
                return
            }
        }
    }

    /// Passes over the escape whose backslash is at `offset`.
    private mutating func skipEscape() throws(JSONError) {
        guard offset + 1 < bytes.count else { throw error("unterminated string") }
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 2
        case UInt8(ascii: "u"):
            for place in offset + 2..<offset + 6 {
                guard place < bytes.count, hexDigit(bytes[place]) != nil else {
                    throw error("a \\u escape needs four hexadecimal digits")
                }
            }
            offset += 6
        default:
            throw error("unknown escape in a string")
        }
    }

    mutating func skipLiteral(_ literal: StaticString) throws(JSONError) {
        let length = literal.utf8CodeUnitCount
        var matched = 0
        while matched < length, offset + matched < bytes.count, bytes[offset + matched] == literal.utf8Start[matched] {
            matched += 1
        }
        guard matched == length else {
            offset += matched
            throw unexpected(literal)
        }
        offset += length
    }
}

/// Which of the containers that are open are objects, innermost last: a bit each, so that skipping needs no memory.
private struct ContainerStack {
    private var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private(set) var depth = 0
    private(set) var isObject = false

    /// The scanner refuses to begin a container beyond `JSONScanner.maximumDepth`, which is as many bits as there are.
    mutating func push(isObject: Bool) {
        let word = depth / 64
        let bit = UInt64(1) << (depth % 64)
        withUnsafeMutableBytes(of: &bits) { bytes in
            let words = bytes.bindMemory(to: UInt64.self)
            guard word < words.count else { return }
            words[word] = isObject ? words[word] | bit : words[word] & ~bit
        }
        depth += 1
        self.isObject = isObject
    }

    mutating func pop() {
        depth -= 1
        guard depth > 0 else { return }
        let place = depth - 1
        isObject = withUnsafeBytes(of: bits) { bytes in
            let words = bytes.bindMemory(to: UInt64.self)
            return place / 64 < words.count && words[place / 64] >> (place % 64) & 1 == 1
        }
    }
}

/// The value of a hexadecimal digit; nil for any other byte.
func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}
