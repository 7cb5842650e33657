/// What can be said about a filter's text without parsing it.
///
/// Strings and comments are not told from code (a string can hold code: `"\(…)"`), so a name found may not be one; a name
/// not found is surely not used.
package struct FilterText: Sendable {
    /// Every word that could be a function's name or a keyword.
    package private(set) var words: Set<String> = []
    /// Every `$name`, without the dollar.
    package private(set) var variables: Set<String> = []
    /// Every name after `def`, and their parameters' names among `words`.
    package private(set) var definitions: Set<String> = []
    /// Whether `*` or `%` is somewhere.
    private(set) var multiplies = false
    private(set) var takesRemainder = false
    /// The first word, where the text starts with one (comments aside).
    private(set) var firstWord: String?

    package init(_ text: String) {
        var text = text
        text.withUTF8 { scan($0) }
    }

    /// The same without its operators: for text whose arithmetic is known to be harmless.
    var wordsOnly: FilterText {
        var copy = self
        copy.multiplies = false
        copy.takesRemainder = false
        return copy
    }

    private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) {
        var place = 0
        var isAtStart = true
        var isAfterDef = false
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "#"), isAtStart {
                while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
                continue
            }
            let isVariable = byte == UInt8(ascii: "$")
            let start = isVariable ? place + 1 : place
            let end = endOfWord(bytes, from: start)
            if end > start {
                let word = String(decoding: bytes[start..<end], as: UTF8.self)
                if isVariable { variables.insert(word) } else { words.insert(word) }
                if isAtStart, !isVariable { firstWord = word }
                if isAfterDef { definitions.insert(word) }
                isAfterDef = word == "def" && !isVariable
                isAtStart = false
                place = end
                continue
            }
            if byte == UInt8(ascii: "*") { multiplies = true }
            if byte == UInt8(ascii: "%") { takesRemainder = true }
            if !isSpace(byte) { isAtStart = false }
            place += 1
        }
    }
}

/// Where the identifier (`[A-Za-z_][A-Za-z0-9_]*`, parts joined by `::`) that starts at `start` ends; `start` where none does.
func endOfWord(_ bytes: some RandomAccessCollection<UInt8>, from start: Int) -> Int {
    func byte(_ place: Int) -> UInt8? {
        place < bytes.count ? bytes[bytes.index(bytes.startIndex, offsetBy: place)] : nil
    }
    guard let first = byte(start), isWordByte(first), !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else {
        return start
    }
    var end = start + 1
    while let next = byte(end) {
        if isWordByte(next) {
            end += 1
        } else if next == UInt8(ascii: ":"), byte(end + 1) == UInt8(ascii: ":"), let after = byte(end + 2),
            isWordByte(after)
        {
            end += 2
        } else {
            break
        }
    }
    return end
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
    default: false
    }
}

func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
}

/// The bytes of the token that starts at `offset`: a name with its dollar, a number, a string, or one character. At the end of
/// the text the last character, so that a caret has something to point at.
func token(in text: String, at offset: Int) -> Range<Int> {
    let bytes = Array(text.utf8)
    guard offset >= 0, offset < bytes.count else { return bytes.count..<bytes.count }
    var start = offset
    // jq's location of a call starts before the space in front of it.
    while start < bytes.count, isSpace(bytes[start]) { start += 1 }
    guard start < bytes.count else { return offset..<offset + 1 }
    let word = bytes[start] == UInt8(ascii: "$") ? start + 1 : start
    let end = endOfWord(bytes, from: word)
    if end > word { return start..<end }
    if isDigit(bytes[start]) {
        return start..<(bytes[start...].firstIndex { !isDigit($0) && $0 != UInt8(ascii: ".") } ?? bytes.count)
    }
    // One scalar: the byte and those that continue it.
    return start..<(bytes[(start + 1)...].firstIndex { $0 & 0xC0 != 0x80 } ?? bytes.count)
}

private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
