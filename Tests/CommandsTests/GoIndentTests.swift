import Testing

@testable import Commands

@Suite struct GoIndentTests {
    /// What Go 1.22's json.Indent makes of them with a tab.
    @Test(arguments: [
        ("{}", "{}"), ("[]", "[]"), ("{ }", "{}"), ("1.50", "1.50"), (#"{"a":1}"#, "{\n\t\"a\": 1\n}"),
        (#"{"a" : [ ] , "b":{}}"#, "{\n\t\"a\": [],\n\t\"b\": {}\n}"), ("[1,2]", "[\n\t1,\n\t2\n]"),
        (#"["a,{b}:\" ]","\\"]"#, "[\n\t\"a,{b}:\\\" ]\",\n\t\"\\\\\"\n]"),
        (#"{"a":[{"b":null}]}"#, "{\n\t\"a\": [\n\t\t{\n\t\t\t\"b\": null\n\t\t}\n\t]\n}"),
        (#"["<&>"]"#, "[\n\t\"<&>\"\n]"), ("", ""), ("]", "\n]"),
    ]) func indents(_ json: String, _ expected: String) {
        #expect(GoIndent.text(of: Array(json.utf8), indent: "\t") == expected)
    }

    @Test func escapesWhatHTMLWouldTake() {
        #expect(
            GoIndent.text(of: Array(#"["<&>"]"#.utf8), indent: " ", escapesHTML: true)
                == "[\n \"\\u003c\\u0026\\u003e\"\n]")
    }
}
