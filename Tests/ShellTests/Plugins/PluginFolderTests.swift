import Fixtures
import Foundation
import JSON
import Shell
import Testing

/// `plugin add|remove|info`.
@Suite struct PluginFolderTests {
    private func fixture() -> PluginFixture {
        let fixture = PluginFixture()
        let path = fixture.shell("greet", metadata: #""version":"3""#, #"hello; echo '{"type":"done"}'"#)
        fixture.directory.write("new/greet.sh", readFile(path) ?? [])
        chmod(fixture.directory.path + "/new/greet.sh", 0o755)
        unlink(path)
        fixture.directory.write("new/sums.dsh", "# One.\ndef one() { 1 }\n# Two.\ndef two() { 2 }\n")
        return fixture
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test func aPluginIsAddedAndTakenOutAgain() async {
        let fixture = fixture()
        let (source, target) = (fixture.directory.path + "/new/greet.sh", fixture.folder + "/dsh-greet")
        let session = fixture.session()
        let row = { (status: String) in
            #"[{"Name":"greet","Kind":"program","Version":"3","Status":"\#(status)","Summary":"a test","Path":"\#(target)"}]"#
        }
        #expect(await fixture.run("plugin add '\(source)' --dry-run", in: session).output == [row("Added")])
        #expect(!exists(target))
        #expect(await fixture.run("plugin add '\(source)'", in: session).output == [row("Added")])
        #expect(await fixture.run("greet", in: session).error == nil)
        #expect(await fixture.run("plugin list", in: session).output == [row("ok")])
        let again = await fixture.run("plugin add '\(source)'", in: session)
        #expect(again.error == "conflict: \(target) is there already")
        #expect(await fixture.run("plugin add '\(source)' --force", in: session).output == [row("Replaced")])
        #expect(await fixture.run("plugin remove greet --dry-run", in: session).output == [row("Removed")])
        #expect(exists(target))
        #expect(await fixture.run("plugin remove greet", in: session).output == [row("Removed")])
        #expect(!exists(target))
        #expect(await fixture.run("greet x", in: session).error == "usage: unknown command greet")
        #expect(await fixture.run("plugin remove greet", in: session).error == "not_found: no plugin greet")
    }

    @Test func aLinkStaysALink() async {
        let fixture = fixture()
        let source = fixture.directory.path + "/new/greet.sh"
        #expect(await fixture.run("plugin add --link '\(source)'").error == nil)
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: fixture.folder + "/dsh-greet")
        #expect(link == source)
        unlink(source)
        #expect(await fixture.run("plugin remove greet").error == nil)
        #expect(await fixture.run("plugin remove greet").error == "not_found: no plugin greet")
        #expect(!exists(source))
    }

    @Test func aFileOfDefinitionsIsAddedWhole() async {
        let fixture = fixture()
        let source = fixture.directory.path + "/new/sums.dsh"
        #expect(await fixture.run("plugin add '\(source)' | map(.Name)").output == [#"["one","two"]"#])
        #expect(await fixture.run("one, two").output == [])
        #expect(await fixture.run("one\ntwo").output == ["1", "2"])
        #expect(await fixture.run("plugin remove two | map(.Name)").output == [#"["one","two"]"#])
    }

    @Test func whatIsNoPluginIsNotAdded() async {
        let fixture = fixture()
        let root = fixture.directory.path
        fixture.directory.write("new/plain", "no program")
        fixture.directory.write("new/none.dsh", "def quiet() { 1 }\n")
        fixture.directory.write("new/wrong.dsh", "# Wrong.\ndef wrong() { .a[ }\n")
        fixture.program("images", "#!/bin/sh\necho '{\"name\":\"images\",\"summary\":\"s\"}'\n", in: "new")
        let cases = [
            ("plugin add '\(root)/new/missing'", "not_found: no file"),
            ("plugin add '\(root)/new/plain'", "usage: \(root)/new/plain is no program that you may run"),
            ("plugin add '\(root)/new/none.dsh'", "usage: \(root)/new/none.dsh defines no command"),
            ("plugin add '\(root)/new/wrong.dsh'", "syntax: "),
            ("plugin add '\(root)/new/dsh-images'", "conflict: no plugin can be called images"),
            ("plugin add", "usage: plugin add needs a file"),
            ("plugin info ghost", "not_found: no plugin ghost"),
            ("plugin list x", "usage: plugin list takes no names"),
        ]
        for (line, error) in cases {
            let outcome = await fixture.run(line)
            #expect(outcome.error?.hasPrefix(error) == true, "\(line): \(outcome)")
        }
        #expect(!exists(fixture.folder + "/dsh-images"))
    }

    @Test func aFailedOneDoesNotStopTheOthers() async {
        let fixture = fixture()
        let root = fixture.directory.path
        let outcome = await fixture.run("plugin add '\(root)/new/missing' '\(root)/new/greet.sh' | map(.Name)")
        #expect(outcome.error?.hasPrefix("not_found: ") == true)
        #expect(outcome.output == [#"["greet"]"#])
    }

    @Test func infoTellsAll() async {
        let fixture = PluginFixture()
        fixture.python(
            "whole",
            metadata: """
                {"version": "9", "discussion": "Long.", "input": "values", "arguments": [{"name": "a", "kind": "file"}],
                 "options": [{"name": "o", "short": "o", "kind": "number", "default": 1}],
                 "result": {"kind": "stream", "fields": [{"name": "F", "kind": "bytes", "summary": "f", "column": "F"}]},
                 "examples": [{"line": "whole x", "note": "n"}]}
                """, "say('done')")
        let outcome = await fixture.run(
            "plugin info whole | [.Version, .Input, .Arguments[0].Kind, .Options[0].Default, .Fields[0].Kind, .Examples[0].Line]"
        )
        #expect(outcome.output == [#"["9","values","file",1,"bytes","whole x"]"#])
    }
}
