import Foundation
import Testing

@testable import Language

/// `dsh --fmt`.
struct FormatTests {
    private static func format(_ text: String) -> String? {
        ScriptFormat.text(of: Source(name: "test.dsh", text: text)) { Dump.commands.contains($0) }
    }

    /// The tree without what a layout may change: the blanks at the lines of jq text.
    private static func shape(_ text: String) -> String {
        Dump.text(text).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " || $0 == "\t" }.replacing("·", with: "").replacing("\r", with: "") }
            .map { line in line.reversed().drop { $0 == " " }.reversed().map(String.init).joined() }
            .joined(separator: "\n")
    }

    private static let scripts: [Case] = {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../scripts").standardized
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.filter { $0.hasSuffix(".dsh") }.sorted().map { name in
            let text = try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
            return Case(input: text ?? "", expected: name)
        }
    }()

    static let all =
        Case.all(in: splitterCases) + Case.all(in: wordsCases) + Case.all(in: statementsCases) + scripts
        + Case.all(in: formatCases)

    @Test(arguments: all) func meansTheSameAndIsStable(_ example: Case) throws {
        let isRight = Dump.parse(example.input).1.isEmpty
        guard let once = Self.format(example.input) else {
            #expect(!isRight, "no layout for a right script")
            return
        }
        #expect(isRight)
        #expect(Self.format(once) == once)
        #expect(Self.shape(once) == Self.shape(example.input))
        let comments = Dump.parse(example.input).0.comments.map(\.text)
        #expect(Dump.parse(once).0.comments.map(\.text) == comments)
    }

    @Test func shippedScriptsAreThere() { #expect(Self.scripts.count >= 2) }

    @Test(arguments: Case.all(in: formatCases)) func laysOut(_ example: Case) {
        #expect(Self.format(example.input) == example.expected + "\n")
    }

    @Test func emptyScriptsAndOtherLineEnds() {
        #expect(Self.format("") == "")
        #expect(Self.format("\n\n  \n") == "")
        #expect(Self.format("# only\n") == "# only\n")
        #expect(Self.format("\u{FEFF}images\r\n\r\n\r\nlet x=1\r\n") == "images\n\nlet x = 1\n")
        #expect(Self.format("images |") == nil)
    }
}
