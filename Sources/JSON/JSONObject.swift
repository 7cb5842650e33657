/// The members of a JSON object in the order they came; a later value for a key takes the earlier one's place.
///
/// Up to `linearLimit` keys are searched one by one (which is faster and smaller), more through a hash table. Keys are
/// told apart by their UTF-8 bytes.
package struct JSONObject: Sendable {
    /// One member. A tuple would do, but cannot be stored as compactly in a `Sendable` array across modules.
    package typealias Element = (key: String, value: JSONValue)

    private static let linearLimit = 16

    private var members: [Element] = []
    /// From key to place in `members`; nil until there are more than `linearLimit` members.
    private var places: [ByteKey: Int]?

    package init() {}

    /// An object of members whose keys are known to differ, as those of a record are: nothing is searched.
    package init(distinct members: [Element]) {
        self.members = members
        if members.count > Self.linearLimit { index() }
    }

    /// The value of `key`; setting nil removes it, which takes time in proportion to `count`.
    package subscript(key: String) -> JSONValue? {
        get {
            guard let place = place(of: key) else { return nil }
            return members[place].value
        }
        set {
            guard let newValue else { return remove(key) }
            if let place = place(of: key) {
                members[place].value = newValue
            } else {
                append(key, newValue)
            }
        }
    }

    package var keys: [String] { members.map(\.key) }
    package var values: [JSONValue] { members.map(\.value) }
    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    package mutating func reserveCapacity(_ count: Int) {
        members.reserveCapacity(count)
    }

    private func place(of key: String) -> Int? {
        if let places { return places[ByteKey(text: key)] }
        return members.firstIndex { sameBytes($0.key, key) }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append((key, value))
        if places != nil {
            places?[ByteKey(text: key)] = members.count - 1
        } else if members.count > Self.linearLimit {
            index()
        }
    }

    private mutating func remove(_ key: String) {
        guard let place = place(of: key) else { return }
        members.remove(at: place)
        if places != nil { index() }
    }

    private mutating func index() {
        guard members.count > Self.linearLimit else {
            places = nil
            return
        }
        var table: [ByteKey: Int] = [:]
        table.reserveCapacity(members.count * 2)
        for (place, member) in members.enumerated() { table[ByteKey(text: member.key)] = place }
        places = table
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> IndexingIterator<[Element]> { members.makeIterator() }
    package var underestimatedCount: Int { members.count }
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
