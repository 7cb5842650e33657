package import JSON

/// A value a template works on: JSON with the Go type it is to be seen as. Members are typed as they are reached; nothing
/// is converted ahead.
package struct TemplateValue: Sendable {
    package let type: TemplateType
    let content: Content

    enum Content: Sendable {
        /// Go's nil, of the type at hand.
        case null
        case bool(Bool)
        case signed(Int64)
        case unsigned(UInt64)
        case float(Double)
        case text([UInt8])
        case list([TemplateValue])
        /// An array, object, or what an interface or pointer points at, as yet unread.
        case json(JSONValue)
        /// What an interface holds that no JSON gave.
        indirect case boxed(TemplateValue)
    }

    init(_ type: TemplateType, _ content: Content) {
        self.type = type
        self.content = content
    }

    /// `json` seen as `type`; what is absent or of another kind is the type's zero value, as when Go decodes it.
    package init(_ json: JSONValue?, as type: TemplateType) {
        self.type = type
        switch type.underlying {
        case .bool: content = .bool(json?.boolValue ?? false)
        case .string, .time: content = .text(Array((json?.stringValue ?? Self.numberText(json)).utf8))
        case .integer(let integer) where !integer.isSigned:
            content = .unsigned(json?.numberValue.flatMap { UInt64(exactly: $0) } ?? 0)
        case .integer, .duration: content = .signed(json?.numberValue.flatMap { Int64(exactly: $0) } ?? 0)
        case .float64: content = .float(json?.numberValue ?? 0)
        case .structure: content = .json(json ?? .null)
        case .slice: content = json?.arrayValue == nil ? .null : .json(json ?? .null)
        case .map: content = json?.objectValue == nil ? .null : .json(json ?? .null)
        case .any, .pointer, .named:
            if let json, json != .null { content = .json(json) } else { content = .null }
        }
    }

    /// Untyped JSON, as `docker inspect` sees an object once its typed view has failed: objects are maps.
    package static func raw(_ json: JSONValue, numbers: TemplateType.NumberStyle = .text) -> TemplateValue? {
        TemplateValue(json, as: .any(numbers)).element
    }

    static func text(_ text: some Sequence<UInt8>) -> TemplateValue { TemplateValue(.string, .text(Array(text))) }
    static func int(_ number: Int) -> TemplateValue { TemplateValue(.int, .signed(Int64(number))) }
    static func bool(_ flag: Bool) -> TemplateValue { TemplateValue(.bool, .bool(flag)) }
    static func strings(_ texts: [[UInt8]]) -> TemplateValue {
        TemplateValue(.strings, .list(texts.map { .text($0) }))
    }

    // MARK: Kinds

    var isNil: Bool {
        if case .null = content { type.canBeNil } else { false }
    }

    var isInterface: Bool {
        if case .any = type.underlying { true } else { false }
    }

    var isPointer: Bool {
        if case .pointer = type.underlying { true } else { false }
    }

    var isStringKind: Bool {
        if case .string = type.underlying { true } else { false }
    }

    /// What an interface holds or a pointer points at; nil where that is nothing, or for another kind.
    var element: TemplateValue? {
        switch (type.underlying, content) {
        case (_, .boxed(let value)): value
        case (.pointer(let pointee), .json(let json)): TemplateValue(json, as: pointee)
        case (.any(let numbers), .json(let json)): Self.concrete(json, numbers)
        default: nil
        }
    }

    private static func concrete(_ json: JSONValue, _ numbers: TemplateType.NumberStyle) -> TemplateValue? {
        switch json {
        case .null: return nil
        case .bool(let flag): return .bool(flag)
        case .string(let text): return .text(text.utf8)
        case .array: return TemplateValue(json, as: .slice(.any(numbers)))
        case .object: return TemplateValue(json, as: .map(.any(numbers)))
        case .number(let number):
            switch numbers {
            case .text: return TemplateValue(json, as: .jsonNumber)
            case .float64: return TemplateValue(json, as: .float64)
            case .natural: return TemplateValue(json, as: Int64(exactly: number) == nil ? .float64 : .int64)
            }
        }
    }

    /// A JSON number as the text it most likely was.
    private static func numberText(_ json: JSONValue?) -> String {
        guard let number = json?.numberValue else { return "" }
        if let whole = Int64(exactly: number) { return String(whole) }
        return String(decoding: FloatText.shortest(number, verb: UInt8(ascii: "g")), as: UTF8.self)
    }

    /// The value with its type's name taken off, or put on: Go's conversion between them.
    func retyped(_ type: TemplateType) -> TemplateValue { TemplateValue(type, content) }

    /// The value with an interface taken off; nil where that holds nothing.
    var plain: TemplateValue? { isInterface ? element : self }

    /// Follows interfaces and pointers to what they lead to. Where that is nil, the nil itself comes back.
    func indirect() -> (value: TemplateValue, isNil: Bool) {
        var value = self
        while value.isInterface || value.isPointer {
            guard let next = value.element else { return (value, true) }
            value = next
        }
        return (value, false)
    }

    // MARK: Members

    var bytes: [UInt8] {
        if case .text(let bytes) = content { bytes } else { [] }
    }

    /// The number of elements, members or bytes; nil for a kind that has no length.
    var count: Int? {
        switch (type.underlying, content) {
        case (.string, .text(let bytes)): bytes.count
        case (.slice, .list(let elements)): elements.count
        case (.slice, .json(.array(let elements))): elements.count
        case (.map, .json(.object(let object))): object.count
        case (.slice, .null), (.map, .null): 0
        default: nil
        }
    }

    /// The elements of a slice.
    var elements: [TemplateValue] {
        switch (type.underlying, content) {
        case (.slice(let element), .json(.array(let values))): values.map { TemplateValue($0, as: element) }
        case (.slice, .list(let values)): values
        default: []
        }
    }

    /// The element of a slice, or the byte of a string; nil outside.
    func element(at index: Int) -> TemplateValue? {
        switch (type.underlying, content) {
        case (.string, .text(let bytes)) where bytes.indices.contains(index):
            TemplateValue(.integer(.uint8), .unsigned(UInt64(bytes[index])))
        case (.slice(let element), .json(.array(let values))) where values.indices.contains(index):
            TemplateValue(values[index], as: element)
        case (.slice, .list(let values)) where values.indices.contains(index): values[index]
        default: nil
        }
    }

    /// A map's entry; nil where it has none.
    func member(_ key: String) -> TemplateValue? {
        guard case (.map(let element, _), .json(let json)) = (type.underlying, content) else { return nil }
        return json[key].map { TemplateValue($0, as: element) }
    }

    /// A map's entries in the order of their keys.
    var members: [(key: String, value: TemplateValue)] {
        guard case (.map(let element, _), .json(.object(let object))) = (type.underlying, content) else { return [] }
        return object.map { ($0.key, TemplateValue($0.value, as: element)) }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }

    /// A struct's field, its own or an embedded struct's; nil where there is none of the name.
    func field(_ name: String) -> TemplateValue? {
        guard case (.structure(let structure), .json(let json)) = (type.underlying, content) else { return nil }
        if let field = structure.field(name) { return value(of: field, in: json) }
        for field in structure.fields where field.isEmbedded {
            if let found = value(of: field, in: json).field(name) { return found }
        }
        return nil
    }

    /// A struct's fields in order.
    var fields: [(field: TemplateType.Field, value: TemplateValue)] {
        guard case (.structure(let structure), .json(let json)) = (type.underlying, content) else { return [] }
        return structure.fields.map { ($0, value(of: $0, in: json)) }
    }

    private func value(of field: TemplateType.Field, in json: JSONValue) -> TemplateValue {
        TemplateValue(field.isEmbedded ? json : json[field.key], as: field.type)
    }
}
