/// A text that is parsed: a script file, a line at the prompt, the argument of `-c`.
///
/// Offsets everywhere in this module are UTF-8 byte offsets into `bytes`.
package final class Source: Sendable {
    /// What diagnostics call the text: a path, `<prompt>`, `<command>`.
    package let name: String
    /// The file that the text was read from, absolute: what `source` in it is relative to. nil for any other text.
    package let path: String?
    /// The text as valid UTF-8: bytes that are none were replaced by U+FFFD.
    package let bytes: [UInt8]
    /// The offset at which each line starts; the first is 0.
    package let lineStarts: [Int]
    /// The offset of the first byte that was not UTF-8, in `bytes`; nil where all was well.
    package let firstInvalidOffset: Int?

    package init(name: String, text: String) {
        self.name = name
        path = nil
        bytes = Array(text.utf8)
        lineStarts = Source.lineStarts(of: bytes)
        firstInvalidOffset = nil
    }

    package init(name: String, path: String? = nil, bytes raw: [UInt8]) {
        let repaired = Array(String(decoding: raw, as: UTF8.self).utf8)
        self.name = name
        self.path = path
        bytes = repaired
        lineStarts = Source.lineStarts(of: repaired)
        firstInvalidOffset =
            repaired == raw ? nil : zip(repaired, raw).enumerated().first { $1.0 != $1.1 }?.offset ?? raw.count
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text of a byte range, clamped to what is there.
    package func text(_ start: Int, _ end: Int) -> String {
        let low = min(max(start, 0), bytes.count)
        return String(decoding: bytes[low..<min(max(end, low), bytes.count)], as: UTF8.self)
    }

    /// The 0-based index of the line that holds an offset; an offset past the end is on the last line.
    package func lineIndex(at offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// The line without its line ending.
    package func lineRange(_ index: Int) -> Range<Int> {
        guard lineStarts.indices.contains(index) else { return bytes.count..<bytes.count }
        let start = lineStarts[index]
        var end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }

    /// The 1-based line and column of an offset; columns count characters, as an editor does.
    package func position(at offset: Int) -> SourcePosition {
        let clamped = min(max(offset, 0), bytes.count)
        let line = lineIndex(at: clamped)
        return SourcePosition(line: line + 1, column: text(lineStarts[line], clamped).count + 1)
    }

    private static func lineStarts(of bytes: [UInt8]) -> [Int] {
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
        return starts
    }
}

/// A 1-based line and column, the column in characters.
package struct SourcePosition: Sendable, Hashable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A piece of a source: the half-open byte range `start..<end`.
package struct Span: Sendable, Hashable {
    package var source: Source
    package var start: Int
    package var end: Int

    package init(source: Source, start: Int, end: Int) {
        self.source = source
        self.start = start
        self.end = max(start, end)
    }

    package var text: String { source.text(start, end) }
    package var position: SourcePosition { source.position(at: start) }
    package var isEmpty: Bool { start == end }

    /// The smallest span that covers both; both must lie in one source, else this span.
    package func joined(_ other: Span) -> Span {
        guard other.source === source else { return self }
        return Span(source: source, start: min(start, other.start), end: max(end, other.end))
    }

    /// The part of this span at an offset range relative to its start, clamped to the span. It is how a position in a
    /// filter's text becomes a position in the script.
    package func part(_ range: Range<Int>) -> Span {
        let low = min(start + max(range.lowerBound, 0), end)
        return Span(source: source, start: low, end: min(start + max(range.upperBound, 0), end))
    }

    package static func == (left: Span, right: Span) -> Bool {
        left.source === right.source && left.start == right.start && left.end == right.end
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(source))
        hasher.combine(start)
        hasher.combine(end)
    }
}
