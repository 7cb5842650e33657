import CJq
import Glibc
import JSON

/// Turns the rows of one table into libjq's objects: each is a copy of the one before in which only the members that differ are
/// set. A copy keeps the keys where they are, so that nothing is hashed again, and shares what did not change.
struct JQRecordBuilder {
    let records: JSONRecords
    private let columns: UnsafeMutableBufferPointer<Column>
    /// The row made last.
    private var last = jv_object()
    /// The keys met last in members that are objects of texts, by their place: mostly the same from row to row.
    private var textKeys: [(bytes: UnsafeRawBufferPointer, key: jv)] = []

    /// A key, and what the last row has there; texts lie in its own strings.
    private struct Column {
        let key: jv
        var seen = Seen.nothing
    }

    private enum Seen {
        case nothing, null
        case bool(Bool)
        case number(UInt64)
        case text(UnsafeRawBufferPointer)
    }

    /// Call `finish` when all rows are built.
    init(_ records: JSONRecords) throws(FilterError) {
        self.records = records
        var keys: [Column] = []
        for key in records.keys { keys.append(Column(key: try JQValueBuilder.string(key))) }
        columns = .allocate(capacity: keys.count)
        _ = columns.initialize(fromContentsOf: keys)
    }

    /// Frees what is kept from row to row.
    consuming func finish() {
        for column in columns { jv_free(column.key) }
        columns.deallocate()
        for (_, key) in textKeys { jv_free(key) }
        jv_free(last)
    }

    /// A row, owned by the caller.
    mutating func build(_ row: Int) throws(FilterError) -> jv {
        var object = jv_copy(last)
        var place = 0
        var isTooLarge = false
        records.visit(row) { member in
            if !isSame(member, as: columns[place].seen) {
                if let value = value(of: member, at: place) {
                    object = jv_object_set(object, jv_copy(columns[place].key), value)
                } else {
                    isTooLarge = true
                }
            }
            place += 1
        }
        jv_free(last)
        last = jv_copy(object)
        if isTooLarge {
            jv_free(object)
            throw JQValueBuilder.tooLarge
        }
        return object
    }

    private func isSame(_ member: JSONMember, as seen: Seen) -> Bool {
        switch (member, seen) {
        case (.null, .null): true
        case (.bool(let new), .bool(let old)): new == old
        case (.number(let new), .number(let old)): new.bitPattern == old
        case (.text(let new), .text(let old)): JQRecordBuilder.isSame(new, old)
        default: false
        }
    }

    private static func isSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.count) == 0
    }

    /// The member's value, and a note of it for the next row; nil where it is too large.
    private mutating func value(of member: JSONMember, at place: Int) -> jv? {
        switch member {
        case .null:
            columns[place].seen = .null
            return jv_null()
        case .bool(let flag):
            columns[place].seen = .bool(flag)
            return flag ? jv_true() : jv_false()
        case .number(let number):
            columns[place].seen = .number(number.bitPattern)
            return jv_number(number)
        case .text(let bytes):
            guard let text = JQValueBuilder.string(bytes) else { return nil }
            columns[place].seen = .text(JQRecordBuilder.bytes(of: text))
            return text
        case .texts(let texts):
            columns[place].seen = .nothing
            var object = jv_object()
            for (place, (key, value)) in texts.enumerated() {
                guard let value = JQValueBuilder.string(value), let key = textKey(key, place) else {
                    jv_free(object)
                    return nil
                }
                object = jv_object_set(object, key, value)
            }
            return object
        }
    }

    private mutating func textKey(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> jv? {
        if place < textKeys.count, JQRecordBuilder.isSame(textKeys[place].bytes, bytes) {
            return jv_copy(textKeys[place].key)
        }
        guard let key = JQValueBuilder.string(bytes) else { return nil }
        let known = (JQRecordBuilder.bytes(of: key), jv_copy(key))
        if place < textKeys.count {
            jv_free(textKeys[place].key)
            textKeys[place] = known
        } else if place < 64 {
            textKeys.append(known)
        } else {
            jv_free(known.1)
        }
        return key
    }

    /// A string's own bytes, which last as long as it.
    private static func bytes(of text: jv) -> UnsafeRawBufferPointer {
        let length = Int(jv_string_length_bytes(jv_copy(text)))
        return UnsafeRawBufferPointer(start: jv_string_value(text), count: length)
    }
}
