import CJq
import JSON

/// Turns values into libjq's and back, directly: three times as fast as through text.
///
/// libjq's values are reference-counted C structs; what a function here returns is owned by the caller. Nesting is bounded by
/// `JSONScanner.maximumDepth` both ways, as jq bounds it when it reads.
struct JQValueBuilder {
    /// The keys made last, by their place in an object: rows of a list mostly have the same ones, and libjq keeps a string's
    /// hash in the string.
    private var keys: [(text: String, value: jv)] = []
    /// For the table whose rows come now.
    private var rows: JQRecordBuilder?
    /// How many values were built.
    private(set) var count = 0

    /// Frees the keys.
    mutating func finish() {
        for key in keys { jv_free(key.value) }
        keys = []
        rows?.finish()
        rows = nil
    }

    mutating func build(_ value: JSONValue, depth: Int = 0) throws(FilterError) -> jv {
        count += 1
        switch value {
        case .null: return jv_null()
        case .bool(let flag): return flag ? jv_true() : jv_false()
        case .number(let number): return jv_number(number)
        case .string(let text): return try Self.string(text)
        case .array(let elements):
            try Self.check(depth)
            guard elements.count < Int(Int32.max) / 2 else { throw Self.tooLarge }
            var array = jv_array_sized(Int32(elements.count))
            for element in elements {
                do throws(FilterError) {
                    array = jv_array_append(array, try build(element, depth: depth + 1))
                } catch {
                    jv_free(array)
                    throw error
                }
            }
            return array
        case .object(let members):
            try Self.check(depth)
            if let (records, row) = members.source { return try build(row, of: records) }
            var object = jv_object()
            var place = 0
            for (key, value) in members {
                do throws(FilterError) {
                    let value = try build(value, depth: depth + 1)
                    object = jv_object_set(object, try self.key(key, place), value)
                } catch {
                    jv_free(object)
                    throw error
                }
                place += 1
            }
            return object
        }
    }

    private mutating func build(_ row: Int, of records: JSONRecords) throws(FilterError) -> jv {
        if rows?.records !== records {
            rows?.finish()
            rows = try JQRecordBuilder(records)
        }
        count += records.keys.count
        guard let object = try rows?.build(row) else { return jv_object() }
        return object
    }

    private mutating func key(_ text: String, _ place: Int) throws(FilterError) -> jv {
        if place < keys.count, keys[place].text == text, keys[place].text.utf8.elementsEqual(text.utf8) {
            return jv_copy(keys[place].value)
        }
        let value = try Self.string(text)
        if place < keys.count {
            jv_free(keys[place].value)
            keys[place] = (text, jv_copy(value))
        } else if place < 64, place == keys.count {
            keys.append((text, jv_copy(value)))
        }
        return value
    }

    static func string(_ text: String) throws(FilterError) -> jv {
        var text = text
        guard let value = text.withUTF8({ string(UnsafeRawBufferPointer($0)) }) else { throw tooLarge }
        return value
    }

    /// nil where it is too large.
    static func string(_ bytes: UnsafeRawBufferPointer) -> jv? {
        guard bytes.count < Int(Int32.max) / 4 else { return nil }
        return jv_string_sized(bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? emptyText, Int32(bytes.count))
    }

    private static var emptyText: UnsafePointer<CChar> {
        let text: StaticString = ""
        return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private static func check(_ depth: Int) throws(FilterError) {
        guard depth < JSONScanner.maximumDepth else { throw tooDeep }
    }

    static let tooDeep = FilterError(.filter, "the value is nested deeper than \(JSONScanner.maximumDepth) levels")
    static let tooLarge = FilterError(.filter, "the value is too large for jq")
}

extension JSONValue {
    /// The value of `value`, which is not consumed. Throws where it is nested deeper than `JSONScanner.maximumDepth`.
    init(_ value: jv, depth: Int = 0) throws(FilterError) {
        switch jv_get_kind(value) {
        case JV_KIND_FALSE: self = .bool(false)
        case JV_KIND_TRUE: self = .bool(true)
        case JV_KIND_NUMBER: self = .number(jv_number_value(value))
        case JV_KIND_STRING: self = .string(textOf(value))
        case JV_KIND_ARRAY:
            guard depth < JSONScanner.maximumDepth else { throw JQValueBuilder.tooDeep }
            let count = jv_array_length(jv_copy(value))
            var elements: [JSONValue] = []
            elements.reserveCapacity(Int(count))
            for place in 0..<count {
                let element = jv_array_get(jv_copy(value), place)
                defer { jv_free(element) }
                elements.append(try JSONValue(element, depth: depth + 1))
            }
            self = .array(elements)
        case JV_KIND_OBJECT:
            guard depth < JSONScanner.maximumDepth else { throw JQValueBuilder.tooDeep }
            var object = JSONObject()
            var place = jv_object_iter(value)
            while jv_object_iter_valid(value, place) != 0 {
                let key = jv_object_iter_key(value, place)
                let member = jv_object_iter_value(value, place)
                defer {
                    jv_free(key)
                    jv_free(member)
                }
                object[textOf(key)] = try JSONValue(member, depth: depth + 1)
                place = jv_object_iter_next(value, place)
            }
            self = .object(object)
        default: self = .null
        }
    }
}

/// The text of a string value, which is not consumed.
func textOf(_ value: jv) -> String {
    let count = Int(jv_string_length_bytes(jv_copy(value)))
    guard count > 0, let start = jv_string_value(value) else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}
