/// Text as Go sees it: bytes read as UTF-8, a byte that is no UTF-8 counting as U+FFFD (package unicode/utf8).
enum Runes {
    static let replacement: UInt32 = 0xFFFD

    /// The rune at `index` and its width in bytes; a broken sequence is (U+FFFD, 1). `index` must be inside `bytes`.
    static func decode(_ bytes: some RandomAccessCollection<UInt8>, at index: Int) -> (rune: UInt32, width: Int) {
        func byte(_ offset: Int) -> UInt8? {
            let position = bytes.index(bytes.startIndex, offsetBy: index + offset)
            return index + offset < bytes.count ? bytes[position] : nil
        }
        guard let first = byte(0) else { return (replacement, 0) }
        if first < 0x80 { return (UInt32(first), 1) }
        let length: Int
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if first == 0xE0 { lowest = 0xA0 }
            if first == 0xED { highest = 0x9F }
        case 0xF0...0xF4:
            length = 4
            if first == 0xF0 { lowest = 0x90 }
            if first == 0xF4 { highest = 0x8F }
        default: return (replacement, 1)
        }
        var rune = UInt32(first) & (0xFF >> UInt32(length + 1))
        for offset in 1..<length {
            guard let next = byte(offset), next >= lowest, next <= highest else { return (replacement, 1) }
            rune = rune << 6 | UInt32(next & 0x3F)
            lowest = 0x80
            highest = 0xBF
        }
        return (rune, length)
    }

    /// All runes of `bytes` with their widths.
    static func all(_ bytes: [UInt8]) -> [(rune: UInt32, offset: Int, width: Int)] {
        var result: [(rune: UInt32, offset: Int, width: Int)] = []
        var index = 0
        while index < bytes.count {
            let (rune, width) = decode(bytes, at: index)
            result.append((rune, index, width))
            index += width
        }
        return result
    }

    static func count(_ bytes: some RandomAccessCollection<UInt8>) -> Int {
        var count = 0
        var index = 0
        while index < bytes.count {
            index += decode(bytes, at: index).width
            count += 1
        }
        return count
    }

    /// Appends `rune` as UTF-8; surrogates and what is beyond Unicode become U+FFFD, as in Go.
    static func append(_ rune: UInt32, to bytes: inout [UInt8]) {
        let scalar = Unicode.Scalar(rune) ?? "\u{FFFD}"
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    static func isLetter(_ rune: UInt32) -> Bool {
        switch category(rune) {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    static func isDigit(_ rune: UInt32) -> Bool { category(rune) == .decimalNumber }

    /// Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
    static func isPrint(_ rune: UInt32) -> Bool {
        if rune == 0x20 { return true }
        switch category(rune) {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator, nil:
            return false
        default: return true
        }
    }

    static func isSpace(_ rune: UInt32) -> Bool {
        switch rune {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    private static func category(_ rune: UInt32) -> Unicode.GeneralCategory? {
        Unicode.Scalar(rune)?.properties.generalCategory
    }

    enum Case { case upper, lower, title }

    /// Go's one-to-one case mapping: a rune whose full mapping is several scalars (ß) stays as it is.
    static func mapped(_ rune: UInt32, to target: Case) -> UInt32 {
        guard let scalar = Unicode.Scalar(rune) else { return rune }
        if rune == 0x130, target == .lower { return 0x69 }
        let text =
            switch target {
            case .upper: scalar.properties.uppercaseMapping
            case .lower: scalar.properties.lowercaseMapping
            case .title: scalar.properties.titlecaseMapping
            }
        let scalars = text.unicodeScalars
        guard scalars.count == 1, let only = scalars.first else { return rune }
        return only.value
    }
}
