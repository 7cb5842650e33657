import Foundation
import JSON
import Language
import Shell
import Testing

/// The cases of `Golden/cases`: three lines each, a script, its input, and what it gives.
///
/// `DSH_UPDATE_GOLDEN=1` writes what scripts give into the files, for somebody to read.
@Suite struct CaseFileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let script: String
        let input: String
        let expected: String

        var testDescription: String { script }
    }

    /// A file's lines, and where in them each case's third line is.
    struct File {
        var lines: [String]
        var cases: [(last: Int, item: Case)] = []

        /// Comments start with `#` in the first column; blank lines part the cases.
        init(_ name: String) throws {
            lines = try String(contentsOf: Self.place(name), encoding: .utf8).components(separatedBy: "\n")
            var start: Int?
            for (index, line) in lines.enumerated() {
                if line.isEmpty || line.hasPrefix("#") {
                    #expect(start == nil, "\(name):\(index + 1): a case has three lines")
                    start = nil
                } else if let first = start, index == first + 2 {
                    let item = Case(script: lines[first], input: lines[first + 1], expected: line)
                    cases.append((index, item))
                    start = nil
                } else if start == nil {
                    start = index
                }
            }
        }

        static func place(_ name: String, testFile: String = #filePath) -> URL {
            URL(fileURLWithPath: testFile).deletingLastPathComponent().appendingPathComponent("Golden/cases/\(name)")
        }
    }

    static let names = ["statements.txt", "definitions.txt", "words.txt", "filters.txt"]

    @Test(arguments: names) func givesWhatTheFileSays(name: String) async throws {
        var file = try File(name)
        let isUpdate = ProcessInfo.processInfo.environment["DSH_UPDATE_GOLDEN"] == "1"
        for (last, item) in file.cases {
            let found = await Self.run(item)
            if isUpdate {
                file.lines[last] = found
            } else {
                #expect(found == item.expected, "\(name):\(last + 1): \(item.script)")
            }
        }
        if isUpdate {
            try file.lines.joined(separator: "\n").write(to: File.place(name), atomically: true, encoding: .utf8)
        }
    }

    @Test func thereAreEnough() throws {
        let count = try Self.names.map { try File($0).cases.count }.reduce(0, +)
        #expect(count >= 300)
    }

    /// The values, compact and parted by blanks, then the errors with their places.
    private static func run(_ item: Case) async -> String {
        let isArguments = item.input.hasPrefix("args ")
        let text = isArguments ? String(item.input.dropFirst(5)) : item.input
        guard let input = try? JSONValue.parse(text) else { return "the input is no JSON" }
        let arguments = isArguments ? (input.arrayValue ?? []).compactMap(\.stringValue) : []
        let (values, error) = await runScript(item.script, arguments: arguments, last: isArguments ? .null : input)
        var parts = values
        switch error {
        case nil: break
        case let error as ShellError: parts += ([error] + error.others).map(describe)
        case let exit as ScriptExit: parts.append("! exit \(exit.status)")
        case let error?: parts.append("! \(error)")
        }
        return parts.isEmpty ? "(nothing)" : parts.joined(separator: " ")
    }

    private static func describe(_ error: ShellError) -> String {
        let place = error.span.map { " @\($0.position.line):\($0.position.column)" } ?? ""
        // Some of jq's messages have several lines.
        let message = error.message.replacingOccurrences(of: "\n", with: "\\n")
        return "! \(error.code.rawValue)\(place) \(message)"
    }
}
