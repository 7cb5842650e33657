/// What is known of a value before anything runs: from what commands declare, through the filters behind them.
enum ValueShape: Equatable {
    /// An array of records.
    case rows(RecordShape)
    case row(RecordShape)
    case number, text
    case unknown

    /// What `.[]`, `map` and loops give of it, one by one.
    var element: ValueShape { if case .rows(let records) = self { .row(records) } else { .unknown } }

    /// What a loop takes out of a value: an array is walked, anything else is one.
    var walked: ValueShape { if case .rows(let records) = self { .row(records) } else { self } }

    /// An array of such values.
    var gathered: ValueShape { if case .row(let records) = self { .rows(records) } else { .unknown } }

    /// What a declared result is; unknown where it has no fields or depends on the input.
    init(_ result: ResultShape, of records: RecordShape) {
        switch result.kind {
        case .array where !result.fields.isEmpty: self = .rows(records)
        case .stream where !result.fields.isEmpty, .object where !result.fields.isEmpty: self = .row(records)
        default: self = .unknown
        }
    }
}

/// The records of a command.
struct RecordShape: Equatable, Sendable {
    /// What gives them, as the script has it: `images`, `docker images`.
    let source: String
    /// The command whose help lists their fields.
    let page: String
    private let fields: [String: Field.Kind]

    init(_ declaration: CommandDeclaration, source: String) {
        self.source = source
        page = declaration.name
        fields = Dictionary(declaration.result.fields.map { ($0.name, $0.kind) }) { first, _ in first }
    }

    var names: [String] { fields.keys.sorted() }

    /// What a field holds; nil where there is no such field.
    subscript(field: String) -> ValueShape? {
        guard let kind = fields[field] else { return nil }
        switch kind {
        case .bytes, .number: return .number
        case .text, .time, .digest: return .text
        case .boolean, .list, .map, .object: return .unknown
        }
    }
}
