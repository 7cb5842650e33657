extension Diagnostic {
    /// The diagnostic as plain text, without colour and without a line end behind it:
    ///
    ///     error[syntax]: expected `=` after `let x`
    ///       --> audit.dsh:3:7
    ///      3 | let x 5
    ///        |       ^ expected `=`
    ///        = help: write `let x = pipeline`
    ///
    /// A long line is clipped around the span, tabs are four blanks, control characters are escaped, and what is secret in
    /// the line is not shown, wherever it is quoted.
    package func render(width: Int = 100) -> String {
        let line = span?.line ?? ""
        var lines = ["\(severity.rawValue)[\(code)]: \(Excerpt.escaped(SecretMask.masked(message, line: line)))"]
        var gutter = "  "
        if let span {
            let place = span.position
            let number = String(place.line)
            gutter = String(repeating: " ", count: number.count + 2)
            lines.append("\(gutter.dropLast())--> \(Excerpt.escaped(span.source.name)):\(place.line):\(place.column)")
            let excerpt = Excerpt(span.withoutSecrets, width: max(width, 20))
            lines.append(Excerpt.trimmed(" \(number) | \(excerpt.text)"))
            let label = label.map { " " + Excerpt.escaped(SecretMask.masked($0, line: line)) } ?? ""
            lines.append("\(gutter)| \(excerpt.indent)\(excerpt.carets)\(label)")
        }
        for text in help {
            lines.append("\(gutter)= help: \(Excerpt.escaped(SecretMask.masked(text, line: line)))")
        }
        return lines.joined(separator: "\n")
    }
}

extension Span {
    /// The line that it begins on, with those that a `\` at their ends joins to it.
    package var line: String {
        let range = joinedLines
        return source.text(range.lowerBound, range.upperBound)
    }

    private var joinedLines: Range<Int> {
        func isJoined(_ line: Int) -> Bool {
            source.bytes[source.lineRange(line)].last { $0 != UInt8(ascii: "\r") } == UInt8(ascii: "\\")
        }
        let line = source.lineIndex(at: start)
        var first = line
        while first > 0, line - first < Span.maximumJoined, isJoined(first - 1) { first -= 1 }
        var last = line
        let end = source.lineIndex(at: source.bytes.count)
        while last < end, last - line < Span.maximumJoined, isJoined(last) { last += 1 }
        return source.lineRange(first).lowerBound..<source.lineRange(last).upperBound
    }

    /// More lines than these are not looked at.
    private static let maximumJoined = 50

    /// The same place in a text of that line alone, with what is secret in it hidden; itself where nothing is.
    fileprivate var withoutSecrets: Span {
        let range = source.lineRange(source.lineIndex(at: start))
        let bytes = Array(source.bytes[range])
        let whole = joinedLines
        let shift = range.lowerBound - whole.lowerBound
        let secrets = SecretMask.ranges(in: Array(source.bytes[whole]), isLine: true).compactMap { secret in
            let low = max(secret.lowerBound - shift, 0)
            let high = min(secret.upperBound - shift, bytes.count)
            return low < high ? low..<high : nil
        }
        guard !secrets.isEmpty else { return self }
        let (text, offset) = SecretMask.replacing(secrets, in: bytes)
        let first = offset(min(max(start - range.lowerBound, 0), bytes.count))
        // A place that goes on behind its line still does.
        let rest = max(end - range.upperBound, 0)
        let last = offset(min(max(end - range.lowerBound, 0), bytes.count)) + rest
        return Span(source: Source(name: source.name, text: text), start: first, end: max(first, last))
    }
}

/// The part of a span's first line that is shown, and where the carets go, counted in terminal cells.
private struct Excerpt {
    var text = ""
    var indent = ""
    var carets = "^"

    init(_ span: Span, width: Int) {
        let source = span.source
        let line = source.lineRange(source.lineIndex(at: span.start))
        let start = min(span.start, line.upperBound)
        let end = min(max(span.end, start), line.upperBound)
        // Only what may be shown is looked at: a line may be megabytes long.
        let reach = width * 8
        let low = Self.boundary(source, max(line.lowerBound, start - reach))
        let high = Self.boundary(source, min(line.upperBound, start + reach))
        let before = Self.cells(source.text(low, start))
        let marked = Self.cells(source.text(start, min(end, high)))
        let after = Self.cells(source.text(min(end, high), high))

        var shownBefore = before[...]
        var room = width - min(Self.width(marked[...]), width / 2)
        let wantsClip = Self.width(shownBefore) + Self.width(marked[...]) + Self.width(after[...]) > width
        if wantsClip { room -= min(Self.width(after[...]), width / 4) }
        while Self.width(shownBefore) > max(room, 8) { shownBefore = shownBefore.dropFirst() }
        let isClippedLeft = shownBefore.count < before.count || low > line.lowerBound
        let left = (isClippedLeft ? "…" : "") + shownBefore.map(\.text).joined()
        let leftWidth = Self.width(shownBefore) + (isClippedLeft ? 1 : 0)
        let rest = marked + after
        var shown = rest[...]
        var used = leftWidth + Self.width(shown)
        while used > width + 1, let last = shown.popLast() { used -= last.width }
        let isClippedRight = shown.count < rest.count || high < line.upperBound
        text = left + shown.map(\.text).joined() + (isClippedRight ? "…" : "")
        indent = String(repeating: " ", count: leftWidth)
        let count = Self.width(shown.prefix(marked.count))
        carets = String(repeating: "^", count: max(count, 1)) + (span.end > line.upperBound + 1 ? "…" : "")
    }

    struct Cell {
        var text: String
        var width: Int
    }

    private static func width(_ cells: ArraySlice<Cell>) -> Int { cells.reduce(0) { $0 + $1.width } }

    private static func cells(_ text: String) -> [Cell] {
        text.map { character in
            if character == "\t" { return Cell(text: "    ", width: 4) }
            let shown = escaped(String(character))
            if shown.count != 1 { return Cell(text: shown, width: shown.count) }
            return Cell(text: shown, width: width(of: character))
        }
    }

    /// Two cells for East Asian wide characters and emoji, one for the others (Unicode TR 11, as terminals do it).
    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }

    /// Control characters, and those that reorder a line, as `\u{1b}`.
    static func escaped(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { !isControl($0) }
        if isPlain { return text }
        return text.unicodeScalars.map { scalar in
            isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(Character(scalar))
        }.joined()
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    private static func boundary(_ source: Source, _ offset: Int) -> Int {
        var offset = offset
        while offset > 0, offset < source.bytes.count, source.bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
        return offset
    }

    static func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line = line.dropLast() }
        return String(line)
    }
}
