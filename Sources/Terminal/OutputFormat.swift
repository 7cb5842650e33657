package import Units

/// How results are written (`-o`).
package enum OutputFormat: String, CaseIterable, Sendable {
    /// Tables and plain text, for people.
    case table
    /// As `jq .` prints: two spaces a level, one value after the other.
    case json
    /// One value a line.
    case jsonl
    /// Strings as they are, all else as `jsonl`.
    case raw
    /// YAML 1.2, a document a value.
    case yaml
}

/// All that a rendering depends on besides the values.
package struct RenderingOptions: Sendable {
    package var format: OutputFormat
    /// The columns of the command's result; nil: inferred from the values.
    package var columns: [Column]?
    /// Rows inside the rows: the key of their array, and the key of theirs that stands in the first column.
    package var nested: (key: String, label: String)?
    /// What the values of a key are, wherever that key turns up after a filter.
    package var kinds: [String: Column.Kind]
    package var traits: TerminalTraits
    /// Columns that a table may take; nil: as many as it needs.
    package var width: Int?
    /// The widest that a table's column may be, by its title.
    package var widths: [String: Int]
    package var now: Moment

    package init(
        format: OutputFormat, columns: [Column]? = nil, kinds: [String: Column.Kind] = [:],
        traits: TerminalTraits = .file, width: Int? = nil, widths: [String: Int] = [:], now: Moment = .now
    ) {
        self.format = format
        self.columns = columns
        self.kinds = kinds
        self.traits = traits
        self.width = width
        self.widths = widths
        self.now = now
    }
    /// `kinds`, and what the declared columns say of their keys.
    var allKinds: [String: Column.Kind] {
        var all = kinds
        for column in columns ?? [] {
            if column.path.count == 1, let key = column.path.first, all[key] == nil { all[key] = column.kind }
        }
        return all
    }
}
