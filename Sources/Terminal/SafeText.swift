/// Text from the outside made fit for a terminal: whatever could move the cursor, change its state or reorder what is
/// read shows as an escape instead. That is C0, DEL, C1, the bidirectional controls (Unicode TR 36 and CVE-2021-42574),
/// line and paragraph separators, interlinear annotations and the invisible tag characters.
package enum SafeText {
    /// True for a character that must not reach a terminal as it is; tab and newline are among them.
    package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        case 0xE0000...0xE007F: true
        default: false
        }
    }

    /// One line: every unsafe character escaped, `\n` and `\t` too.
    package static func line(_ text: String) -> String {
        if isPlain(text) { return text }
        return escaped(text, keeping: { _ in false })
    }

    /// Several lines: newlines and tabs stay, everything else unsafe is escaped.
    package static func block(_ text: String) -> String {
        if isPlain(text) { return text }
        return escaped(text, keeping: { $0 == "\n" || $0 == "\t" })
    }

    /// True where nothing has to be escaped, told from the bytes alone.
    static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for index in bytes.indices {
                let byte = bytes[index]
                if byte < 0x20 || byte == 0x7F { return false }
                guard byte >= 0xC2, index + 1 < bytes.count else { continue }
                switch byte {
                case 0xC2: if bytes[index + 1] < 0xA0 { return false }
                case 0xD8: if bytes[index + 1] == 0x9C { return false }
                // U+2000…U+20FF, U+FExx and U+FFxx, U+E0000…: looked at character by character.
                case 0xE2: if bytes[index + 1] == 0x80 || bytes[index + 1] == 0x81 { return false }
                case 0xEF: if bytes[index + 1] >= 0xBB { return false }
                case 0xF3: return false
                default: break
                }
            }
            return true
        }
    }

    private static func escaped(_ text: String, keeping isKept: (Unicode.Scalar) -> Bool) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) && !isKept(scalar) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `\n`, `\t`, `\x1b`, `\u202e`, `\u{e0001}`.
    static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\r": return "\\r"
        default: break
        }
        let hex = String(scalar.value, radix: 16)
        if scalar.value < 0x100 { return "\\x" + (hex.utf8.count < 2 ? "0" : "") + hex }
        if scalar.value < 0x10000 { return "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex }
        return "\\u{" + hex + "}"
    }
}
