import Backend
import Commands
import Foundation
import Language
import Shell
import Testing

/// Every example that help and the README show is right: it parses, its commands, options, variables and fields are there,
/// and its filters compile.
@Suite struct ExampleTests {
    private func mistakes(_ text: String) -> String {
        let session = Session(
            backend: FakeBackend(), commands: Builtins.table, environment: [:], pullEvents: { SilentDisplay() },
            note: { _ in })
        return ScriptLoader.report(ScriptLoader(session: session).check(Source(name: "example", text: text)))
    }

    static let examples = Builtins.table.all.flatMap { type in type.declaration.examples.map(\.line) }

    @Test(arguments: examples) func helpShowsWhatIsRight(line: String) {
        let found = mistakes(line)
        #expect(found == "", "\(found)")
    }

    /// The lines at its prompts, in its `-c`s, and its pieces of scripts.
    static let shown: [String] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../README.md")
        let text = (try? String(contentsOf: path.standardized, encoding: .utf8)) ?? ""
        var found: [String] = []
        var isInLanguage = false
        for (number, piece) in text.components(separatedBy: "```").enumerated() {
            if number.isMultiple(of: 2) {
                if let heading = piece.components(separatedBy: "\n## ").dropFirst().last {
                    isInLanguage = heading.hasPrefix("The language in a minute")
                }
                continue
            }
            for line in piece.components(separatedBy: "\n") {
                if line.hasPrefix("dsh> ") { found.append(String(line.dropFirst(5))) }
                if line.hasPrefix("$ dsh -c '"), line.hasSuffix("'") {
                    found.append(String(line.dropFirst(10).dropLast()))
                }
            }
            if isInLanguage { found.append(piece) }
        }
        return found
    }()

    @Test func readmeIsReadWhole() { #expect(Self.shown.count >= 8) }

    @Test(arguments: shown) func readmeShowsWhatIsRight(text: String) {
        let found = mistakes(text)
        #expect(found == "", "\(found)")
    }
}
