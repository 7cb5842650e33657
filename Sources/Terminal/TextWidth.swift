/// The columns that text takes on a terminal. A grapheme cluster takes at most two: terminals draw joined emoji, flags
/// and skin tones as one wide character.
package enum TextWidth {
    /// Columns of one line of text. Control characters count nothing: `SafeText` has replaced them before.
    package static func of(_ text: String) -> Int {
        var text = text
        let ascii: Int? = text.withUTF8 { bytes in
            bytes.allSatisfy { $0 < 0x80 } ? bytes.count : nil
        }
        if let ascii { return ascii }
        return text.reduce(0) { $0 + of($1) }
    }

    /// Columns of one character as the reader sees it.
    package static func of(_ character: Character) -> Int {
        var width = 0
        for scalar in character.unicodeScalars {
            // The emoji variation selector makes a narrow symbol wide.
            width = scalar.value == 0xFE0F ? 2 : min(2, width + of(scalar))
        }
        return width
    }

    /// Columns of one code point: 0, 1 or 2 (Unicode annex 11, and the emoji that show as pictures).
    package static func of(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return value == 0xAD || value < 0x20 ? 0 : 1 }
        if isWide(value) { return 2 }
        if value >= 0x1160 && value <= 0x11FF { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }

    /// The text cut to so many columns, with `…` in the last one where something was cut.
    package static func clipped(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var used = 0
        var end = text.startIndex
        for index in text.indices {
            let width = of(text[index])
            if used + width > columns - 1 { break }
            used += width
            end = text.index(after: index)
        }
        return text[..<end] + "…"
    }

    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
