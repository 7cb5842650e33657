/// Sizes as people type them.
package enum ByteSize {
    private static let prefixes = Array("kmgtp".utf8)

    /// Bytes: `500`, `10MB`, `1.5 GB` (powers of 1000), `8MiB` (of 1024), in any case and with or without the `B`.
    /// nil where it is no size, or more than 2^62.
    package static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        guard digits.contains(where: { $0 != UInt8(ascii: ".") }),
            let number = Double(String(decoding: digits, as: UTF8.self))
        else { return nil }
        var unit = bytes[digits.count...].drop { $0 == UInt8(ascii: " ") }.map { $0 | 0x20 }
        if unit.last == UInt8(ascii: "b") { unit.removeLast() }
        var base = 1000.0
        if unit.count == 2, unit[1] == UInt8(ascii: "i") {
            base = 1024
            unit.removeLast()
        }
        var size = number
        if let prefix = unit.first {
            guard unit.count == 1, let power = prefixes.firstIndex(of: prefix) else { return nil }
            for _ in 0...power { size *= base }
        }
        return size < 0x1p62 ? Int64(size) : nil
    }
}
