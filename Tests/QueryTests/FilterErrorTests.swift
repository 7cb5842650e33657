import JSON
import Query
import Testing

@Suite("Filter errors")
struct FilterErrorTests {
    /// The text, what of it is marked, and the message.
    @Test(arguments: [
        (".a |", " |", "syntax error, unexpected end of the filter"),
        (".a ; .b", ";", "syntax error, unexpected ';'"),
        (".a\n| .b ]", "]", "syntax error, unexpected ']'"),
        ("if .a then 1 end", "end", "syntax error, unexpected end"),
        (".a) | (.b", ")", "syntax error, unexpected ')'"),
        ("\"x\\(1 + )y\"", ")", "syntax error, unexpected ')'"),
        ("import \"a\" as a; .", "import", "`import` is not available: filters have no modules"),
        ("# hm\n include \"a\"; .", "include", "`include` is not available: filters have no modules"),
        (".a\0", "\0", "a filter cannot hold a NUL byte"),
    ])
    func syntax(_ text: String, _ marked: String, _ message: String) throws {
        let error = try #require(throws: FilterError.self) { try Filter.checkSyntax(text) }
        #expect(error.message.hasPrefix(message), "\(error)")
        #expect(error.code == .syntax)
        let range = try #require(error.range)
        let bytes = Array(text.utf8)
        let found = String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
        #expect(marked.hasSuffix(found), "\(range)")
    }

    @Test(arguments: [
        "", ".", ".a | .b", "def f: 1;", "# c", "def f: 1; f # c", "if . then 1 else 2 end",
        "nosuch | also::nosuch($x)", "\")\"",
    ])
    func rightSyntax(_ text: String) throws { try Filter.checkSyntax(text) }

    @Test(
        arguments: [
            (".a | lenght", "lenght", "lenght/0 is not defined", "did you mean `length`?"),
            ("map(.x) |\n  sort_bi(.y)", "sort_bi", "sort_bi/1 is not defined", "did you mean `sort_by`?"),
            (". as $y | $image", "$image", "$image is not defined", "did you mean `$images`?"),
            ("splits(\"a\";\"b\";\"c\")", "splits", "splits/3 is not defined", "`splits` takes 1 or 2 arguments"),
            ("length(1)", "length", "length/1 is not defined", "`length` takes no arguments"),
            ("def total: 1; totl", "totl", "totl/0 is not defined", "did you mean `total`?"),
            ("shred(1)", "shred", "shred/1 is not defined", "did you mean `shared`?"),
            ("zzzzzzz", "zzzzzzz", "zzzzzzz/0 is not defined", nil),
            ("\"é\" | é", "é", nil, nil),
        ] as [(String, String, String?, String?)])
    func undefinedNames(_ text: String, _ marked: String, _ message: String?, _ hint: String?) throws {
        let error = try #require(throws: FilterError.self) {
            try Filter(text, variables: ["images"], definitions: "def shared(f): f;").compile()
        }
        if let message { #expect(error.message == message && error.hint == hint, "\(error)") }
        let range = try #require(error.range)
        #expect(String(decoding: Array(text.utf8)[range], as: UTF8.self) == marked)
    }

    @Test func errorsInDefinitionsAreTheirs() throws {
        let definitions = "def good: 1;\ndef bad: nosuch;"
        let error = try #require(throws: FilterError.self) { try Filter("bad", definitions: definitions).compile() }
        #expect(error.source == .definitions && error.range == 22..<28, "\(error)")
    }

    @Test(
        arguments: [
            (".a.b", "x", "Cannot index string with string \"a\""), ("error(\"my words\")", .null, "my words"),
            ("error({message: \"m\", code: 3})", .null, "m"), ("error([1])", .null, "[1] (not a string)"),
            ("error(null)", .null, "null (null) not a string"), ("null | error", .null, "null (null) not a string"),
            ("{} + 1", .null, "object ({}) and number (1) cannot be added"), ("\"bye\" | halt_error", .null, "bye"),
            ("{a: 1} | halt_error(3)", .null, "{\"a\":1} (not a string)"), ("break", .null, nil),
        ] as [(String, JSONValue, String?)])
    func runtime(_ text: String, _ input: JSONValue, _ message: String?) throws {
        let error = try #require(throws: FilterError.self) { try Filter(text).outputs(input) }
        if let message { #expect(error.message == message) }
    }

    @Test func errorsKeepTheirValue() throws {
        let error = try #require(throws: FilterError.self) { try Filter("error({code: 3, list: [.]})").outputs(7) }
        #expect(error.value == ["code": 3, "list": [7]])
    }
}
