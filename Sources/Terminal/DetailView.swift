import JSON
import Units

/// One object as two columns, its keys and its values; what is nested deeper than one level stands below its key as
/// JSON.
struct DetailView {
    let options: RenderingOptions
    private let kinds: [String: Column.Kind]

    init(options: RenderingOptions) {
        self.options = options
        kinds = options.allKinds
    }

    func append(_ object: JSONObject, to output: inout [UInt8]) {
        let keys = object.keys.map(SafeText.line)
        let widest = min(keys.map(TextWidth.of).max() ?? 0, 32)
        for (key, (name, value)) in zip(keys, object) {
            let start = output.count
            if options.traits.hasColor { output.append(contentsOf: Style.bold.utf8) }
            output.append(contentsOf: key.utf8)
            if options.traits.hasColor { output.append(contentsOf: Style.reset.utf8) }
            let lines = self.lines(of: value, kind: kind(of: value, key: name))
            for (index, line) in lines.enumerated() where !line.isEmpty {
                let used = index == 0 ? TextWidth.of(key) : 0
                if index > 0 { output.append(UInt8(ascii: "\n")) }
                let spaces = max(1, widest + 3 - used)
                output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: spaces))
                output += line
            }
            if output.count > start { output.append(UInt8(ascii: "\n")) }
        }
    }

    private func kind(of value: JSONValue, key: String) -> Column.Kind {
        kinds[key] ?? ColumnInference.kind(of: value, key: key) ?? .text
    }

    /// There is room here: sizes and times show the exact value too, and digests are whole.
    private func lines(of value: JSONValue, kind: Column.Kind) -> [[UInt8]] {
        var line: [UInt8] = []
        let writer = CellText(now: options.now)
        switch value {
        case .null: return []
        case .bool, .number, .string:
            writer.append(value, kind: .text, to: &line)
            let isHumanised = kind == .bytes && value.numberValue.map { $0 >= 1000 } ?? false
            let isAge = kind == .time && (value.stringValue.flatMap { Moment($0) } != nil || value.numberValue != nil)
            if isHumanised || isAge {
                line.append(contentsOf: " (".utf8)
                writer.append(value, kind: kind, to: &line)
                line.append(UInt8(ascii: ")"))
            }
            return [line]
        case .array(let elements) where elements.allSatisfy(\.isScalar):
            return elements.map { element in
                var line: [UInt8] = []
                writer.append(element, kind: .text, to: &line)
                return line
            }
        case .object(let object) where object.values.allSatisfy(\.isScalar):
            return object.map { key, member in
                var line = Array(SafeText.line(key).utf8)
                line.append(UInt8(ascii: "="))
                writer.append(member, kind: .text, to: &line)
                return line
            }
        case .array, .object:
            JSONPainter(hasColor: options.traits.hasColor, isSafe: true, indent: 2).append(value, to: &line)
            return line.split(separator: UInt8(ascii: "\n")).map(Array.init)
        }
    }
}
