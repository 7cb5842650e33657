import JSON

/// Rows of objects as aligned columns under titles. All cells are written once into one byte buffer with their widths,
/// then laid out: ten thousand rows take milliseconds.
struct Table {
    private struct Cell {
        var start: Int
        var end: Int
        var width: Int
    }

    let columns: [Column]
    let options: RenderingOptions
    private var text: [UInt8] = []
    private var cells: [Cell] = []
    private var natural: [Int]
    /// Kept from the first chunk of a long stream, so that later rows have the same columns.
    private var layout: TableLayout?

    init(columns: [Column], options: RenderingOptions) {
        self.columns = columns
        self.options = options
        natural = columns.map { TextWidth.of(SafeText.line($0.title)) }
    }

    mutating func add(_ row: JSONObject) {
        add(row, columns)
        guard let (key, label) = options.nested, let children = row[key]?.arrayValue else { return }
        var below = columns
        if !below.isEmpty { below[0].path = [label] }
        for (index, child) in children.enumerated() {
            guard let child = child.objectValue else { continue }
            add(child, below, prefix: index == children.count - 1 ? "└─ " : "├─ ")
        }
    }

    /// `prefix` goes before the first column's text.
    private mutating func add(_ row: JSONObject, _ columns: [Column], prefix: String = "") {
        let writer = CellText(now: options.now)
        if text.capacity == 0 { text.reserveCapacity(16 << 10) }
        for (index, column) in columns.enumerated() {
            let start = text.count
            if index == 0 { text += prefix.utf8 }
            if let value = Self.value(of: row, at: column.path) {
                writer.append(value, kind: column.kind, to: &text)
            }
            let width = measure(start)
            natural[index] = max(natural[index], width)
            cells.append(Cell(start: start, end: text.count, width: width))
        }
    }

    private static func value(of row: JSONObject, at path: [String]) -> JSONValue? {
        guard let first = path.first else { return nil }
        var value = row[first]
        for key in path.dropFirst() { value = value?[key] }
        return value
    }

    private func measure(_ start: Int) -> Int {
        for byte in text[start...] where byte >= 0x80 {
            return TextWidth.of(String(decoding: text[start...], as: UTF8.self))
        }
        return text.count - start
    }

    /// Appends the rows added since the last time, the first time below the titles.
    mutating func flush(to output: inout [UInt8]) {
        let isFirst = layout == nil
        let limits = columns.map { options.widths[$0.title] ?? .max }
        // Later rows may make a column wider, as long as the same columns stay.
        var layout = TableLayout(columns: columns, natural: zip(natural, limits).map(min), width: options.width)
        if let old = self.layout, !layout.slots.map(\.column).elementsEqual(old.slots.map(\.column)) { layout = old }
        self.layout = layout
        if isFirst { appendTitles(layout, to: &output) }
        let columnCount = columns.count
        guard columnCount > 0 else { return }
        output.reserveCapacity(output.count + text.count * 2)
        for row in 0..<cells.count / columnCount {
            appendLine(layout, to: &output) { slot, output in
                let cell = cells[row * columnCount + slot.column]
                if cell.width <= slot.width || options.width == nil && limits[slot.column] == .max {
                    output.append(contentsOf: text[cell.start..<cell.end])
                    return cell.width
                }
                let whole = String(decoding: text[cell.start..<cell.end], as: UTF8.self)
                let clipped =
                    columns[slot.column].kind == .reference
                    ? ReferenceText.clipped(whole, to: slot.width) : TextWidth.clipped(whole, to: slot.width)
                output.append(contentsOf: clipped.utf8)
                return TextWidth.of(clipped)
            }
        }
        text.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
    }

    private func appendTitles(_ layout: TableLayout, to output: inout [UInt8]) {
        if options.traits.hasColor { output.append(contentsOf: Style.bold.utf8) }
        appendLine(layout, to: &output) { slot, output in
            let title = TextWidth.clipped(SafeText.line(columns[slot.column].title), to: slot.width)
            output.append(contentsOf: title.utf8)
            return TextWidth.of(title)
        }
        if options.traits.hasColor {
            output.removeLast()
            output.append(contentsOf: (Style.reset + "\n").utf8)
        }
    }

    /// One line; `write` appends a slot's text and returns its width. Padding between cells is written late, so that
    /// no line ends in spaces.
    private func appendLine(
        _ layout: TableLayout, to output: inout [UInt8], _ write: (TableLayout.Slot, inout [UInt8]) -> Int
    ) {
        var padding = 0
        for slot in layout.slots {
            let start = output.count
            let isTrailing = columns[slot.column].alignment == .trailing
            appendSpaces(padding, to: &output)
            let textStart = output.count
            let width = write(slot, &output)
            if width == 0 {
                output.removeSubrange(start...)
                padding += slot.width + layout.gap
                continue
            }
            let missing = max(0, slot.width - width)
            if isTrailing {
                output.insert(contentsOf: repeatElement(UInt8(ascii: " "), count: missing), at: textStart)
                padding = layout.gap
            } else {
                padding = missing + layout.gap
            }
        }
        output.append(UInt8(ascii: "\n"))
    }

    private func appendSpaces(_ count: Int, to output: inout [UInt8]) {
        for _ in 0..<count { output.append(UInt8(ascii: " ")) }
    }
}
