import Glibc
import Layers
import OCI

/// Writes the summary file's numbers (LEB128) and texts (length, UTF-8).
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func number(_ value: Int) { number(UInt64(max(0, value))) }

    /// A number that may be absent.
    mutating func optional(_ value: Int?) { number(value.map { $0 + 1 } ?? 0) }

    mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { buffer in
            number(buffer.count)
            bytes.append(contentsOf: buffer)
        }
    }

    mutating func append(_ more: [UInt8]) { bytes += more }
}

/// Reads them back. What does not fit makes the reader `isBroken` and gives zeros from there on.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private(set) var isBroken = false

    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        self.bytes = bytes
        isBroken = offset < 0 || offset > bytes.count
        self.offset = isBroken ? bytes.count : offset
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func number() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while !isBroken, offset < bytes.count, shift < 64 {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        isBroken = true
        return 0
    }

    /// A number of things that each take at least one byte, so never more than there are bytes left.
    mutating func count() -> Int {
        let value = number()
        guard value <= UInt64(bytes.count - offset) else {
            isBroken = true
            return 0
        }
        return Int(value)
    }

    /// An index into a list of `limit` things.
    mutating func index(below limit: Int) -> Int {
        let value = number()
        guard value < UInt64(limit) else {
            isBroken = true
            return 0
        }
        return Int(value)
    }

    mutating func optionalIndex(below limit: Int) -> Int? {
        let value = index(below: limit + 1)
        return value == 0 ? nil : value - 1
    }

    mutating func int64() -> Int64 { Int64(truncatingIfNeeded: number() & (1 << 63 - 1)) }

    /// Where a text lies; nothing is copied.
    mutating func textPlace() -> TextPlace {
        let length = count()
        let start = offset
        guard !isBroken, start <= Int(UInt32.max), length <= Int(UInt32.max) else {
            isBroken = true
            return TextPlace(start: 0, length: 0)
        }
        offset += length
        return TextPlace(start: UInt32(start), length: UInt32(length))
    }

    mutating func text() -> String { textPlace().text(in: bytes) }
}

/// A text somewhere in a buffer of at most 4 GB.
struct TextPlace: Sendable {
    let start: UInt32
    let length: UInt32

    var range: Range<Int> { Int(start)..<Int(start) + Int(length) }

    func bytes(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard range.upperBound <= bytes.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    func text(in bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: self.bytes(in: bytes), as: UTF8.self)
    }

    /// A key to find a digest's text (`sha256:…`) by.
    func digestKey(in bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard range.upperBound <= bytes.count, length > 7 else { return 0 }
        return DigestKey.of(hex: UnsafeRawBufferPointer(rebasing: bytes[range.dropFirst(7)]))
    }
}

enum DigestKey {
    /// Digests are evenly spread, so that their first sixteen digits, folded into a word, tell them apart.
    static func of(hex: UnsafeRawBufferPointer) -> UInt64 {
        guard hex.count >= 16 else { return 0 }
        let first = hex.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        return first &* 0x9e37_79b9_7f4a_7c15 ^ hex.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    }
}

extension UnsafeRawBufferPointer {
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}

/// A hash against accidents, eight bytes at a time.
func quickHash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = QuickHash(count: bytes.count)
    hash.add(bytes)
    return hash.value
}

/// The same, of bytes that come in pieces: all but the last a multiple of eight.
struct QuickHash {
    private(set) var value: UInt64

    /// `count` is how many bytes there will be.
    init(count: Int) { value = 0x9e37_79b9_7f4a_7c15 ^ UInt64(count) }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var hash = value
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
            offset += 8
        }
        while offset < bytes.count {
            hash = (hash ^ UInt64(bytes[offset])) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
            offset += 1
        }
        value = hash
    }
}
