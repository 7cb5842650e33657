/// A JSON value: what commands return, filters take and give, and registries send.
///
/// Equality, order and hashing are jq's: strings compare by their UTF-8 bytes (never by canonical equivalence), objects
/// without regard to the order of their keys. The one difference is NaN, which equals itself here so that the order is total.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The member `key` of an object; nil where it is absent or this is no object.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The element at `index` of an array (from the end where negative, as in jq); nil where absent or no array.
    package subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self else { return nil }
        let position = index < 0 ? elements.count + index : index
        guard elements.indices.contains(position) else { return nil }
        return elements[position]
    }

    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var numberValue: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The number where it is whole and fits; nil otherwise.
    package var intValue: Int? {
        if case .number(let number) = self { Int(exactly: number) } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// jq's truth: everything but `null` and `false`.
    package var isTruthy: Bool {
        switch self {
        case .null, .bool(false): false
        default: true
        }
    }

    /// jq's name for this kind of value, as its `type` function gives it.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

// `nil` is no literal of it: `found ? value : nil` would silently be `.null` where an absent `JSONValue?` is meant.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// A key given twice keeps its first place and its last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
