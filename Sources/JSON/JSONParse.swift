extension JSONValue {
    /// The one value that `bytes` hold, as `JSONScanner` reads it: strictly, at most `JSONScanner.maximumDepth` levels deep.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner(bytes)
        let value = try scanner.readValue()
        try scanner.finish()
        return value
    }

    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try parse(bytes) }
        }
        return try result.get()
    }

    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        var text = text
        let result = text.withUTF8 { bytes in
            Result { () throws(JSONError) in try parse(UnsafeRawBufferPointer(bytes)) }
        }
        return try result.get()
    }
}

extension JSONScanner {
    /// The next value, built. Recursive, but no deeper than the scanner lets containers nest.
    package mutating func readValue() throws(JSONError) -> JSONValue {
        switch try peek() {
        case .null:
            try skipLiteral("null")
            return .null
        case .bool: return .bool(try readBool())
        case .number: return .number(try readNumber())
        case .string: return .string(try readString())
        case .array:
            try beginArray()
            var elements: [JSONValue] = []
            while try nextElement() { elements.append(try readValue()) }
            return .array(elements)
        case .object:
            try beginObject()
            var object = JSONObject()
            while let key = try nextKey() { object[key.string] = try readValue() }
            return .object(object)
        }
    }
}
