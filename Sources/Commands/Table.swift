package import ArgumentParser
import JSON
package import Shell

/// `… | table COLUMN…`: records as a table.
package struct Table: Command {
    package static let declaration = CommandDeclaration(
        name: "table", category: .shell, summary: "choose, sort and fit the columns of a table",
        discussion: """
            A column is a field, or a path to one as Config.User; :N after it makes it at most N characters wide, =TITLE names
            it. Without columns all fields are. It shows as a table in a pipe and a file, too, unless -o says otherwise. Piped
            on it is what it shows: an array of records with just these fields, whole and typed.
            """,
        arguments: .field, input: .values, result: ResultShape(.any),
        examples: [
            Example("images | table Reference Size --sort -Size", "the largest first"),
            Example(
                "images | .[] | inspect | table RepoTags=Name:30 Config.User=User Size", "paths, titles and widths"),
            Example("images | table Repository Tag --sort Repository --sort -Created --width 60", "two keys"),
        ])

    @Argument(help: "FIELD[:WIDTH][=TITLE]; FIELD may be a path, as Config.User") package var column: [String] = []
    @Option(
        name: [.short, .long], parsing: .unconditionalSingleValue,
        help: "sort by this field; -FIELD from large to small; several, the first counts most")
    package var sort: [String] = []
    @Option(name: [.short, .long], help: "characters of a line (default: the terminal's)") package var width: Int?

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard let input = context.input else {
            throw ShellError(.usage, "table needs records from the pipe", hint: "as in `images | table Reference Size`")
        }
        if let width, !(1...10_000).contains(width) {
            throw ShellError(.usage, "--width takes 1 to 10000, not \(width)")
        }
        var columns: [Column] = []
        for text in column { columns.append(try Column(text)) }
        var rows: [JSONValue] = []
        while let value = try await input.next() { try Table.append(value, to: &rows) }
        try sortRows(&rows)
        for (column, word) in zip(columns, column) { try Table.require(column.path, in: rows, word) }
        var request = TableRequest(width: width)
        for column in columns { request.widths[column.title] = column.width }
        var shape = ResultShape(.array)
        shape.table = request
        context.view.shape = shape
        let shown = columns.isEmpty ? rows : rows.map { row in Table.record(columns, row) }
        try await context.emit(.array(shown))
    }

    /// `FIELD[:WIDTH][=TITLE]`
    private struct Column {
        let path: [String]
        let title: String
        let width: Int?

        init(_ text: String) throws(ShellError) {
            let equals = text.firstIndex(of: "=")
            if text[..<(equals ?? text.endIndex)].contains(",") {
                throw ShellError(
                    .usage, "\(text) is no column", hint: "blanks part columns, and no commas: `table Reference Size`"
                ).about(text)
            }
            var field = String(text[..<(equals ?? text.endIndex)])
            var title = equals.map { String(text[text.index(after: $0)...]) }
            // The width may stand behind the title, too.
            let inTitle = title.flatMap(Column.width)
            let inField = Column.width(field)
            if let inTitle { title = inTitle.rest }
            if let inField { field = inField.rest }
            width = inTitle?.width ?? inField?.width
            path = Table.path(field)
            self.title = title ?? field
            guard !field.isEmpty, !self.title.isEmpty, width.map({ (1...10_000).contains($0) }) ?? true else {
                throw ShellError(.usage, "\(text) is no column", hint: "as Reference, Size=Bytes, Config.User:20")
                    .about(text)
            }
        }

        private static func width(_ text: String) -> (rest: String, width: Int)? {
            guard let colon = text.lastIndex(of: ":"), let width = Int(text[text.index(after: colon)...]) else {
                return nil
            }
            return (String(text[..<colon]), width)
        }
    }

    private static func path(_ field: String) -> [String] { field.split(separator: ".").map(String.init) }

    private static func append(_ value: JSONValue, to rows: inout [JSONValue]) throws(ShellError) {
        switch value {
        case .object: rows.append(value)
        case .array(let items): for item in items { try append(item, to: &rows) }
        default:
            throw ShellError(
                .usage, "table takes records, not \(value.typeName)", hint: "make one of it, as `{Name: .}`")
        }
    }

    private static func value(_ row: JSONValue, _ path: [String]) -> JSONValue {
        var value: JSONValue? = row
        for key in path { value = value?[key] }
        return value ?? .null
    }

    private static func record(_ columns: [Column], _ row: JSONValue) -> JSONValue {
        var object = JSONObject()
        for column in columns { object[column.title] = value(row, column.path) }
        return .object(object)
    }

    /// jq's order of values; records that are equal by every key keep their order.
    private func sortRows(_ rows: inout [JSONValue]) throws(ShellError) {
        let keys = sort.map { text in
            let isDescending = text.hasPrefix("-")
            return (path: Table.path(isDescending ? String(text.dropFirst()) : text), isDescending: isDescending)
        }
        for (key, word) in zip(keys, sort) { try Table.require(key.path, in: rows, word) }
        guard !keys.isEmpty else { return }
        let keyed = rows.map { row in (row: row, keys: keys.map { Table.value(row, $0.path) }) }
        rows = keyed.enumerated().sorted { left, right in
            for (index, key) in keys.enumerated() {
                let (first, second) = (left.element.keys[index], right.element.keys[index])
                if first == second { continue }
                return key.isDescending ? second < first : first < second
            }
            return left.offset < right.offset
        }.map(\.element.row)
    }

    /// A usage error about `word` where no record has the field: the name is surely mistyped.
    private static func require(_ path: [String], in rows: [JSONValue], _ word: String) throws(ShellError) {
        guard let first = path.first else { throw ShellError(.usage, "a column needs a field").about(word) }
        if rows.isEmpty || rows.contains(where: { $0[first] != nil }) { return }
        var fields: [String] = []
        for case .object(let row) in rows.prefix(10) {
            for key in row.keys where !fields.contains(key) { fields.append(key) }
        }
        let near = nearest(first, in: fields).map { "did you mean \($0)? " } ?? ""
        throw ShellError(
            .usage, "no record has the field \(first)",
            hint: near + "fields: \(fields.prefix(20).joined(separator: ", "))"
        ).about(word)
    }
}
