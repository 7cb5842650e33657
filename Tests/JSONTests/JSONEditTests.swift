import Testing

@testable import JSON

@Suite struct JSONEditTests {
    private func edited(_ text: String, _ change: (inout JSONEdit) -> Void) throws -> String {
        var edit = try JSONEdit(Array(text.utf8))
        change(&edit)
        _ = try JSONValue.parse(edit.bytes)
        return String(decoding: edit.bytes, as: UTF8.self)
    }

    @Test(
        arguments: [
            ("", "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}\n"),
            ("{}", "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}"),
            ("{\"a\":{}}", "{\"a\":{\"b\":1}}"),
            ("{\"a\":{\"b\":2, \"c\": 1e400}}\n", "{\"a\":{\"b\":1, \"c\": 1e400}}\n"),
            ("{\n  \"x\": 1.50\n}\n", "{\n  \"x\": 1.50,\n  \"a\": {\n    \"b\": 1\n  }\n}\n"),
            (
                "{\n  \"x\": [1, {\"a\": \"}\"}],\n  \"a\": {\n    \"y\": 9007199254740993\n  }\n}",
                "{\n  \"x\": [1, {\"a\": \"}\"}],\n  \"a\": {\n    \"y\": 9007199254740993,\n    \"b\": 1\n  }\n}"
            ),
            ("{\"a\": null, \"z\": \"\\\"{\"}", "{\"a\": {\"b\":1}, \"z\": \"\\\"{\"}"),
            ("{\"\\u0061\":{\"b\" : true }}", "{\"\\u0061\":{\"b\" : 1 }}"),
            ("{\"a\":{\"b\":0},\"a\":{\"b\":2}}", "{\"a\":{\"b\":0},\"a\":{\"b\":1}}"),
        ])
    func sets(_ text: String, _ expected: String) throws {
        #expect(try edited(text) { $0.set(["a", "b"], to: 1) } == expected)
    }

    @Test(
        arguments: [
            ("{\"a\":{\"b\":2}}", "{\"a\":{}}"), ("{\"a\":{\"b\":2,\"c\":3}}", "{\"a\":{\"c\":3}}"),
            ("{\"a\":{\"c\":3 , \"b\" : [2] }}", "{\"a\":{\"c\":3 }}"),
            ("{\"a\":{\n  \"b\": {},\n  \"c\": -0.0\n}}", "{\"a\":{\n  \"c\": -0.0\n}}"),
            ("{\"a\":{\"b\":1,\"x\":2,\"b\":3}}", "{\"a\":{\"x\":2}}"), ("{\"a\":1}", "{\"a\":1}"), ("{}", "{}"),
            ("{\"b\":1}", "{\"b\":1}"),
        ])
    func removes(_ text: String, _ expected: String) throws {
        #expect(try edited(text) { $0.remove(["a", "b"]) } == expected)
    }

    @Test(arguments: ["[]", "1", "{", "{\"a\":}", "nul"])
    func refuses(_ text: String) { #expect(throws: JSONError.self) { try JSONEdit(Array(text.utf8)) } }

    /// What was set is read back, and nothing else is another value than before.
    @Test func keepsTheRest() throws {
        let text = "{ \"auths\" : { \"x\" : {\"auth\":\"eA==\"} }, \"n\":1.0, \"list\":[ {\"auths\":{}} , \"]\" ] }"
        let before = try JSONValue.parse(text)
        let after = try edited(text) {
            $0.set(["auths", "quay.io"], to: ["auth": "eTp6"])
            $0.remove(["auths", "quay.io"])
        }
        #expect(try JSONValue.parse(after) == before)
        #expect(after == text)
    }
}
