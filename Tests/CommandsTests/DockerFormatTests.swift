import Foundation
import GoTemplate
import JSON
import Shell
import Testing
import Units

@testable import Commands

/// What Docker's own client (28.2) printed for lists that a stub engine gave it, and those lists.
struct RecordedListing: Sendable {
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let output: String
        let error: String

        var testDescription: String { arguments.joined(separator: " ") }

        func has(_ flag: String) -> Bool { arguments.contains(flag) }

        /// `--format`'s text; `table` where there is none or an empty one.
        var format: String {
            guard let place = arguments.firstIndex(of: "--format"), !arguments[place + 1].isEmpty else {
                return "table"
            }
            return arguments[place + 1]
        }
    }

    let now: Moment
    let images: [DockerImage]
    let history: [DockerHistoryRow]
    let cases: [Case]

    static let shared: RecordedListing = {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden/listing.json")
        let json = (try? Data(contentsOf: url)).flatMap { try? JSONValue.parse([UInt8]($0)) } ?? .null
        setenv("TZ", json["timeZone"]?.stringValue ?? "UTC", 1)
        tzset()
        return RecordedListing(json)
    }()

    private init(_ json: JSONValue) {
        now = Moment(seconds: Int64(json["now"]?.intValue ?? 0))
        images = (json["images"]?.arrayValue ?? []).map(RecordedListing.image)
        history = (json["history"]?.arrayValue ?? []).map { row in
            DockerHistoryRow(
                id: row["Id"]?.stringValue ?? "", created: Int64(row["Created"]?.intValue ?? 0),
                createdBy: row["CreatedBy"]?.stringValue ?? "", size: Int64(row["Size"]?.intValue ?? 0),
                comment: row["Comment"]?.stringValue ?? "")
        }
        cases = (json["cases"]?.arrayValue ?? []).map { item in
            Case(
                arguments: (item["arguments"]?.arrayValue ?? []).compactMap(\.stringValue),
                output: item["output"]?.stringValue ?? "", error: item["error"]?.stringValue ?? "")
        }
    }

    private static func image(_ json: JSONValue) -> DockerImage {
        var repositories: [(name: String, tags: [String], digests: [String])] = []
        func add(_ texts: JSONValue?, separator: Character, _ change: (Int, String) -> Void) {
            for text in (texts?.arrayValue ?? []).compactMap(\.stringValue) where !text.hasPrefix("<none>") {
                guard let end = text.lastIndex(of: separator) else { continue }
                let name = String(text[..<end])
                let place = repositories.firstIndex { $0.name == name } ?? repositories.count
                if place == repositories.count { repositories.append((name, [], [])) }
                change(place, String(text[text.index(after: end)...]))
            }
        }
        add(json["RepoTags"], separator: ":") { repositories[$0].tags.append($1) }
        add(json["RepoDigests"], separator: "@") { repositories[$0].digests.append($1) }
        return DockerImage(
            id: json["Id"]?.stringValue ?? "", repositories: repositories,
            created: Int64(json["Created"]?.intValue ?? 0), size: Int64(json["Size"]?.intValue ?? 0))
    }
}

@Suite struct DockerFormatTests {
    static let recorded = RecordedListing.shared

    @Test func theRecordHoldsCases() {
        #expect(Self.recorded.cases.count > 80)
        #expect(Self.recorded.images.count == 8 && Self.recorded.history.count == 5)
    }

    @Test(arguments: recorded.cases.filter { $0.arguments[0] == "images" })
    func images(_ item: RecordedListing.Case) {
        let recorded = Self.recorded
        let format = DockerFormat.images(item.format, quiet: item.has("-q"), digests: item.has("--digests"))
        let images = item.has("nothing") ? [] : recorded.images
        let rows = DockerImage.rows(of: images, format: format, showsDigests: item.has("--digests"))
        expect(item) { () throws(ShellError) in
            try format.lines(rows, DockerRowStyle(truncates: !item.has("--no-trunc"), now: recorded.now))
        }
    }

    @Test(arguments: recorded.cases.filter { $0.arguments[0] == "history" })
    func history(_ item: RecordedListing.Case) {
        let recorded = Self.recorded
        let isHuman = !item.has("-H=false") && !item.has("--human=false")
        let format = DockerFormat.history(item.format, quiet: item.has("-q"), isHuman: isHuman)
        expect(item) { () throws(ShellError) in
            try format.lines(
                recorded.history,
                DockerRowStyle(truncates: !item.has("--no-trunc"), isHuman: isHuman, now: recorded.now))
        }
    }

    private func expect(_ item: RecordedListing.Case, _ lines: () throws(ShellError) -> [String]) {
        do throws(ShellError) {
            let output = try lines().map { $0 + "\n" }.joined()
            #expect(output == item.output)
            #expect(item.error.isEmpty)
        } catch {
            #expect(error.message + "\n" == item.error)
            #expect(error.code == .usage && error.hint != nil)
        }
    }

    @Test(arguments: [
        ("{{.ID}}", false), ("{{.Repository}}:{{.Tag}}", false), ("{{.Size}}", true), ("{{json .}}", true),
        ("json", true), ("table", true), ("raw", true), ("{{$x := .}}", true),
        ("{{range split .Tag \"-\"}}{{.}}{{end}}", true),
        ("{{index . \"ID\"}}", true), ("table {{.ID}}\\t{{.Digest}}", false),
    ])
    func sizesAreCountedWhereTheyMayShow(_ format: String, _ expected: Bool) {
        #expect(DockerFormat(source: format).mayShowSizes == expected)
    }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 3, ""), ("日本語", 6, "日本語"), ("日本語x", 6, "日本…"),
        ("日本語", 5, "日本…"), ("é日", 2, "é…"), ("🐳🐳", 3, "🐳…"),
    ])
    func textIsClippedByColumns(_ text: String, _ columns: Int, _ expected: String) {
        #expect(DockerText.clipped(text, to: columns) == expected)
    }

    @Test(arguments: [
        ("a\tb\nccccccccccccccc\td\n", "a                 b\nccccccccccccccc   d\n"),
        ("a\tb\nplain\nccccccccccccccc\td\n", "a         b\nplain\nccccccccccccccc   d\n"),
        ("\t\tx", "                    x"), ("", ""), ("a\u{0B}b", "a         b"), ("é\tx", "é         x"),
        ("日本\tx", "日本      x"),
        (
            "1\t2\t3\n1\tlonger than that\t3\n1\tx\n",
            "1         2                  3\n1         longer than that   3\n1         x\n"
        ),
        ("a\tb\u{0C}long long long\tb", "a         b\nlong long long   b"),
    ])
    func columnsAreGosTabwriter(_ text: String, _ expected: String) {
        #expect(String(decoding: TabWriter.layOut(Array(text.utf8)), as: UTF8.self) == expected)
    }
}
