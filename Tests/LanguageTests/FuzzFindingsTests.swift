import Foundation
import Testing

@testable import Language

/// Texts that the fuzzer found something with: Tests/Fuzz/Findings.
struct FuzzFindingsTests {
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Fuzz/Findings").standardized

    static let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path))?.sorted() ?? []

    @Test(arguments: names) func holds(name: String) throws {
        LanguageFuzz.check(Array(try Data(contentsOf: Self.directory.appendingPathComponent(name))))
    }

    /// The fuzzer's promises hold for the cases, too: they are what it starts from.
    @Test func holdsForCases() {
        for text in [splitterCases, wordsCases, statementsCases, errorCases, formatCases] {
            for example in Case.all(in: text) { LanguageFuzz.check(Array(example.input.utf8)) }
        }
    }

    /// A megabyte takes about ten times as long as 100 kB: the parser and the layout are linear in whole scripts, too.
    @Test func aMegabyteIsTenTimesAHundredKilobytes() {
        let piece = statementsCases.components(separatedBy: "\n----\n").map { $0.components(separatedBy: "\n=>\n")[0] }
            .filter { Dump.parse($0).1.isEmpty }.joined(separator: "\n")
        func text(_ size: Int) -> String {
            String(repeating: "if (.a) {\n\(piece)\n}\n", count: size / (piece.utf8.count + 14))
        }
        func time(_ text: String, _ work: (Source) -> Void) -> Double {
            let source = Source(name: "long", text: text)
            var best = Double.infinity
            for _ in 0..<3 {
                let start = clock()
                work(source)
                best = min(best, Double(clock() - start))
            }
            return best
        }
        let (small, large) = (text(100_000), text(1_000_000))
        #expect(Parser.parse(Source(name: "x", text: large)) { Dump.commands.contains($0) }.1.isEmpty)
        let parse = { (source: Source) in _ = Parser.parse(source) { Dump.commands.contains($0) } }
        let ratio = time(large, parse) / time(small, parse)
        #expect(ratio < 20, "parsing: \(ratio)")
        let lay = { (source: Source) in _ = ScriptFormat.text(of: source) { Dump.commands.contains($0) } }
        let layout = time(large, lay) / time(small, lay)
        #expect(layout < 20, "layout: \(layout)")
    }
}
