import JSON
import Testing

@testable import Query

@Suite("Prelude")
struct PreludeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let line: String
        let output: String
        var testDescription: String { line }

        init(_ line: String, _ output: String) {
            self.line = line
            self.output = output
        }
    }

    /// The outputs, compact and one a line; the message of an error last.
    private func run(_ text: String) -> String {
        var lines: [String] = []
        do {
            try Filter(text).run(.null) { lines.append($0.compact) }
        } catch let error as FilterError {
            lines.append("error: " + error.message)
        } catch {
            lines.append("\(error)")
        }
        return lines.joined(separator: "\n")
    }

    @Test(arguments: Prelude.all) func examplesRun(_ function: PreludeFunction) {
        #expect(!function.examples.isEmpty)
        for example in function.examples { #expect(run(example.line) == example.output, "\(example.line)") }
    }

    /// Many in one program get on with each other; each finds what it uses among those before it.
    @Test func functionsAreInOrder() throws {
        for (place, function) in Prelude.all.enumerated() {
            #expect(!function.definition.contains("\n"), "\(function.name)")
            #expect(Prelude[function.name]?.name == function.name, "two are called \(function.name)")
            let words = FilterText(function.definition).words
            let later = Prelude.all[(place + 1)...].filter { $0.since == nil && words.contains($0.name) }
            #expect(later.map(\.name) == [], "\(function.name)")
        }
        let all = "[" + Prelude.all.map { "(\($0.examples[0].line))" }.joined(separator: ", ") + "] | length"
        #expect(Int(run(all)) ?? 0 > Prelude.all.count)
    }

    @Test func onlyWhatIsMentionedIsGiven() {
        func given(_ text: String) -> [String] {
            let definitions = Prelude.definitions(for: [FilterText(text)])
            return Prelude.all.map(\.name).filter {
                definitions.contains("def \($0):") || definitions.contains("def \($0)(")
            }
        }
        #expect(Prelude.definitions(for: [FilterText(".[] | select(.Size > 10) | map_values(length)")]) == "")
        #expect(given("human") == ["human"])
        #expect(given("map(select(.Created < ago(\"1d\")))") == ["duration", "ago"])
        #expect(given("$human") == [])
        #expect(given("ref_match(\"a\")").starts(with: ["ref", "glob", "ref_match"]))
    }

    /// A function's definition in front of a filter moves none of its error positions.
    @Test func positionsStayExact() throws {
        let error = try #require(throws: FilterError.self) { try Filter("human |\n  nosuch(1) | bytes").compile() }
        #expect(error.message == "nosuch/1 is not defined" && error.range == 10..<16)
        let arity = try #require(throws: FilterError.self) { try Filter("1 | human(2)").compile() }
        #expect(arity.hint == "`human` takes no arguments" && arity.range == 4..<9)
        let near = try #require(throws: FilterError.self) { try Filter("semver_mach(\"1\")").compile() }
        #expect(near.hint == "did you mean `semver_match`?")
        #expect(run("human as $x | $__loc__ | .line") == "error: human takes a number, not null")
        #expect(run("1 | human | $__loc__ | .line") == "1")
    }

    /// A filter's own definition of the same name wins.
    @Test func ownDefinitionsWin() throws {
        #expect(run("def human: \"mine\"; 1 | human") == "\"mine\"")
        let filter = try Filter("1 | abs", definitions: "def abs: \"mine\";")
        #expect(try filter.outputs(.null) == ["mine"])
    }

    static let cases: [Case] = [
        // Sizes: docker/go-units' FromHumanSize and RAMInBytes.
        Case(
            #""32", "32b", "32B", "32k", "32K", "32kb", "32Kb", "32.5kB", "32 MB" | bytes"#,
            "32\n32\n32\n32000\n32000\n32000\n32000\n32500\n32000000"),
        Case(
            #""1KiB", "1.5Gi", ".5k", "3TiB", "1PB" | bytes"#, "1024\n1610612736\n500\n3298534883328\n1000000000000000"),
        Case(
            #""", "MB", "1iB", "-1", "1.2.3k", "1 k B", "1ZB" | try bytes catch "no""#,
            Array(repeating: #""no""#, count: 7).joined(separator: "\n")),
        Case(#"null | bytes"#, #"error: bytes takes a text such as "1.2GB", not null"#),
        Case(#"bytes("x")"#, #"error: "x" is no size: write it like "1.2GB" or "512MiB""#),
        Case(
            #"1, 999.6, 1000, 9994, 9996, 99960, 187345678, 1e30, -2500 | human"#,
            [
                "1B", "1kB", "1kB", "9.99kB", "10kB", "100kB", "187MB", "1000000YB", "-2.5kB",
            ].map { "\"\($0)\"" }.joined(separator: "\n")),
        Case(#""1" | human"#, "error: human takes a number, not string"),
        // Times.
        Case(
            #""500ms", "2h 30m", "1 hour", "1week 1day", "1mo", "1y" | duration"#,
            "0.5\n9000\n3600\n691200\n2592000\n31536000"),
        Case(
            #""", "5", "h", "-1h", "1x", "1h x" | try duration catch "no""#,
            Array(repeating: #""no""#, count: 6).joined(separator: "\n")),
        Case(
            #""1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2024-02-29 12:00:00-05:30", "2015-03-05T23:51:47.123456789Z" | timestamp"#,
            "0\n-62135596800\n1709227800\n1425599507.1234567"),
        Case(#""2024-01-02T03:04:05" | timestamp"#, "1704164645"),
        Case(
            #""yesterday", "2024-1-2", "2024-01-02T03:04Z" | try timestamp catch "no""#,
            Array(repeating: #""no""#, count: 3).joined(separator: "\n")),
        Case(
            #"[0, 1, 59, 61, 120, 3599, 3600, 7300, 172799, 172800, 1209600, 5184000, 63072000] | map(now - . | age | rtrimstr(" ago"))"#,
            #"["Less than a second","1 second","59 seconds","About a minute","2 minutes","59 minutes","About an hour","2 hours","2 days","2 days","2 weeks","2 months","2 years"]"#
        ),
        Case(#"ago(1e30)"#, #"error: -1e+30 is too far away to be a date"#),
        Case(#"since("2015-03-05T23:51:47Z") > 300000000, (now | since < 1)"#, "true\ntrue"),
        // Versions: the order of semver.org 2.0.0, 11.
        Case(
            #"["1.0.0", "1.0.0-rc.1", "1.0.0-beta.11", "1.0.0-beta.2", "1.0.0-beta", "1.0.0-alpha.beta", "1.0.0-alpha.1", "1.0.0-alpha"] | semver_sort"#,
            #"["1.0.0-alpha","1.0.0-alpha.1","1.0.0-alpha.beta","1.0.0-beta","1.0.0-beta.2","1.0.0-beta.11","1.0.0-rc.1","1.0.0"]"#
        ),
        Case(
            #""1.2.3+build.5", "1.2.3-a-b.c", "1", "1.2.3.4", "1.2-", null | semver | if . then [.[]] else . end"#,
            "[1,2,3,null,\"build.5\"]\n[1,2,3,\"a-b.c\",null]\n[1,0,0,null,null]\nnull\nnull\nnull"),
        Case(#"[[2, "1.9"], [1, "1.10"]] | semver_sort(.[1])"#, #"[[2,"1.9"],[1,"1.10"]]"#),
        Case(
            #""1.2" | semver_match("wat")"#,
            #"error: "wat" is no range of versions: write it like "^1.2" or ">=1.2 <2""#),
        // References.
        Case(
            #""localhost:5000/a", "index.docker.io/nginx", "a/b", "docker.io/a", "Host/a:t" | ref | .Canonical"#,
            [
                "localhost:5000/a", "docker.io/library/nginx", "docker.io/a/b", "docker.io/library/a", "Host/a:t",
            ].map { "\"\($0)\"" }.joined(separator: "\n")),
        Case(
            #""Nginx", "", ":tag", "a//b", "a:b:c", "a@sha256:1", "<none>:<none>", "-a" | try ref catch "no""#,
            Array(repeating: #""no""#, count: 8).joined(separator: "\n")),
        Case(
            #"{Reference: "nginx:1"} | ref.Tag, ref_match("nginx"), ref_match("*:1"), ref_match("nginx:2")"#,
            "\"1\"\ntrue\ntrue\nfalse"),
        Case(#"1 | ref"#, "error: ref takes a text or an object with Reference, not number"),
        Case(
            #""a.b" | glob("a.b"), glob("a?b"), glob("a[.]b"), glob("a[^.]b"), glob("A.B"), glob("a\\.b"), glob("*"), glob(""), glob("a+b")"#,
            "true\ntrue\ntrue\nfalse\nfalse\ntrue\ntrue\nfalse\nfalse"),
        Case(#""a/b/c" | glob("a/*"), glob("a/**"), glob("**/c"), glob("*/*/*")"#, "false\ntrue\ntrue\ntrue"),
        // Tables.
        Case(#"{a: 1} | columns(["b", "a"])"#, #"{"b":null,"a":1}"#),
        Case(#"{a: 1, b: 2} | without(["a"]), rename({b: "c"})"#, "{\"b\":2}\n{\"a\":1,\"c\":2}"),
        Case(#"["x", "y", "x", null] | tally | map([.Value, .Count])"#, #"[["x",2],[null,1],["y",1]]"#),
        Case(#"[] | tally, sum_by(.a; .b), largest(3; .), [rows]"#, "[]\n[]\n[]\n[[]]"),
        Case(
            #"[{a: 1, b: [1]}, {a: "x", c: true}] | rows"#, "[\"a\",\"b\",\"c\"]\n[1,\"[1]\",null]\n[\"x\",null,true]"),
        // Newer jq, as the manuals of 1.7 and 1.8 have it.
        Case("[1, 2, 3, 4] | pick(.[2], .[0]), pick(first)", "[1,null,3]\n[1]"),
        Case("{a: 1} | pick(.b.c)", #"{"b":{"c":null}}"#),
        Case("[limit(0; 1, error)], [limit(-1; 1, 2)], [limit(1; 1, error)]", "[]\n[1,2]\n[1]"),
        Case(#"["aXbxc" | splits("x"; "i")], ["ab" | splits("b"; null)]"#, #"["a","b","c"]"# + "\n" + #"["a",""]"#),
        Case(#"null | path(getpath(["a", "b"]))"#, #"["a","b"]"#),
        Case(#"{a: {b: 1}} | getpath(["a", "b"]) |= . + 1 | .a.b"#, "2"),
        Case(#""test" | [scan("t(.)?"; null)], [scan("[aeiou]"; "x")]"#, #"[["e"],[null]]"# + "\n" + #"["e"]"#),
        Case(#"[skip(0; 1, 2)], [skip(5; 1, 2)]"#, "[1,2]\n[]"),
        Case(
            #"try skip(-1; 1) catch ., add(empty), add("a", "b")"#,
            "\"skip doesn't support negative count\"\nnull\n\"ab\""),
        Case(#""\t a\n" | trim, ltrim, rtrim"#, #""a""# + "\n" + #""a\n""# + "\n" + #""\t a""#),
        Case("1 | trim", "error: trim input must be a string"),
        Case(#""yes" | toboolean"#, #"error: string ("yes") cannot be parsed as a boolean"#),
        Case(
            #""w5xsA6LTOQ======", "", "ME======", "MFRGG===" | try @base32d catch "no""#, "\"no\"\n\"\"\n\"a\"\n\"abc\""
        ),
        Case(#""Grüße 😀, it's base32" | @base32 | @base32d"#, #""Grüße 😀, it's base32""#),
        Case(#""Grüße, ünïcödé & more? 100%" | @uri | @urid"#, #""Grüße, ünïcödé & more? 100%""#),
        Case(#""50%" | @urid"#, #"error: string ("50%") is not a valid uri encoding"#),
        Case(
            #"@base32d "x\("ME======")y", @base64 "\("a")", "ME======" | @base32d"#,
            "error: string (\"xay\") is not valid base32 data"),
        Case("null | abs", "error: null (null) cannot be negated"),
    ]

    @Test(arguments: cases) func gives(_ example: Case) { #expect(run(example.line) == example.output) }

    /// Range, versions in it, versions not in it: from node-semver's own examples.
    static let ranges: [(String, [String], [String])] = [
        ("^1.2.3", ["1.2.3", "1.9.9", "v1.2.4"], ["1.2.2", "2.0.0", "2.0.0-rc.1", "1.3.0-rc.1", "latest"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2", "1.2.3"]), ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("^1.x", ["1.0.0", "1.9.0"], ["2.0.0", "0.9.0"]), ("^0.x", ["0.0.0", "0.9.9"], ["1.0.0"]),
        ("^0.0", ["0.0.9"], ["0.1.0"]),
        ("^1.2.3-beta.2", ["1.2.3-beta.4", "1.2.3", "1.3.0"], ["1.2.4-beta.2", "1.2.3-beta.1"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]), ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("~1", ["1.0.0", "1.9.0"], ["2.0.0"]), ("~>1.2", ["1.2.5"], ["1.3.0"]),
        ("1.2.x", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("1.2", ["1.2.0", "1.2.7"], ["1.3.0", "1.1.9"]), ("*", ["0.0.1", "9.9.9"], ["1.0.0-rc.1"]), ("", ["1.0.0"], []),
        ("=1.2.3", ["1.2.3", "1.2.3+b"], ["1.2.4"]), ("1.2.3 - 2.3.4", ["1.2.3", "2.3.4"], ["2.3.5", "1.2.2"]),
        ("1.2 - 2.3", ["1.2.0", "2.3.9"], ["2.4.0"]), (">=1.2.7 <1.3.0", ["1.2.7", "1.2.99"], ["1.3.0", "1.2.6"]),
        (">= 1.2, < 1.4", ["1.2.0", "1.3.9"], ["1.4.0"]),
        ("1.2.7 || >=1.2.9 <2.0.0", ["1.2.7", "1.2.9", "1.4.6"], ["1.2.8", "2.0.0"]),
        (">1.2", ["1.3.0"], ["1.2.9"]), ("<=1.2", ["1.2.9", "1.0.0"], ["1.3.0"]),
        ("<1.2", ["1.1.9"], ["1.2.0", "1.2.0-rc.1"]),
        (">1.2.3-alpha.3", ["1.2.3-alpha.7", "3.4.5"], ["3.4.5-alpha.9"]), ("<*", [], ["1.0.0"]),
        ("2.x || 3.x", ["2.1.0", "3.9.9"], ["4.0.0"]),
    ]

    @Test(arguments: ranges) func matchesRanges(range: String, inside: [String], outside: [String]) throws {
        let filter = try Filter("map(select(semver_match($range)))", variables: ["range"])
        let all = JSONValue.array((inside + outside).map(JSONValue.string))
        #expect(try filter.outputs(all, variables: ["range": .string(range)]) == [.array(inside.map(JSONValue.string))])
    }
}
