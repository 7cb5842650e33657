import JSON
import Units

/// Columns for rows that no command declared: the union of their keys in the order of first appearance.
struct ColumnInference {
    /// What the keys of the command's result are known to be.
    let kinds: [String: Column.Kind]
    private static let sampleSize = 200

    func columns(of rows: [JSONObject]) -> [Column] {
        var keys: [String] = []
        var places: [String: Int] = [:]
        for row in rows {
            var index = 0
            for (key, _) in row {
                // Rows of one command have the same keys in the same order: no look-up then.
                if !(index < keys.count && keys[index] == key) && places[key] == nil {
                    places[key] = keys.count
                    keys.append(key)
                }
                index += 1
            }
        }
        return keys.map { key in Column(key, kind: kinds[key] ?? kind(of: key, in: rows)) }
    }

    private func kind(of key: String, in rows: [JSONObject]) -> Column.Kind {
        var kind: Column.Kind?
        for row in rows.prefix(Self.sampleSize) {
            guard let value = row[key], let found = Self.kind(of: value, key: key) else { continue }
            if kind == nil { kind = found }
            if kind != found { return .text }
        }
        return kind ?? .text
    }

    /// nil for null and the empty text, which fit any column.
    static func kind(of value: JSONValue, key: String) -> Column.Kind? {
        switch value {
        case .null: return nil
        case .bool: return .flag
        case .number(let number):
            let isSize = key.hasSuffix("Size") || key == "size" || key == "Bytes" || key == "bytes"
            return isSize && number == number.rounded() ? .bytes : .count
        case .string(let text):
            if text.isEmpty { return nil }
            if isDigest(text) { return .digest }
            return text.utf8.first.map { (0x30...0x39).contains($0) } == true && Moment(text) != nil ? .time : .text
        case .array(let elements):
            let areDigests = !elements.isEmpty && elements.allSatisfy { $0.stringValue.map(isDigest) ?? false }
            return areDigests ? .digest : .list
        case .object: return .list
        }
    }

    private static func isDigest(_ text: String) -> Bool {
        guard text.utf8.count >= 71, text.hasPrefix("sha"), text.utf8.dropFirst(6).first == UInt8(ascii: ":") else {
            return false
        }
        return text.utf8.dropFirst(7).allSatisfy(CellText.isHex)
    }
}
