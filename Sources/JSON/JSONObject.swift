/// The members of a JSON object in the order they came; a later value for a key takes the earlier one's place.
///
/// Up to `linearLimit` keys are searched one by one (which is faster and smaller), more through a hash table. Keys are
/// told apart by their UTF-8 bytes.
package struct JSONObject: Sendable {
    /// One member. A tuple would do, but cannot be stored as compactly in a `Sendable` array across modules.
    package typealias Element = (key: String, value: JSONValue)

    private static let linearLimit = 16

    /// What there is besides the members.
    private enum Extra {
        /// From key to place in `own`, once there are more than `linearLimit` members.
        case places([ByteKey: Int])
        /// The members are a row's of a table, and `own` is empty until one of them is changed.
        case record(JSONRecord)
    }

    private var own: [Element] = []
    private var extra: Extra?

    private var record: JSONRecord? {
        if case .record(let record)? = extra { record } else { nil }
    }

    private var members: [Element] { record.map { $0.records.members(of: $0.row) } ?? own }

    package init() {}

    /// An object of members whose keys are known to differ, as those of a record are: nothing is searched.
    package init(distinct members: [Element]) {
        own = members
        if members.count > Self.linearLimit { index() }
    }

    /// A row of a table: its members are made when they are asked for.
    package init(record row: Int, of records: JSONRecords) {
        extra = .record(JSONRecord(records, row))
    }

    /// The table that the object is a row of; nil for an object of its own.
    package var source: (records: JSONRecords, row: Int)? { record.map { ($0.records, $0.row) } }

    /// The value of `key`; setting nil removes it, which takes time in proportion to `count`.
    package subscript(key: String) -> JSONValue? {
        get {
            if let record {
                let place = record.records.keys.firstIndex { sameBytes($0, key) }
                guard let place else { return nil }
                return record.records.value(at: place, of: record.row)
            }
            guard let place = place(of: key) else { return nil }
            return own[place].value
        }
        set {
            settle()
            guard let newValue else { return remove(key) }
            if let place = place(of: key) {
                own[place].value = newValue
            } else {
                append(key, newValue)
            }
        }
    }

    package var keys: [String] { record?.records.keys ?? own.map(\.key) }
    package var values: [JSONValue] { members.map(\.value) }
    package var count: Int { record?.records.keys.count ?? own.count }
    package var isEmpty: Bool { count == 0 }

    package mutating func reserveCapacity(_ count: Int) {
        settle()
        own.reserveCapacity(count)
    }

    /// Makes a row's members the object's own, which can be changed.
    private mutating func settle() {
        guard let record else { return }
        self = JSONObject(distinct: record.records.members(of: record.row))
    }

    private func place(of key: String) -> Int? {
        if case .places(let places)? = extra { return places[ByteKey(text: key)] }
        return own.firstIndex { sameBytes($0.key, key) }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        own.append((key, value))
        if case .places(var places)? = extra {
            // Let go of it first, so that it is not copied for every key.
            extra = nil
            places[ByteKey(text: key)] = own.count - 1
            extra = .places(places)
        } else if own.count > Self.linearLimit {
            index()
        }
    }

    private mutating func remove(_ key: String) {
        guard let place = place(of: key) else { return }
        own.remove(at: place)
        if extra != nil { index() }
    }

    private mutating func index() {
        guard own.count > Self.linearLimit else {
            extra = nil
            return
        }
        var table: [ByteKey: Int] = [:]
        table.reserveCapacity(own.count * 2)
        for (place, member) in own.enumerated() { table[ByteKey(text: member.key)] = place }
        extra = .places(table)
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> IndexingIterator<[Element]> { members.makeIterator() }
    package var underestimatedCount: Int { count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}

/// A key told apart by its bytes: "é" written as one scalar and as two are two keys, as in jq.
private struct ByteKey: Hashable {
    let text: String

    static func == (left: ByteKey, right: ByteKey) -> Bool { sameBytes(left.text, right.text) }
    func hash(into hasher: inout Hasher) { hashBytes(of: text, into: &hasher) }
}
