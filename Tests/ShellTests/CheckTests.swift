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

    static let names = ["names", "filters", "syntax", "fields", "scopes", "docker", "clean"]

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

    /// Of a file that is there the names are known, and no others.
    @Test func aSourceThatIsThereIsRead() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dsh-check-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try "def greet(name, --loud) { $name }\nlet shared = 1\nsource 'inner.dsh'\n".write(
            to: directory.appendingPathComponent("lib.dsh"), atomically: true, encoding: .utf8)
        try "def inner { 1 }\n".write(
            to: directory.appendingPathComponent("inner.dsh"), atomically: true, encoding: .utf8)
        let path = "'\(directory.path)/lib.dsh'"
        #expect(report("source \(path)\ngreet a --loud\ninner\n$shared", name: "a") == "")
        #expect(report("source \(path)\ngret a", name: "a").contains("unknown command gret"))
        #expect(report("source \(path)\ngreet a --lod", name: "a").contains("did you mean --loud?"))
        #expect(report("source \(path)\n$y | length", name: "a").contains("unknown variable $y"))
        #expect(report("$shared\nsource \(path)", name: "a").contains("unknown variable $shared"))
    }

    @Test(arguments: ["-o", "--output", "-r"]) func dshsOwnOptionsStandElsewhere(option: String) {
        let text = report("images \(option) json", name: "a")
        #expect(text.contains("images has no option \(option)") && text.contains("stands before -c"), "\(text)")
    }

    /// What a check says of a command without arguments is what the command itself says.
    @Test func commandsThatNeedAnArgumentSaySo() async {
        let needy = Builtins.table.all.map { $0.declaration }.filter { $0.needs != nil }
        #expect(needy.count > 10)
        for declaration in needy {
            let message = "usage: \(declaration.name) needs at least one \(declaration.needs ?? "")"
            #expect(await run(declaration.name).error == message)
            let told = report(declaration.name, name: "a")
            #expect(told.contains(message.dropFirst("usage: ".count)), "\(told)")
        }
    }

    /// A script that is run says no more than before: unknown names only where it comes to them.
    @Test func runningPointsAtTheOption() async {
        let outcome = await run("images --nope")
        #expect(outcome.error == "usage: images has no option --nope" && outcome.position == "1:8")
    }
}
