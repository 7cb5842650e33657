/// Paints frames one over the other. The cursor rests at the end of the last line, so a frame never scrolls more than
/// it has to.
package struct FramePainter: Sendable {
    private var lines: [String] = []

    package init() {}

    package var isEmpty: Bool { lines.isEmpty }

    /// The bytes that turn the frame on the screen into this one; none where they are the same.
    package mutating func paint(_ next: [String], columns: Int) -> [UInt8] {
        if next == lines { return [] }
        var output = erase(columns: columns, clears: false)
        for (index, line) in next.enumerated() {
            if index > 0 { output.append(contentsOf: "\r\n".utf8) }
            output.append(contentsOf: line.utf8)
            output.append(contentsOf: "\u{1B}[K".utf8)
        }
        // What a larger frame before this one left below.
        output.append(contentsOf: "\u{1B}[J".utf8)
        lines = next
        return output
    }

    /// The bytes that take the frame off the screen and leave the cursor where it began.
    package mutating func clear(columns: Int) -> [UInt8] {
        if lines.isEmpty { return [] }
        let output = erase(columns: columns, clears: true)
        lines = []
        return output
    }

    /// The screen is no longer as it was left (the process was stopped): the next frame starts anew.
    package mutating func forget() {
        lines = []
    }

    private func erase(columns: Int, clears: Bool) -> [UInt8] {
        guard !lines.isEmpty else { return [] }
        // On a terminal that has become narrower the lines wrap.
        let rows = lines.reduce(0) { $0 + max(1, (Self.width($1) + columns - 1) / max(1, columns)) }
        var output = Array("\r".utf8)
        if rows > 1 { output.append(contentsOf: "\u{1B}[\(rows - 1)A".utf8) }
        if clears { output.append(contentsOf: "\u{1B}[J".utf8) }
        return output
    }

    /// Columns of a line without its SGR sequences.
    private static func width(_ line: String) -> Int {
        var visible = ""
        var isSequence = false
        for scalar in line.unicodeScalars {
            if isSequence {
                isSequence = scalar != "m"
            } else if scalar == "\u{1B}" {
                isSequence = true
            } else {
                visible.unicodeScalars.append(scalar)
            }
        }
        return TextWidth.of(visible)
    }
}
