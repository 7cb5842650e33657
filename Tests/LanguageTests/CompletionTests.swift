import Testing

@testable import Language

struct CompletionTests {
    /// `^` is the cursor.
    static let cases: [(String, CompletionContext)] = [
        ("^", .stageHead(prefix: "", start: 0)),
        ("im^", .stageHead(prefix: "im", start: 0)),
        ("images^", .stageHead(prefix: "images", start: 0)),
        ("le^", .stageHead(prefix: "le", start: 0)),
        ("images; pu^", .stageHead(prefix: "pu", start: 8)),
        ("images | ^", .stageHead(prefix: "", start: 9)),
        ("images | ta^", .stageHead(prefix: "ta", start: 9)),
        ("images | so^ | .a", .stageHead(prefix: "so", start: 9)),
        (".a | ^", .stageHead(prefix: "", start: 5)),
        (".a | ta^", .stageHead(prefix: "ta", start: 5)),
        ("each { ^", .stageHead(prefix: "", start: 7)),
        ("each { rm^", .stageHead(prefix: "rm", start: 7)),
        ("echo (^", .stageHead(prefix: "", start: 6)),
        ("echo (im^", .stageHead(prefix: "im", start: 6)),
        ("time ^", .stageHead(prefix: "", start: 5)),
        ("time im^", .stageHead(prefix: "im", start: 5)),
        ("let x = im^", .stageHead(prefix: "im", start: 8)),
        ("rmi ^", .argument(command: "rmi", words: [], prefix: "", quote: nil, start: 4)),
        ("rmi ng^", .argument(command: "rmi", words: [], prefix: "ng", quote: nil, start: 4)),
        ("rmi -f ng^inx", .argument(command: "rmi", words: ["-f"], prefix: "ng", quote: nil, start: 7)),
        ("rmi a --dr^", .argument(command: "rmi", words: ["a"], prefix: "--dr", quote: nil, start: 6)),
        ("rmi 'a b^", .argument(command: "rmi", words: [], prefix: "a b", quote: .single, start: 4)),
        ("rmi x \"a\\tb^", .argument(command: "rmi", words: ["x"], prefix: "a\tb", quote: .double, start: 6)),
        ("rmi 'a' \"b\" ^", .argument(command: "rmi", words: ["a", "b"], prefix: "", quote: nil, start: 12)),
        ("rmi --x=\"a b^", .argument(command: "rmi", words: [], prefix: "--x=a b", quote: .double, start: 4)),
        ("rmi 'a'\"b^", .none), ("rmi a\\ b\"c^", .none),
        (
            "images -q | map(.a) | table Re^",
            .argument(command: "table", words: [], prefix: "Re", quote: nil, start: 28, upstream: "images")
        ),
        (
            "images | table (echo a) ^",
            .argument(command: "table", words: ["(echo a)"], prefix: "", quote: nil, start: 24, upstream: "images")
        ),
        ("images | each { rmi a^", .argument(command: "rmi", words: [], prefix: "a", quote: nil, start: 20)),
        ("imags a^", .argument(command: "imags", words: [], prefix: "a", quote: nil, start: 6)),
        ("rmi $na^", .variable(prefix: "na", start: 4)),
        ("rmi $^", .variable(prefix: "", start: 4)),
        ("rmi $e.me^", .field(path: "$e", prefix: "me", start: 7, upstream: nil)),
        ("rmi $e.^", .field(path: "$e", prefix: "", start: 7, upstream: nil)),
        ("images | .[0].Re^", .field(path: ".[0]", prefix: "Re", start: 14, upstream: "images")),
        ("images | map(.Si^", .field(path: "", prefix: "Si", start: 14, upstream: "images")),
        ("inspect x | .[0] | .Config.E^", .field(path: ".Config", prefix: "E", start: 27, upstream: "inspect")),
        (".^", .field(path: "", prefix: "", start: 1, upstream: nil)),
        ("images | map(^", .function(prefix: "", start: 13)),
        ("images | map(sel^", .function(prefix: "sel", start: 13)),
        ("images | map(.a | $x^", .variable(prefix: "x", start: 18)),
        ("images | .a == \"nb^", .filterString(prefix: "nb", start: 15)),
        ("echo \"a \\(.b^", .field(path: "", prefix: "b", start: 11, upstream: "echo")),
        ("source ^", .argument(command: "source", words: [], prefix: "", quote: nil, start: 7)),
        ("source li^", .argument(command: "source", words: [], prefix: "li", quote: nil, start: 7)),
        ("1; source 'li b^", .argument(command: "source", words: [], prefix: "li b", quote: .single, start: 10)),
        ("sour^", .stageHead(prefix: "sour", start: 0)),
        ("echo a # c^", .none),
        ("images | .a ^", .none),
    ]

    @Test(arguments: cases) func tellsWhatStandsAtTheCursor(text: String, expected: CompletionContext) throws {
        let parts = text.split(separator: "^", maxSplits: 1, omittingEmptySubsequences: false)
        let before = try #require(parts.first)
        let found = CompletionContext.at(String(parts.joined()), offset: before.utf8.count) {
            Dump.commands.contains($0)
        }
        #expect(found == expected)
    }
}
