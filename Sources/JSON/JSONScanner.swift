/// A strict pull parser over the bytes of a JSON text (RFC 8259): read what is wanted, skip the rest, build nothing else.
///
///     var scanner = JSONScanner(bytes)
///     try scanner.beginObject()
///     while let key = try scanner.nextKey() {
///         if key == "size" { size = try scanner.readInt64() } else { try scanner.skipValue() }
///     }
///     try scanner.finish()
///
/// After `nextKey()` or a true `nextElement()` exactly one value is due: read it, begin it or skip it. Numbers and literals
/// follow the grammar to the letter; anything after the one top-level value is an error at `finish()`. Nesting deeper than
/// `maximumDepth` is an error. A leading byte order mark is passed over. Strings that are not valid UTF-8, and `\u` escapes of
/// half a surrogate pair, are read with U+FFFD in place of what is wrong, as Go and newer jq do.
///
/// The memory under `bytes` has to stay valid while the scanner, or a `Text` or slice that it gave, is in use.
package struct JSONScanner {
    /// jq's own limit.
    package static let maximumDepth = 256

    let bytes: UnsafeRawBufferPointer
    /// Bytes from the start to what is read next.
    package internal(set) var offset = 0
    /// Containers begun and not ended.
    package internal(set) var depth = 0
    /// Whether the innermost container has given nothing yet, so that no comma is due.
    private var isFresh = true

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
    }

    /// What kind of value comes next.
    package enum Kind: Sendable { case null, bool, number, string, array, object }

    /// The kind of the next value, read from its first byte; nothing is consumed but white space.
    package mutating func peek() throws(JSONError) -> Kind {
        skipSpace()
        guard offset < bytes.count else { throw error("unexpected end of input") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw unexpected("a value")
        }
    }

    // MARK: Containers

    package mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), "an object")
    }

    package mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), "an array")
    }

    /// The next key of the object begun last, its value being due; nil at the end of the object, which is then consumed.
    package mutating func nextKey() throws(JSONError) -> Text? {
        guard try advance(to: UInt8(ascii: "}")) else { return nil }
        let key = try readText()
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: ":") else { throw unexpected("':'") }
        offset += 1
        return key
    }

    /// Whether the array begun last has another element, which is then due; at false the array has been consumed.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try advance(to: UInt8(ascii: "]"))
    }

    /// Passes over white space and makes sure that the text ends.
    package mutating func finish() throws(JSONError) {
        skipSpace()
        guard offset == bytes.count else { throw unexpected("the end of the input") }
    }

    private mutating func begin(_ bracket: UInt8, _ what: StaticString) throws(JSONError) {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == bracket else { throw unexpected(what) }
        guard depth < Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
        offset += 1
        depth += 1
        isFresh = true
    }

    private mutating func advance(to closing: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard offset < bytes.count else { throw error("unexpected end of input") }
        if bytes[offset] == closing {
            guard depth > 0 else { throw unexpected("a value") }
            offset += 1
            depth -= 1
            isFresh = false
            return false
        }
        if isFresh {
            isFresh = false
        } else {
            guard bytes[offset] == UInt8(ascii: ",") else {
                throw unexpected(closing == UInt8(ascii: "}") ? "',' or '}'" : "',' or ']'")
            }
            offset += 1
        }
        return true
    }

    // MARK: Values

    package mutating func readString() throws(JSONError) -> String {
        try readText().string
    }

    /// The next string where it lies in the input; nothing is copied.
    package mutating func readText() throws(JSONError) -> Text {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { throw unexpected("a string") }
        let start = offset + 1
        let isEscaped = try skipString()
        return Text(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<offset - 1]), isEscaped: isEscaped)
    }

    package mutating func readBool() throws(JSONError) -> Bool {
        skipSpace()
        guard offset < bytes.count else { throw error("unexpected end of input") }
        switch bytes[offset] {
        case UInt8(ascii: "t"):
            try skipLiteral("true")
            return true
        case UInt8(ascii: "f"):
            try skipLiteral("false")
            return false
        default: throw unexpected("true or false")
        }
    }

    package mutating func readNull() throws(JSONError) {
        skipSpace()
        try skipLiteral("null")
    }

    /// Consumes `null` where that is what comes next.
    package mutating func skipIfNull() throws(JSONError) -> Bool {
        guard try peek() == .null else { return false }
        try skipLiteral("null")
        return true
    }

    /// The next value as it is written, without the white space around it; the whole of it has been checked.
    package mutating func rawValue() throws(JSONError) -> UnsafeRawBufferPointer {
        skipSpace()
        let start = offset
        try skipValue()
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }

    // MARK: Errors

    func error(_ message: String) -> JSONError {
        JSONError(message: message, offset: offset)
    }

    /// An error about the byte at `offset`.
    func unexpected(_ wanted: StaticString) -> JSONError {
        guard offset < bytes.count else { return error("unexpected end of input, expected \(wanted)") }
        let byte = bytes[offset]
        let found =
            (0x21..<0x7F).contains(byte)
            ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        return error("unexpected \(found), expected \(wanted)")
    }
}
