extension TemplateValue {
    /// Go's truth: anything but false, 0, nil and what is empty; a struct is always true.
    var isTrue: Bool {
        switch content {
        case .null: if case .structure = type.underlying { true } else { false }
        case .bool(let flag): flag
        case .signed(let number): number != 0
        case .unsigned(let number): number != 0
        case .float(let number): number != 0
        case .text(let bytes): type == .time || !bytes.isEmpty
        case .list(let elements): !elements.isEmpty
        case .json, .boxed: count.map { $0 > 0 } ?? true
        }
    }
}
