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

    private static func width(of cell: ArraySlice<UInt8>) -> Int {
        if cell.allSatisfy({ $0 < 0x80 }) { return cell.count }
        return String(decoding: cell, as: UTF8.self).unicodeScalars.reduce(0) {
            $0 + (EastAsianWidth.isWide($1) ? 2 : 1)
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
