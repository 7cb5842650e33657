import Foundation
import JSON
import Query
import Testing

@Suite("Filter")
struct FilterTests {
    static let input: JSONValue = [
        "images": [
            ["Id": "sha256:b", "Size": 20, "Tags": ["x", "y"], "Labels": ["k": "v"]],
            ["Id": "sha256:a", "Size": 100, "Tags": [], "Labels": .null],
            ["Id": "sha256:c", "Size": 5.5, "Tags": ["z"], "Labels": ["k": "w", "é": "ü"]],
        ],
        "text": "Grüße, \"world\"\n\u{1F600}", "n": 42, "neg": -1.5, "big": 1e17, "t": true, "f": false,
        "nothing": .null,
        "nested": [[1, [2]], [3]],
    ]

    static let filters = [
        ".", ".n", ".images[0].Id", ".images | length", ".images | map(.Size) | add",
        ".images | sort_by(-.Size) | .[0].Id",
        ".images[] | select(.Size > 10) | .Id", "[.images[].Tags[]]", ".images | map({(.Id): .Size}) | add", "keys",
        "to_entries",
        ".images | group_by(.Labels.k) | map(length)", ".images | min_by(.Size), max_by(.Size)",
        ".text | ascii_downcase",
        ".text | length, utf8bytelength", ".text | explode", ".text | test(\"w.rld\")", ".text | @base64",
        ".text | @uri",
        ".text | @json", ".text | @html", ".text | @sh", ".text | split(\", \")",
        ".text | sub(\"(?<a>[a-z]+)\"; \"<\\(.a)>\")",
        "[.images[].Size] | @csv, @tsv", ".nested | flatten", ".nested | [paths]", ".nested | [leaf_paths]",
        "[..] | length",
        "[.. | numbers]", ".images | any(.Size > 50), all(.Size > 50)", ".images | first, last",
        "[limit(2; .images[].Id)]",
        "[range(0; 10; 3)]", "reduce .images[] as $i (0; . + $i.Size)", "[foreach range(5) as $i (0; . + $i; [$i, .])]",
        "if .t then \"yes\" else \"no\" end", ".missing // \"none\"", ".f // 1", ".images[1].Labels.k?",
        "try error(\"x\") catch .",
        "[.[] | type]", "tojson | fromjson == .", "tostring | length", ".n as $x | [$x, $x + 1]",
        ". as {n: $a, t: $b} | [$a, $b]",
        "def f(x): x * 2; f(.n)", "def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; [range(1; 10)] | map(fac)",
        "label $out | foreach .images[] as $i (0; . + 1; if . > 1 then ., break $out else . end)", "del(.images)",
        ".images |= map(.Size)", ".images[].Size |= . * 2", ".n += 1 | .neg -= 1 | .n",
        "to_entries | from_entries == .",
        "with_entries(select(.value | type == \"number\"))", "[.images[] | .Tags | join(\",\")]",
        ".n % 5, -7 % 3, 7 % -3",
        "\"ab\" * 3, \"x\" * 0", "\"a,b\" / \",\"", "[1,2,3] - [2]", "{a: 1} * {a: {b: 2}, c: 3}",
        "1e1000, -1e1000, nan | tostring",
        "[nan] | sort, (nan < nan)", "input_line_number", "1425599621 | todate", "\"2015-03-05T23:51:47Z\" | fromdate",
        "\"2015-03-05T23:51:47Z\" | strptime(\"%Y-%m-%dT%H:%M:%SZ\") | mktime", "0 | strftime(\"%A, %B %d, %Y\")",
        "[.images[] | .Size] | sort | unique", "[3,1,2] | index(1), (tostring | ltrimstr(\"[\"))", "env | type",
        "[splits(\"a\")]?",
        "ascii", "[.images | .[-1:][].Id]", "getpath([\"images\", 0, \"Id\"])", "path(..)", "indices(1)?",
        "[.nested[] | walk(.)]",
        "input", "[inputs] | length", "{} | .a.b.c = 1", "[[1,2],[3]] | combinations", "$__loc__",
        "@text \"\\(.n) and \\(.t)\"",
        "# a comment\n.n # another", "", "  # only a comment", "def f: 1;", "error", "error({a: 1})",
        ".images | .[\"x\"]",
        "{a:1} | keys[0] as $k | .[$k]", "\"\\u00e9\" | @uri", "[1,[2]] | implode?", "splits(1)", ".[0]", "tojson",
        "ltrimstr(1)",
        ".n | sqrt | floor", "[.n | pow(.; 2), log]", "now | type", "infinite, -infinite", "isvalid(.a)",
        "\"x\" | ascii_upcase",
        ".images | map(select(.Labels != null) | .Labels | keys) | add | unique",
        "[.images[] | .Id | ltrimstr(\"sha256:\")]",
    ]

    /// The installed program, one filter at a time, prints what we do, and fails where we do with the same words.
    @Test(.enabled(if: jqVersion == "jq-1.6"), arguments: filters)
    func agreesWithTheProgram(_ text: String) throws {
        if text.contains("input") { return }  // Ours have no further inputs.
        let (output, error) = try runJQ(["-c", text], Self.input.compact)
        var ours = ""
        do {
            try Filter(text).run(Self.input) { ours += $0.compact + "\n" }
            #expect(error.isEmpty)
        } catch let failure as FilterError {
            #expect(error.contains(failure.message.split(separator: " (not a string)").first ?? ""), "\(failure)")
        }
        #expect(ours == output)
    }

    @Test(
        arguments: [
            ("$a + 1", 2, [3]), ("[$a, $b]", .null, [[2, "B"]]), ("\"\\($b)!\"", .null, ["B!"]),
            (". as $a | $a", 7, [7]),
            ("$missing", .null, [.null]), ("[.[] | $a]", [1, 2], [[2, 2]]), ("$ENV | type", .null, ["object"]),
            ("$a.x?", .null, []),
        ] as [(String, JSONValue, [JSONValue])])
    func variables(_ text: String, _ input: JSONValue, _ expected: [JSONValue]) throws {
        let filter = try Filter(text, variables: ["a", "b", "missing", "unused", "if", "bad name"])
        #expect(try filter.outputs(input, variables: ["a": 2, "b": "B", "unused": 3]) == expected)
        #expect(!filter.variables.contains("unused"))
    }

    @Test func definitionsAreShared() throws {
        let definitions = "# doc\ndef big($n): select(. > $n);\ndef double: . * 2;"
        #expect(try Filter("big(3) | double", definitions: definitions).outputs(5) == [10])
        #expect(try Filter("map(big(3)) | length", definitions: definitions).outputs([1, 5, 9]) == [2])
    }

    @Test func runsAgainAndAgain() throws {
        let filter = try Filter(".[] | if . == 2 then error(\"two\") else . end")
        for _ in 0..<3 {
            var seen: [JSONValue] = []
            #expect(throws: FilterError.self) { try filter.run([1, 2, 3]) { seen.append($0) } }
            #expect(seen == [1])
            #expect(try filter.outputs([3, 4]) == [3, 4])
        }
    }

    @Test func emitMayRunTheSameFilterAndMayStopIt() throws {
        struct Enough: Error {}
        let filter = try Filter("range(.)")
        var sum = 0.0
        // More than a batch, so that the outer evaluation is in its midst while the inner ones run.
        try filter.run(2000) { outer in
            try filter.run(.number(outer.numberValue == 1000 ? 700 : 1)) { inner in sum += inner.numberValue ?? 0 }
        }
        #expect(sum == 700 * 699 / 2)
        #expect(throws: Enough.self) { try filter.run(1e12) { _ in throw Enough() } }
        #expect(try filter.outputs(2) == [0, 1])
    }

    @Test func runsOnSeveralThreads() async throws {
        let filter = try Filter("[range(.)] | add")
        await withTaskGroup(of: Bool.self) { group in
            for number in 2..<40 {
                group.addTask {
                    (try? filter.outputs(.number(Double(number)))) == [.number(Double(number * (number - 1) / 2))]
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test func keepsValuesWhole() throws {
        let value: JSONValue = [
            "z": 1, "a": [[:], [], "", "\0", "e\u{301}", "\u{e9}"], "e\u{301}": 1, "\u{e9}": 2,
            "big": 9_007_199_254_740_992,
            "list": .array((0..<300).map { ["key": .number(Double($0)), "other": .string("\($0)")] }),
        ]
        let output = try #require(try Filter(".").outputs(value).first)
        #expect(output.compact == value.compact)
        #expect(
            try Filter("keys_unsorted").outputs(value) == [.array(value.objectValue?.keys.map { .string($0) } ?? [])])
    }
}

/// What `jq --version` says; nil where there is no jq.
let jqVersion: String? = (try? runJQ(["--version"], ""))?.output.trimmingCharacters(in: .whitespacesAndNewlines)

func runJQ(_ arguments: [String], _ input: String) throws -> (output: String, error: String) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("dsh-jq-\(UUID().uuidString)")
    try Data(input.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["jq"] + arguments
    process.standardInput = try FileHandle(forReadingFrom: file)
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    // Errors are short: they fit into the pipe while the output is read.
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let words = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (text, words)
}
