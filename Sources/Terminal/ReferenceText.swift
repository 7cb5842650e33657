/// References in little room: those of one list differ at their ends, so that is what stays.
enum ReferenceText {
    /// The text cut to so many columns, with `…` where something was cut: first out of its middle, so that the last part of
    /// the path and the tag are whole, then from the front. Of a digest the first twelve digits stay.
    static func clipped(_ text: String, to columns: Int) -> String {
        guard TextWidth.of(text) > columns else { return text }
        let text = withShortDigest(text)
        let bytes = Array(text.utf8)
        guard bytes.count > columns, columns > 1, bytes.allSatisfy({ $0 < 0x80 }) else {
            return TextWidth.clipped(text, to: columns)
        }
        let room = columns - 1
        let last = bytes.count - (bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)
        let end = min(room, max(room - room / 3, last))
        return String(decoding: bytes.prefix(room - end), as: UTF8.self) + "…"
            + String(decoding: bytes.suffix(end), as: UTF8.self)
    }

    private static func withShortDigest(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@"), let colon = text[at...].firstIndex(of: ":") else { return text }
        let digits = text[colon...].dropFirst()
        guard digits.utf8.count >= 32, digits.utf8.allSatisfy(CellText.isHex) else { return text }
        return String(text[...colon] + digits.prefix(12))
    }
}
