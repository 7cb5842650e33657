import Fixtures
import JSON
import Terminal
import Testing

@Suite struct YAMLTests {
    static let options = RenderingOptions(format: .yaml)

    @Test(arguments: [
        ("nginx", "nginx"), ("", "''"), ("yes", "'yes'"), ("No", "'No'"), ("null", "'null'"), ("~", "'~'"),
        ("true", "'true'"), ("1.0", "'1.0'"), ("1.25-alpine", "1.25-alpine"), ("0x1F", "'0x1F'"), ("1e3", "'1e3'"),
        ("12:30", "'12:30'"), ("2024-01-02", "'2024-01-02'"), ("2024-01-02T03:04:05Z", "'2024-01-02T03:04:05Z'"),
        (".inf", "'.inf'"), ("-1", "'-1'"), ("- a", "'- a'"), ("a: b", "'a: b'"), ("a:b", "a:b"), ("a #b", "'a #b'"),
        ("a#b", "a#b"), ("#a", "'#a'"), ("it's", "it's"), ("'it'", "'''it'''"), ("[a]", "'[a]'"), ("*a", "'*a'"),
        (" a", "' a'"), ("a ", "'a '"), ("a:", "'a:'"), ("a\tb", "\"a\\tb\""), ("a\u{1B}b", "\"a\\eb\""),
        ("a\u{85}b", "\"a\\x85b\""), ("\u{202E}", "\"\\u202e\""), ("日本", "日本"), ("...", "'...'"), ("---", "'---'"),
        ("=", "'='"), ("<<", "'<<'"), ("a\r\nb", "\"a\\r\\nb\""), (" a\nb", "\" a\\nb\""), ("\u{FFFF}", "\"\\uffff\""),
    ])
    func strings(_ text: String, _ expected: String) {
        #expect(Rendering.text(of: [.string(text)], Self.options) == expected + "\n")
    }

    @Test func structure() throws {
        let value = try JSONValue.parse(
            #"""
            {"Name":"nginx","Size":187234567,"Big":1e30,"Labels":{},"Ports":[],"Env":["PATH=/bin","A: b"],"Tags":[["a","b"],[]],
             "Nested":{"a":{"b":[{"c":1,"d":[2]},{"e":null}]}},"Script":"#!/bin/sh\nset -e\n\necho \"hi\"\n","Last":"a\nb",
             "Many":"a\n\n\n","1":true,"yes":false,"a: b":1,"multi\nline":2,"":3,
             "Items":["one\ntwo",{"k":"x\ny\n"},[["deep\ntext"]]]}
            """#)
        let text = Rendering.text(of: [value, "second\ndocument", ["a"]], Self.options)
        #expect(differenceFromGolden(text, "structure.yaml") == nil)
    }

    @Test func longKeysAreMarked() {
        let key = String(repeating: "k", count: 2000)
        let text = Rendering.text(of: [.object([key: ["a"]])], Self.options)
        #expect(text == "? \(key)\n:\n  - a\n")
    }

    /// Where Python's YAML reader is installed, it reads back every value that was written.
    @Test func readBack() async throws {
        var generator = SeededGenerator(seed: 7)
        let values = (0..<300).map { _ in Self.random(depth: 4, using: &generator) }
        let yaml = values.map { Rendering.text(of: [$0], Self.options) }.joined(separator: "---\n")
        let directory = TemporaryDirectory()
        let script = """
            import json, sys
            try:
                import yaml
            except ImportError:
                sys.exit(77)
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            documents = list(yaml.load_all(open(sys.argv[1], encoding="utf-8", newline=""), Loader=loader))
            wanted = json.load(open(sys.argv[2], encoding="utf-8"))
            for a, b in zip(wanted, documents):
                if a != b:
                    sys.exit("wanted %r\\nread %r" % (a, b))
            sys.exit(0 if len(documents) == len(wanted) else "%d documents" % len(documents))
            """
        let yamlFile = directory.write("values.yaml", yaml)
        let jsonFile = directory.write("values.json", JSONValue.array(values).compact)
        let result = runTool("python3", "-c", script, yamlFile, jsonFile)
        #expect(result.code == 0 || result.code == 77 || result.code == 127, "\(result)")
    }

    private static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        let pieces = [
            "a", "b", " ", ":", "#", "-", "\n", "'", "\"", "yes", "1", ".", "\t", "é", "日", "\u{1B}", "{", "]", ",",
            "|", "\\",
        ]
        func text() -> String {
            (0..<Int.random(in: 0...6, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
                .joined()
        }
        switch Int.random(in: 0...(depth == 0 ? 3 : 6), using: &generator) {
        case 0: return .number(Double(Int.random(in: -1000...1000, using: &generator)))
        case 1: return [.null, .bool(true), .bool(false)].randomElement(using: &generator) ?? .null
        case 2, 3: return .string(text())
        case 4:
            return .array(
                (0..<Int.random(in: 0...3, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                object[text()] = random(depth: depth - 1, using: &generator)
            }
            return .object(object)
        }
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
