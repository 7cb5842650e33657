// jq's order: null < false < true < numbers < strings < arrays < objects. Strings by their bytes, arrays element by element,
// objects first by their sorted keys as arrays, then key by key by value (jq manual, "sort").

extension JSONValue: Comparable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right || (left.isNaN && right.isNaN)
        case (.string(let left), .string(let right)): sameBytes(left, right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    package static func < (left: JSONValue, right: JSONValue) -> Bool {
        order(left, right) < 0
    }

    /// Less than, equal to or greater than 0, as `left` comes before, with or after `right`.
    static func order(_ left: JSONValue, _ right: JSONValue) -> Int {
        switch (left, right) {
        case (.number(let left), .number(let right)):
            if left.isNaN || right.isNaN { return (right.isNaN ? 1 : 0) - (left.isNaN ? 1 : 0) }
            return left < right ? -1 : left == right ? 0 : 1
        case (.string(let left), .string(let right)):
            return byteOrder(left, right)
        case (.array(let left), .array(let right)):
            for (left, right) in zip(left, right) {
                let order = order(left, right)
                if order != 0 { return order }
            }
            return left.count - right.count
        case (.object(let left), .object(let right)):
            return JSONObject.order(left, right)
        default:
            return left.rank - right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .bool(false): 1
        case .bool(true): 2
        case .number: 3
        case .string: 4
        case .array: 5
        case .object: 6
        }
    }
}

extension JSONValue: Hashable {
    package func hash(into hasher: inout Hasher) {
        hasher.combine(rank)
        switch self {
        case .null, .bool: break
        case .number(let number): hasher.combine(number.isNaN ? .infinity : number)
        case .string(let text): hashBytes(of: text, into: &hasher)
        case .array(let elements): hasher.combine(elements)
        case .object(let object): hasher.combine(object)
        }
    }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.allSatisfy { right[$0.key] == $0.value }
    }

    /// The same for the same members in any order.
    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in self {
            var member = Hasher()
            hashBytes(of: key, into: &member)
            member.combine(value)
            sum ^= member.finalize()
        }
        hasher.combine(sum)
    }

    static func order(_ left: JSONObject, _ right: JSONObject) -> Int {
        let leftKeys = left.keys.sorted { byteOrder($0, $1) < 0 }
        let rightKeys = right.keys.sorted { byteOrder($0, $1) < 0 }
        for (left, right) in zip(leftKeys, rightKeys) {
            let order = byteOrder(left, right)
            if order != 0 { return order }
        }
        if leftKeys.count != rightKeys.count { return leftKeys.count - rightKeys.count }
        for key in leftKeys {
            guard let left = left[key], let right = right[key] else { continue }
            let order = JSONValue.order(left, right)
            if order != 0 { return order }
        }
        return 0
    }
}

/// Whether two strings have the same UTF-8 bytes. Swift's own `==` also holds for canonically equivalent strings; it is
/// asked first because it is quick to say no.
@inline(__always)
func sameBytes(_ left: String, _ right: String) -> Bool {
    left == right && (left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8))
}

/// Less than, equal to or greater than 0 by the UTF-8 bytes, which is the order of code points.
func byteOrder(_ left: String, _ right: String) -> Int {
    let fast = left.utf8.withContiguousStorageIfAvailable { leftBytes in
        right.utf8.withContiguousStorageIfAvailable { rightBytes in
            for place in 0..<min(leftBytes.count, rightBytes.count) where leftBytes[place] != rightBytes[place] {
                return leftBytes[place] < rightBytes[place] ? -1 : 1
            }
            return leftBytes.count - rightBytes.count
        }
    }
    if let order = fast ?? nil { return order }
    if left.utf8.elementsEqual(right.utf8) { return 0 }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
}

func hashBytes(of text: String, into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xff as UInt8)
}
