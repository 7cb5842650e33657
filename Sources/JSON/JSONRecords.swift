/// The rows of a table as objects that all have the same keys, without the objects being made: what a long list is, of
/// which a filter or a table mostly wants a part. `JSONObject(record:of:)` is one of them.
package final class JSONRecords: Sendable {
    /// Hands out a row's members, one for each key and in the order of the keys.
    package typealias Visit = @Sendable (_ row: Int, _ take: (JSONMember) -> Void) -> Void

    /// They differ.
    package let keys: [String]
    private let visitRow: Visit

    package init(keys: [String], visit: @escaping Visit) {
        self.keys = keys
        visitRow = visit
    }

    /// Hands out exactly one member for each key: null for what the table does not say.
    package func visit(_ row: Int, _ take: (JSONMember) -> Void) {
        var place = 0
        visitRow(row) { member in
            if place < keys.count { take(member) }
            place += 1
        }
        while place < keys.count {
            take(.null)
            place += 1
        }
    }

    func members(of row: Int) -> [JSONObject.Element] {
        var members: [JSONObject.Element] = []
        members.reserveCapacity(keys.count)
        visit(row) { members.append((keys[members.count], $0.value)) }
        return members
    }

    func value(at place: Int, of row: Int) -> JSONValue {
        var value = JSONValue.null
        var current = 0
        visit(row) { member in
            if current == place { value = member.value }
            current += 1
        }
        return value
    }
}

/// A member's value, as it lies in its table; texts are UTF-8. It lasts no longer than the call that hands it out, so that
/// nothing of it needs to be counted.
package enum JSONMember {
    case null
    case bool(Bool)
    case number(Double)
    case text(UnsafeRawBufferPointer)
    /// An object of texts, whose keys differ.
    case texts(UnsafeBufferPointer<(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)>)

    /// A text of the program's own.
    package static func text(_ text: StaticString) -> JSONMember {
        .text(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package var value: JSONValue {
        switch self {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .number(let number): return .number(number)
        case .text(let bytes): return .string(String(decoding: bytes, as: UTF8.self))
        case .texts(let texts):
            return .object(
                JSONObject(
                    distinct: texts.map { key, value in
                        (
                            String(decoding: key, as: UTF8.self),
                            .string(String(decoding: value, as: UTF8.self))
                        )
                    }))
        }
    }
}

/// One row.
final class JSONRecord: Sendable {
    let records: JSONRecords
    let row: Int

    init(_ records: JSONRecords, _ row: Int) {
        self.records = records
        self.row = row
    }
}
