/// Columns as Docker's tables have them: Go's `text/tabwriter` with a cell of at least 10, a padding of 3 and blanks,
/// and wide characters counted as two (docker/cli `cli/command/formatter/tabwriter`).
///
/// A tab ends a cell; what follows the last tab of a line belongs to no column. A column is as wide as its widest cell
/// among the lines that follow each other and all have it.
enum TabWriter {
    private static let minimumWidth = 10
    private static let padding = 3

    private struct Cell {
        var text: ArraySlice<UInt8>
        var width: Int
    }

    /// `text` with its cells padded.
    static func layOut(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count * 2)
        // A form feed is a line's end at which every column ends, too.
        let pages = text.split(separator: UInt8(ascii: "\u{0C}"), omittingEmptySubsequences: false)
        for (index, page) in pages.enumerated() {
            if index > 0 { output.append(UInt8(ascii: "\n")) }
            layOut(page: page, to: &output)
        }
        return output
    }

    private static func layOut(page: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let lines = page.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            line.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "\t") || $0 == 0x0B }.map { cell in
                Cell(text: cell, width: width(of: cell))
            }
        }
        let widths = widths(of: lines)
        for (number, line) in lines.enumerated() {
            if number > 0 { output.append(UInt8(ascii: "\n")) }
            for (column, cell) in line.enumerated() {
                output += cell.text
                guard column < line.count - 1 else { continue }
                output += repeatElement(UInt8(ascii: " "), count: widths[number][column] - cell.width)
            }
        }
    }

    /// As mattn/go-runewidth counts: of what a reader sees as one character the first part that takes room.
    private static func width(of cell: ArraySlice<UInt8>) -> Int {
        if cell.allSatisfy({ (0x20..<0x7F).contains($0) }) { return cell.count }
        return String(decoding: cell, as: UTF8.self).reduce(0) { sum, character in
            sum + (character.unicodeScalars.lazy.map(width).first { $0 > 0 } ?? 0)
        }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case ..<0x20, 0x7F...0x9F, 0xAD, 0x300...0x36F, 0x70F, 0x180B...0x180E, 0x200B...0x200F, 0x2028...0x202E,
            0x206A...0x206F, 0x20D0...0x20F0, 0xFE20...0xFE2F, 0xFEFF, 0xFFF9...0xFFFB, 0xFFFE...0xFFFF:
            0
        default: EastAsianWidth.isWide(scalar) ? 2 : 1
        }
    }

    /// For each line the widths of its columns.
    private static func widths(of lines: [[Cell]]) -> [[Int]] {
        var widths = lines.map { [Int](repeating: 0, count: $0.count - 1) }
        for column in 0..<(widths.map(\.count).max() ?? 0) {
            var first = 0
            while first < lines.count {
                guard column < widths[first].count else {
                    first += 1
                    continue
                }
                var last = first
                var width = minimumWidth
                while last < lines.count, column < widths[last].count {
                    width = max(width, lines[last][column].width + padding)
                    last += 1
                }
                for line in first..<last { widths[line][column] = width }
                first = last
            }
        }
        return widths
    }
}
