/// What a terminal of a fixed size would show: as much of an xterm as line editors, tables and progress bars use.
/// Source: ECMA-48 and xterm's control sequences.
package struct TerminalScreen: Sendable {
    package let columns: Int
    package let rows: Int
    /// Every row that is visible or was scrolled off the top, oldest first.
    private var lines: [[Character]] = [[]]
    private var top = 0
    private var row = 0
    private var column = 0
    private var saved = (row: 0, column: 0)
    /// Bytes of a sequence or of a character that is not complete yet.
    private var pending: [UInt8] = []

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// The visible rows, without blanks at their ends and without empty rows at the bottom.
    package var text: String { render(lines.dropFirst(top)) }

    /// What was scrolled away and what is visible.
    package var history: String { render(lines[...]) }

    private func render(_ lines: some Sequence<[Character]>) -> String {
        var texts = lines.map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return String(line.filter { $0 != Self.rightHalf })
        }
        while texts.last == "" { texts.removeLast() }
        return texts.joined(separator: "\n")
    }

    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        var index = 0
        while index < pending.count {
            guard let used = step(at: index) else { break }
            index += used
        }
        pending.removeFirst(index)
    }

    /// Handles what starts at `index`; returns its length, or nil where more bytes are needed.
    private mutating func step(at index: Int) -> Int? {
        switch pending[index] {
        case 0x1b: return escape(at: index)
        case 0x0d: column = 0
        case 0x0a: lineFeed()
        case 0x08: column = max(0, column - 1)
        case 0x09: column = min(columns - 1, (column / 8 + 1) * 8)
        case 0..<0x20, 0x7f: break
        case let byte:
            let length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
            guard pending.count - index >= length else { return nil }
            put(Character(String(decoding: pending[index..<(index + length)], as: UTF8.self)))
            return length
        }
        return 1
    }

    private mutating func put(_ character: Character) {
        let wide =
            character.unicodeScalars.first.map { (0x1100...0x115f).contains($0.value) || isWide($0.value) } ?? false
        if column + (wide ? 2 : 1) > columns {
            column = 0
            lineFeed()
        }
        set(column, character)
        column += 1
        if wide {
            set(column, Self.rightHalf)
            column += 1
        }
    }

    private func isWide(_ value: UInt32) -> Bool {
        (0x2e80...0xa4cf).contains(value) || (0xac00...0xd7a3).contains(value) || (0xff00...0xff60).contains(value)
            || (0x1f300...0x1faff).contains(value)
    }

    /// Stands in the second cell of a wide character.
    private static let rightHalf: Character = "\0"

    private mutating func set(_ column: Int, _ character: Character) {
        while lines.count <= top + row { lines.append([]) }
        while lines[top + row].count <= column { lines[top + row].append(" ") }
        lines[top + row][column] = character
    }

    private mutating func lineFeed() {
        if row + 1 < rows { row += 1 } else { top += 1 }
        while lines.count <= top + row { lines.append([]) }
    }

    private mutating func escape(at index: Int) -> Int? {
        guard index + 1 < pending.count else { return nil }
        switch pending[index + 1] {
        case 0x5b: return controlSequence(at: index)
        case 0x5d:  // A title or the like, up to BEL or ESC \.
            for end in (index + 2)..<max(index + 2, pending.count) where pending[end] == 0x07 || pending[end] == 0x1b {
                if pending[end] == 0x07 { return end - index + 1 }
                return end + 1 < pending.count ? end - index + 2 : nil
            }
            return nil
        case 0x28, 0x29: return index + 2 < pending.count ? 3 : nil
        case 0x37: saved = (row, column)
        case 0x38: (row, column) = saved
        case 0x4d: row = max(0, row - 1)
        default: break
        }
        return 2
    }

    private mutating func controlSequence(at index: Int) -> Int? {
        guard let end = pending[(index + 2)...].firstIndex(where: { (0x40...0x7e).contains($0) }) else { return nil }
        let body = String(decoding: pending[(index + 2)..<end], as: UTF8.self)
        let numbers = body.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let first = numbers.first ?? 0
        let count = max(1, first)
        switch pending[end] {
        case UInt8(ascii: "A"): row = max(0, row - count)
        case UInt8(ascii: "B"): row = min(rows - 1, row + count)
        case UInt8(ascii: "C"): column = min(columns - 1, column + count)
        case UInt8(ascii: "D"): column = max(0, column - count)
        case UInt8(ascii: "E"): (row, column) = (min(rows - 1, row + count), 0)
        case UInt8(ascii: "F"): (row, column) = (max(0, row - count), 0)
        case UInt8(ascii: "G"): column = min(columns - 1, count - 1)
        case UInt8(ascii: "d"): row = min(rows - 1, count - 1)
        case UInt8(ascii: "H"), UInt8(ascii: "f"):
            row = min(rows - 1, count - 1)
            column = min(columns - 1, max(1, numbers.count > 1 ? numbers[1] : 1) - 1)
        case UInt8(ascii: "K"): eraseInLine(first)
        case UInt8(ascii: "J"): eraseInScreen(first)
        case UInt8(ascii: "X"): for offset in 0..<count where column + offset < columns { set(column + offset, " ") }
        case UInt8(ascii: "P"):
            for _ in 0..<count where column < currentLine.count { lines[top + row].remove(at: column) }
        case UInt8(ascii: "@"):
            set(column, column < currentLine.count ? currentLine[column] : " ")
            for _ in 0..<count { lines[top + row].insert(" ", at: column) }
        case UInt8(ascii: "M"):
            for _ in 0..<count where top + row < lines.count { lines.remove(at: top + row) }
        case UInt8(ascii: "L"):
            for _ in 0..<count where top + row < lines.count { lines.insert([], at: top + row) }
        default: break  // Colours and modes change nothing that a test reads.
        }
        return end - index + 1
    }

    private var currentLine: [Character] { top + row < lines.count ? lines[top + row] : [] }

    private mutating func eraseInLine(_ mode: Int) {
        guard top + row < lines.count else { return }
        switch mode {
        case 0: lines[top + row] = Array(lines[top + row].prefix(column))
        case 1: for offset in 0...column { set(offset, " ") }
        default: lines[top + row] = []
        }
    }

    private mutating func eraseInScreen(_ mode: Int) {
        switch mode {
        case 0:
            eraseInLine(0)
            lines = Array(lines.prefix(top + row + 1))
        case 1:
            for line in top..<min(top + row, lines.count) { lines[line] = [] }
            eraseInLine(1)
        default:
            // As xterm does: the screen is cleared, what scrolled away stays.
            lines = Array(lines.prefix(top)) + [[]]
            while lines.count <= top + row { lines.append([]) }
        }
    }
}
