import Fixtures
import Foundation
import Testing

@Suite struct ReadTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let content: String
        var options = ""
        var values: [String] = []
        var error: String?

        var testDescription: String { "\(name) \(options) \(content)" }
    }

    static let cases = [
        Case(name: "a.json", content: "{\"a\": [1]}\n", values: [#"{"a":[1]}"#]),
        Case(name: "a.json", content: "1 [2]\n\n{\n}\"x\"", values: ["1", "[2]", "{}", #""x""#]),
        Case(name: "a.json", content: " \n", values: []), Case(name: "a.json", content: "", values: []),
        Case(name: "A.JSON", content: "\u{FEFF}7", values: ["7"]),
        Case(
            name: "a.json", content: "{\"a\": 1}\n{\"a\" 1}",
            error: "corrupt: a.json:2:6: no JSON: unexpected '1', expected ':'"),
        Case(name: "a.json", content: "[1", error: "corrupt: a.json:1:3: no JSON: unexpected end of input"),
        Case(name: "a.jsonl", content: "1\r\n\n {\"b\": 2} \n3", values: ["1", #"{"b":2}"#, "3"]),
        Case(name: "a.ndjson", content: "1\n", values: ["1"]),
        Case(
            name: "a.jsonl", content: "1\n2 3\n", values: ["1"],
            error: "corrupt: a.jsonl:2:3: no JSON: unexpected '3', expected the end of the input"),
        Case(name: "a.txt", content: "a\nb\n", values: [#""a\nb\n""#]), Case(name: "a", content: "", values: [#""""#]),
        Case(name: ".json", content: "a", values: [#""a""#]),
        Case(name: "a.txt", content: "a\r\n\nb", options: "--as lines", values: [#""a""#, #""""#, #""b""#]),
        Case(name: "a.json", content: "[1]", options: "--as text", values: [#""[1]""#]),
        Case(name: "a.txt", content: "[1]", options: "--as json", values: ["[1]"]),
        Case(
            name: "a.txt", content: "1", options: "--as xml",
            error:
                "usage: The value 'xml' is invalid for '--as <as>'. Please provide one of 'json', 'jsonl', 'lines' or 'text'"
        ),
    ]

    @Test(arguments: cases) func gives(_ item: Case) async {
        let directory = TemporaryDirectory()
        let path = directory.write(item.name, item.content)
        let outcome = await run("read '\(path)' \(item.options)")
        #expect(outcome.values == item.values)
        #expect(outcome.error?.replacingOccurrences(of: directory.path + "/", with: "") == item.error)
    }

    @Test func refusesWhatItCannotRead() async {
        let directory = TemporaryDirectory()
        #expect(
            await run("read '\(directory.path)/none'").error
                == "not_found: cannot read \(directory.path)/none: No such file or directory")
        #expect(await run("read '\(directory.path)'").error == "io: cannot read \(directory.path): Is a directory")
        let path = directory.write("latin1.txt", [0x61, 0xE9, 0x0A] as [UInt8])
        #expect(await run("read '\(path)'").error == "corrupt: \(path) is not UTF-8")
        #expect(await run("read '\(path)' --as lines").error == "corrupt: line 1 of \(path) is not UTF-8")
    }

    /// Lines longer than a piece of the file, and pieces that end within a line.
    @Test func joinsLinesAcrossPieces() async {
        let directory = TemporaryDirectory()
        let lines = (0..<200).map { String(repeating: "x", count: $0 * 37 % 5000) + "\($0)" }
        let path = directory.write("long.txt", lines.joined(separator: "\n"))
        let outcome = await run("read '\(path)' --as lines")
        #expect(outcome.values == lines.map { "\"\($0)\"" })
    }

    @Test func aPipeIsReadAsItComesAndWaitingEnds() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let reading = Task { await run("read '\(path)' --as jsonl | if . == 2 then error(\"enough\") else . end") }
        try await Task.sleep(for: .milliseconds(50))
        let writer = open(path, O_WRONLY | O_CLOEXEC)
        defer { close(writer) }
        #expect(write(writer, "1\n2\n", 4) == 4)
        // The writer is still there: only a reader that takes lines as they come can end.
        let outcome = await reading.value
        #expect(outcome.values == ["1"])
        #expect(outcome.error == "filter: enough")
        let waiting = Task { await run("read '\(path)' --as jsonl") }
        try await Task.sleep(for: .milliseconds(50))
        waiting.cancel()
        #expect(await waiting.value.error == "interrupted: interrupted")
    }
}
