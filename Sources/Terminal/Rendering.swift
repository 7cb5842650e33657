package import JSON

/// Turns a stream of values into text. Nothing is written anywhere: `Renderer` does that.
package struct Rendering {
    package let options: RenderingOptions
    /// Objects of a stream, held back to become one table.
    private var pending: [JSONObject] = []
    /// The table that the stream's objects go into, once its titles are out.
    private var table: Table?
    private var isFirst = true
    private static let chunk = 1000

    package init(_ options: RenderingOptions) {
        self.options = options
    }

    /// The whole text of some values.
    package static func text(of values: [JSONValue], _ options: RenderingOptions) -> String {
        var rendering = Rendering(options)
        var output: [UInt8] = []
        for value in values { rendering.append(value, to: &output) }
        rendering.finish(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the text of one value. Objects that follow each other in a table rendering are held back, up to a
    /// thousand, until it is known whether they are one object or a table.
    package mutating func append(_ value: JSONValue, to output: inout [UInt8]) {
        switch options.format {
        case .json: appendJSON(value, indent: 2, to: &output)
        case .jsonl: appendJSON(value, indent: nil, to: &output)
        case .raw: appendRaw(value, to: &output)
        case .yaml:
            if !isFirst { output.append(contentsOf: "---\n".utf8) }
            var writer = YAMLWriter(hasColor: options.traits.hasColor)
            writer.write(document: value)
            output += writer.output
        case .table: appendTable(value, to: &output)
        }
        isFirst = false
    }

    /// Appends what is held back. The rendering can go on afterwards.
    package mutating func finish(to output: inout [UInt8]) {
        defer { table = nil }
        flushPending(to: &output)
    }

    /// Objects wait to become rows of a table.
    var hasPending: Bool { !pending.isEmpty }

    /// Appends the objects that wait as rows, for a stream that is slow and goes on; more may follow below the same titles.
    mutating func settle(to output: inout [UInt8]) {
        if hasPending { flushChunk(to: &output) }
    }

    private func appendJSON(_ value: JSONValue, indent: Int?, to output: inout [UInt8]) {
        if options.traits.isTerminal || options.traits.hasColor {
            JSONPainter(hasColor: options.traits.hasColor, isSafe: true, indent: indent).append(value, to: &output)
        } else {
            value.write(into: &output, style: indent == nil ? .compact : .pretty)
        }
        output.append(UInt8(ascii: "\n"))
    }

    private func appendRaw(_ value: JSONValue, to output: inout [UInt8]) {
        guard case .string(let text) = value else { return appendJSON(value, indent: nil, to: &output) }
        output.append(contentsOf: (options.traits.isTerminal ? SafeText.block(text) : text).utf8)
        output.append(UInt8(ascii: "\n"))
    }

    // MARK: - Tables

    private mutating func appendTable(_ value: JSONValue, to output: inout [UInt8]) {
        if case .object(let object) = value, isDeclared(object) || Self.isFlat(value) {
            pending.append(object)
            if pending.count >= Self.chunk { flushChunk(to: &output) }
            return
        }
        finish(to: &output)
        switch value {
        case .array(let elements): append(array: elements, to: &output)
        case .object: appendPretty(value, to: &output)
        default: append(scalar: value, to: &output)
        }
    }

    private func append(array elements: [JSONValue], to output: inout [UInt8]) {
        let rows = elements.compactMap(\.objectValue)
        let isTable = rows.count == elements.count
        if isTable && (options.columns != nil || !rows.isEmpty && elements.allSatisfy(Self.isFlat)) {
            append(rows: rows, to: &output)
        } else if !elements.isEmpty && elements.allSatisfy(\.isScalar) {
            for element in elements { append(scalar: element, to: &output) }
        } else {
            appendPretty(.array(elements), to: &output)
        }
    }

    private func append(rows: [JSONObject], to output: inout [UInt8]) {
        var table = Table(columns: columns(for: rows), options: options)
        for row in rows { table.add(row) }
        table.flush(to: &output)
    }

    /// The declared columns, where the rows still are what they were declared for; a filter may have made others.
    private func columns(for rows: [JSONObject]) -> [Column] {
        guard let declared = options.columns else { return ColumnInference(kinds: options.kinds).columns(of: rows) }
        if let first = rows.first, !isDeclared(first) {
            return ColumnInference(kinds: options.allKinds).columns(of: rows)
        }
        return declared
    }

    /// Whether an object is what the columns were declared for: then it is a row, whatever else it holds.
    private func isDeclared(_ object: JSONObject) -> Bool {
        guard let declared = options.columns else { return false }
        return declared.allSatisfy { $0.path.first.map { object[$0] != nil } ?? true }
    }

    private mutating func flushChunk(to output: inout [UInt8]) {
        var table = self.table ?? Table(columns: columns(for: pending), options: options)
        for row in pending { table.add(row) }
        table.flush(to: &output)
        pending.removeAll(keepingCapacity: true)
        self.table = table
    }

    private mutating func flushPending(to output: inout [UInt8]) {
        if pending.isEmpty { return }
        if pending.count > 1 || table != nil || isDeclared(pending[0]) {
            flushChunk(to: &output)
        } else {
            DetailView(options: options).append(pending[0], to: &output)
            if pending[0].isEmpty { output.append(contentsOf: "{}\n".utf8) }
            pending.removeAll()
        }
    }

    private func appendPretty(_ value: JSONValue, to output: inout [UInt8]) {
        JSONPainter(hasColor: options.traits.hasColor, isSafe: true, indent: 2).append(value, to: &output)
        output.append(UInt8(ascii: "\n"))
    }

    private func append(scalar value: JSONValue, to output: inout [UInt8]) {
        if case .string(let text) = value {
            output.append(contentsOf: SafeText.block(text).utf8)
        } else {
            value.write(into: &output)
        }
        output.append(UInt8(ascii: "\n"))
    }

    /// An object of scalars, of lists of scalars and of objects of scalars: what a row or two columns can show.
    private static func isFlat(_ value: JSONValue) -> Bool {
        value.depth(upTo: 3) <= 2
    }
}
