import Fixtures
import JSON
import Terminal
import Testing
import Units

@Suite struct RenderingTests {
    static let now = Moment(seconds: 1_700_000_000)
    static let terminal = TerminalTraits(isTerminal: true, hasEscapes: true, hasColor: false)
    static let color = TerminalTraits(isTerminal: true, hasEscapes: true, hasColor: true)

    static let columns = [
        Column("Repository", title: "REPOSITORY", priority: 90), Column("Tag", title: "TAG", priority: 80),
        Column("Id", title: "IMAGE ID", kind: .digest, priority: 70),
        Column("Platform", title: "PLATFORM", priority: 10),
        Column("Created", title: "CREATED", kind: .time, priority: 30),
        Column("Labels", title: "LABELS", kind: .list, priority: 5),
        Column("Size", title: "SIZE", kind: .bytes, priority: 60),
    ]

    static func image(
        _ repository: String, _ tag: JSONValue, _ created: JSONValue, _ size: JSONValue, labels: JSONValue = [:]
    ) -> JSONValue {
        let id = "sha256:a8758716bb6aa4d90071160d27028fe4eaee7ce8166221a97d30440c8eac2be6"
        return [
            "Repository": .string(repository), "Tag": tag, "Id": .string(id), "Platform": "linux/amd64",
            "Created": created, "Size": size, "Labels": labels, "Dangling": false,
        ]
    }

    static let images: JSONValue = [
        image("nginx", "1.25", "2023-10-24T22:44:45Z", 187_234_567, labels: ["maintainer": "NGINX <docker@nginx.com>"]),
        image(
            "ghcr.io/a-very-long-organisation/and-an-even-longer-image-name", "2024.01.15-alpine3.19", 1_699_990_000,
            43_210_000),
        image("日本語/イメージ", "最新版", "2020-02-03T04:05:06.789Z", 1_100_000_000, labels: ["説明": "これは説明です"]),
        image("emoji/🐳-whale", "👩‍👩‍👧", "2023-11-14T22:13:19Z", 0),
        image("evil\u{1B}[2J\u{1B}]0;title\u{7}", "a\u{202E}b\nc", "not a time", -1, labels: ["k\u{9B}": "v\u{0}"]),
        image("", .null, .null, .null, labels: .null),
    ]

    @Test(arguments: [nil, 120, 80, 40, 20, 3] as [Int?])
    func declaredColumns(_ width: Int?) {
        let options = RenderingOptions(
            format: .table, columns: Self.columns, traits: Self.terminal, width: width, now: Self.now)
        let text = Rendering.text(of: [Self.images], options)
        #expect(differenceFromGolden(text, "images-\(width.map(String.init) ?? "any").txt") == nil)
        for line in text.split(separator: "\n") {
            #expect(TextWidth.of(String(line)) <= width ?? .max)
        }
        #expect(!text.unicodeScalars.contains { $0 != "\n" && SafeText.isUnsafe($0) })
    }

    @Test func rowsInsideRowsStandBelowThem() {
        var options = RenderingOptions(
            format: .table,
            columns: [Column("Name", title: "NAME"), Column("Size", title: "SIZE", kind: .bytes)],
            traits: Self.terminal, width: 80, now: Self.now)
        options.nested = ("Parts", "Part")
        let rows: JSONValue = [
            [
                "Name": "a", "Size": 3000,
                "Parts": [["Part": "first", "Size": 1000], ["Part": "x\u{1B}", "Size": 2000]],
            ],
            ["Name": "b", "Size": 1, "Parts": []],
        ]
        #expect(
            Rendering.text(of: [rows], options)
                == "NAME       SIZE\na           3kB\n├─ first    1kB\n└─ x\\x1b    2kB\nb            1B\n")
        // One object is a row, too.
        #expect(Rendering.text(of: [rows[0] ?? .null], options).hasSuffix("└─ x\\x1b    2kB\n"))
    }

    @Test func views() throws {
        let values = try JSONValue.parse(
            #"""
            [
              ["array of scalars", ["one", 2, null, true, "tw\to"]],
              ["no rows", []], ["scalar", "text\nof lines"], ["number", 1e1000], ["null", null], ["nothing", {}],
              ["rows", [{"Name":"a","Size":123456},{"Name":"bb","Other":{"x":1,"y":[]}},{"Name":null,"Size":5}]],
              ["inferred", [{"Digest":"sha256:a8758716bb6aa4d90071160d27028fe4eaee7ce8166221a97d30440c8eac2be6","Created":"2023-10-24T22:44:45Z",
                 "Count":12,"Official":true,"Tags":["a","b"],"Layers":["sha256:a8758716bb6aa4d90071160d27028fe4eaee7ce8166221a97d30440c8eac2be6"]}]],
              ["object", {"Reference":"nginx:1.25","Size":187234567,"Created":"2023-10-24T22:44:45Z","Tags":["a","b"],
                 "Labels":{"k":"v","l":""},"Empty":[],"None":null,"Id":"sha256:a8758716bb6aa4d90071160d27028fe4eaee7ce8166221a97d30440c8eac2be6"}],
              ["deep", {"Config":{"Env":[{"a":1}]}}], ["deep rows", [{"Config":{"Env":["x"]}}]], ["mixed", [1,{"a":2}]],
              ["matrix", [[1,2],[3]]]
            ]
            """#)
        var text = ""
        for pair in values.arrayValue ?? [] {
            let options = RenderingOptions(format: .table, traits: Self.terminal, width: 80, now: Self.now)
            text += "# \(pair[0]?.stringValue ?? "")\n" + Rendering.text(of: [pair[1] ?? .null], options)
        }
        #expect(differenceFromGolden(text, "views.txt") == nil)
    }

    /// Objects that follow each other are a table; a single one is not; titles come once, however long the stream.
    @Test func streams() {
        let options = RenderingOptions(format: .table, width: 80, now: Self.now)
        let row: JSONValue = ["a": 1]
        #expect(Rendering.text(of: [row], options) == "a   1\n")
        #expect(Rendering.text(of: [row, row], options) == "a\n1\n1\n")
        #expect(Rendering.text(of: ["x", row, row, "y", row], options) == "x\na\n1\n1\ny\na   1\n")
        let many = Rendering.text(of: (0..<2500).map { ["n": .number(Double($0))] }, options)
        #expect(many.split(separator: "\n").count == 2501)
        #expect(many.hasPrefix("  n\n  0\n"))
        #expect(many.hasSuffix("2499\n"))
    }

    /// A filter between the command and the view makes other objects: they get columns of their own, of known kinds.
    @Test func columnsOfFilteredRows() {
        let options = RenderingOptions(
            format: .table, columns: Self.columns, kinds: ["Total": .bytes], width: 80, now: Self.now)
        let rows: JSONValue = [
            ["Tag": "a", "Id": .string("sha256:" + String(repeating: "1", count: 64)), "Total": 1234]
        ]
        #expect(Rendering.text(of: [rows], options) == "Tag   Id              Total\na     111111111111   1.23kB\n")
        #expect(
            Rendering.text(of: [[]], options) == "REPOSITORY   TAG   IMAGE ID   PLATFORM   CREATED   LABELS   SIZE\n")
    }

    @Test func textFormats() throws {
        let values: [JSONValue] = [
            ["b": 1, "a": [true, .null, "é\u{7F}\u{85}\u{202E}\u{1B}\u{E0041}"]], "raw \u{1B}[1m\ttext\n\u{9B}", 1.5,
            [], [:],
        ]
        var text = ""
        for (name, traits) in [("file", TerminalTraits.file), ("terminal", Self.terminal), ("colour", Self.color)] {
            for format in [OutputFormat.json, .jsonl, .raw, .yaml] {
                text += "# \(format.rawValue), \(name)\n"
                let options = RenderingOptions(format: format, traits: traits, now: Self.now)
                let written = Rendering.text(of: values, options)
                // What is on a terminal has no control character in it, colours aside.
                if traits.isTerminal {
                    #expect(
                        !written.unicodeScalars.contains {
                            !"\n\t\u{1B}".unicodeScalars.contains($0) && SafeText.isUnsafe($0)
                        })
                }
                text += written
            }
        }
        text += "# table, colour\n"
        let options = RenderingOptions(format: .table, traits: Self.color, width: 60, now: Self.now)
        text += Rendering.text(
            of: [[["Name": "a", "Size": 5000]], ["k": ["deep": [["x": .null]]]], ["k": 1]], options)
        #expect(differenceFromGolden(text.split(separator: "\u{1B}").joined(separator: "␛"), "formats.txt") == nil)
    }

    /// What a terminal shows as JSON is still the value it was.
    @Test func escapedJSONIsTheSameValue() throws {
        let all =
            (0..<0x3000).compactMap(Unicode.Scalar.init).map { String(Character($0)) }.joined() + "\u{E0041}\u{1F433}"
        let value: JSONValue = .object([all: .string(all)])
        for format in [OutputFormat.json, .jsonl] {
            let text = Rendering.text(of: [value], RenderingOptions(format: format, traits: Self.terminal))
            #expect(try JSONValue.parse(text) == value)
        }
    }

    @Test func aColumnIsNoWiderThanAskedFor() {
        let rows: JSONValue = [["Name": "long name here", "Size": 1500], ["Name": "日本語の名前", "Size": 2]]
        let text = Rendering.text(of: [rows], RenderingOptions(format: .table, widths: ["Name": 6]))
        #expect(text == "Name      Size\nlong …   1.5kB\n日本…       2B\n")
    }
}
