/// One message of libjq's compiler, taken apart.
///
/// 1.6 and 1.7 give `MESSAGE at <top-level>, line N:` and then the line with as many spaces after it as the column counts; 1.8
/// gives `line N, column M:` and a line of carets.
struct CompileMessage: Equatable {
    var text: String
    /// From 0; nil where the message has no place.
    var line: Int?
    var column: Int?

    init(_ message: String, program: FilterProgram?) {
        text = message
        for prefix in ["jq: error: ", "jq: "] where text.hasPrefix(prefix) {
            text.removeFirst(prefix.count)
            break
        }
        let bytes = Array(text.utf8)
        let marker = Array(" at <top-level>, line ".utf8)
        guard let mark = lastPlace(of: marker, in: bytes) else {
            text = Self.clean(text)
            return
        }
        var place = mark + marker.count
        line = Self.number(bytes, &place).map { $0 - 1 }
        let columnMarker = Array(", column ".utf8)
        if bytes[place...].starts(with: columnMarker) {
            place += columnMarker.count
            column = Self.number(bytes, &place).map { $0 - 1 }
        } else if let line, let length = program?.length(ofLine: line), bytes[place...].starts(with: Array(":\n".utf8))
        {
            column = max(0, bytes.count - (place + 2) - length)
        }
        text = Self.clean(String(decoding: bytes[..<mark], as: UTF8.self))
    }

    /// jq's words without what only helps those who type at a Unix shell, and with its parser's names put in words.
    private static func clean(_ message: String) -> String {
        var text = message
        for (found, better) in [
            (" (Unix shell quoting issues?)", ""), (" (Windows cmd shell quoting issues?)", ""),
            ("unexpected $end", "unexpected end of the filter"),
            ("unexpected end of file", "unexpected end of the filter"),
            ("unexpected INVALID_CHARACTER", "unexpected character"),
            ("expecting $end", "expecting the end of the filter"),
            ("QQSTRING_START", "'\"'"), ("QQSTRING_INTERP_START", "'\\('"), ("QQSTRING_INTERP_END", "')'"),
            ("QQSTRING_END", "'\"'"), ("QQSTRING_TEXT", "text"), ("unexpected IDENT", "unexpected name"),
            ("unexpected FIELD", "unexpected field"), ("unexpected LITERAL", "unexpected number"),
            ("unexpected FORMAT", "unexpected format"), ("expecting IDENT", "expecting a name"),
        ] {
            text = text.replacing(found, with: better)
        }
        return text
    }

    private func lastPlace(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        return (0...(bytes.count - needle.count)).last { bytes[$0..<$0 + needle.count].elementsEqual(needle) }
    }

    private static func number(_ bytes: [UInt8], _ place: inout Int) -> Int? {
        let start = place
        while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { place += 1 }
        return Int(String(decoding: bytes[start..<place], as: UTF8.self))
    }
}
