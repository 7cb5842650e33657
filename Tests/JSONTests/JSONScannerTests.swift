import JSON
import Testing

@Suite("JSONScanner")
struct JSONScannerTests {
    /// Reads a descriptor as the store does: some keys wanted, the rest skipped.
    @Test func readsSomeKeysAndSkipsTheRest() throws {
        let text = #"""
             { "mediaType" : "application/vnd.oci.image.index.v1+json" , "extra":[{"a":[[],{}]},"x\"y",-1.5e-3,null,true],
              "size": 9007199254740993, "digest":"sha256:\u0061b", "flag": false, "list": [1, 2 ,3], "none": null } 
            """#
        try scan(text) { scanner throws(JSONError) in
            var seen: [String] = []
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "mediaType": #expect(try scanner.readText() == "application/vnd.oci.image.index.v1+json")
                case "size": #expect(try scanner.readInt64() == 9_007_199_254_740_993)
                case "digest":
                    let digest = try scanner.readText()
                    #expect(digest.isEscaped && digest.string == "sha256:ab" && digest == "sha256:ab")
                case "flag": #expect(try scanner.readBool() == false)
                case "none": #expect(try scanner.skipIfNull())
                case "list":
                    var sum = 0.0
                    try scanner.beginArray()
                    while try scanner.nextElement() { sum += try scanner.readNumber() }
                    #expect(sum == 6)
                default:
                    let raw = try scanner.rawValue()
                    #expect(String(decoding: raw, as: UTF8.self) == #"[{"a":[[],{}]},"x\"y",-1.5e-3,null,true]"#)
                }
                seen.append(key.string)
            }
            try scanner.finish()
            #expect(seen == ["mediaType", "extra", "size", "digest", "flag", "list", "none"])
        }
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}",
        "{1:1}",
        "{\"a\" 1}", "[1}", "{\"a\":1]", "01", "-", "-01", "1.", ".5", "1.e5", "1e", "1e+", "+1", "0x10", "1.5.5",
        "1-2", "nan",
        "NaN", "Infinity", "nul", "nulll", "tru", "falsy", "True", "'a'", "\"", "\"a", "\"\\\"", "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12G4\"", "\"\n\"", "\"\t\"", "\"\u{1}\"", "1 2", "[] []", "[1]]", "// c\n1", "/* c */1", "[1,2",
        "{\"a\":[1,2}",
        "\u{feff}\u{feff}1", "\u{a0}1", "[\"a\"\"b\"]", "{\"a\":1 \"b\":2}", "\"abcdefgh\u{7}\"", "[[[[]]]",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
        #expect(throws: JSONError.self) {
            try scan(text) { scanner throws(JSONError) in
                try scanner.skipValue()
                try scanner.finish()
            }
        }
    }

    @Test(arguments: [
        ("[1,]", 3, "unexpected ']', expected a value"),
        ("{\"a\":tru }", 8, "unexpected byte 0x20, expected true"),
        ("[1", 2, "unexpected end of input"),
        ("[\"abc", 1, "unterminated string"),
        ("1 x", 2, "unexpected 'x', expected the end of the input"),
        ("{\"a\";1}", 4, "unexpected ';', expected ':'"),
        ("\"ab\\q\"", 3, "unknown escape in a string"),
    ])
    func says(_ text: String, _ offset: Int, _ message: String) {
        #expect(throws: JSONError(message: message, offset: offset)) { try JSONValue.parse(text) }
    }

    @Test func nestsAsDeepAsJQ() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSONValue.parse(nested(256)).compact == nested(256))
        #expect(throws: JSONError(message: "nested deeper than 256 levels", offset: 256)) {
            try JSONValue.parse(nested(257))
        }
        #expect(throws: JSONError.self) {
            try scan(nested(257)) { scanner throws(JSONError) in try scanner.skipValue() }
        }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "[", count: 1_000_000)) }
        // Kinds are remembered through all of the depth.
        let mixed = String(repeating: "{\"a\":[", count: 128) + String(repeating: "]}", count: 128)
        try scan(mixed) { scanner throws(JSONError) in
            try scanner.skipValue()
            try scanner.finish()
        }
        let crossed = String(repeating: "{\"a\":[", count: 128) + String(repeating: "}]", count: 128)
        #expect(throws: JSONError.self) { try scan(crossed) { scanner throws(JSONError) in try scanner.skipValue() } }
    }

    @Test(arguments: [
        (#""\ud83d\ude00""#, "😀"), (#""\ud800""#, "\u{FFFD}"), (#""\udc00x""#, "\u{FFFD}x"),
        (#""\ud800\ud800""#, "\u{FFFD}\u{FFFD}"), (#""\ud800\u0041""#, "\u{FFFD}A"), (#""\u0000""#, "\0"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""é\u00e9""#, "éé"), (#""12345678\n90""#, "12345678\n90"),
        ("\u{feff}\"a\"", "a"), ("\"\u{7f}\"", "\u{7f}"),
    ])
    func unescapes(_ text: String, _ expected: String) throws {
        #expect(try JSONValue.parse(text) == .string(expected))
    }

    @Test func repairsInvalidUTF8() throws {
        #expect(try JSONValue.parse([0x22, 0xFF, 0x41, 0xC3, 0x22]) == .string("\u{FFFD}A\u{FFFD}"))
    }

    @Test(
        arguments: [
            ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("0", 0), ("-0", 0), ("1e3", 1000),
            ("2.0", 2), ("9223372036854775808", nil), ("1.5", nil), ("1e300", nil), ("\"1\"", nil),
        ] as [(String, Int64?)])
    func readsExactIntegers(_ text: String, _ expected: Int64?) {
        var number: Int64?
        try? scan(text) { scanner throws(JSONError) in number = try scanner.readInt64() }
        #expect(number == expected)
    }

    @Test func agreesWithTheStandardLibraryOnNumbers() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            #expect(try JSONValue.parse(number.description) == .number(number))
            let short =
                "\(Int.random(in: -99_999_999...99_999_999)).\(Int.random(in: 0...99999))e\(Int.random(in: -30...30))"
            #expect(try JSONValue.parse(short).numberValue == Double(short))
        }
    }

    /// No byte may read past the end or trap, wherever a text is cut or changed.
    @Test func survivesCutAndChangedTexts() {
        let text = Array(
            #"{"a":[1,-2.5e+3,"x\ud83d\ude00\n",{"b":null,"c":[true,false]}],"long key 0123456789":"é"}"#.utf8)
        for cut in 0..<text.count { #expect(throws: JSONError.self) { try JSONValue.parse(Array(text[..<cut])) } }
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                let parsed = try? JSONValue.parse(changed)
                let skipped: Bool = changed.withUnsafeBytes { bytes in
                    var scanner = JSONScanner(bytes)
                    do {
                        try scanner.skipValue()
                        try scanner.finish()
                        return true
                    } catch { return false }
                }
                #expect((parsed != nil) == skipped)
            }
        }
    }

    private func scan(_ text: String, _ body: (inout JSONScanner) throws(JSONError) -> Void) throws {
        try Array(text.utf8).withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            try body(&scanner)
        }
    }
}
