import Backend
import Commands
import Fixtures
import Foundation
import Language
import Shell
import Testing

/// `dsh --check`: every script beside the golden files, with all that is said about it.
@Suite struct CheckTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden/check")

    static let names = ["names", "filters", "syntax", "fields", "scopes", "clean"]

    private func report(_ text: String, name: String) -> String {
        let session = Session(
            backend: FakeBackend(), commands: Builtins.table, environment: [:], pullEvents: { SilentDisplay() },
            note: { _ in })
        return ScriptLoader.report(ScriptLoader(session: session).check(Source(name: name, text: text)))
    }

    @Test(arguments: names) func tellsAll(name: String) throws {
        let text = try String(contentsOf: Self.directory.appendingPathComponent("\(name).dsh"), encoding: .utf8)
        let difference = differenceFromGolden(report(text, name: "\(name).dsh"), "check/\(name).txt")
        #expect(difference == nil, "\(difference ?? "")")
    }

    /// Behind a `source` any name may be known; before it none is.
    @Test func aSourceOpensTheNames() {
        #expect(report("source 'x.dsh'\nmine $theirs\nother 1", name: "a") == "")
        #expect(report("mine 1\nsource 'x.dsh'", name: "a").contains("unknown command mine"))
    }

    /// A script that is run says no more than before: unknown names only where it comes to them.
    @Test func runningPointsAtTheOption() async {
        let outcome = await run("images --nope")
        #expect(outcome.error == "usage: images has no option --nope" && outcome.position == "1:8")
    }
}
