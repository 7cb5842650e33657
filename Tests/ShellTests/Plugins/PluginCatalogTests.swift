import Fixtures
import Foundation
import JSON
import Shell
import Testing

/// How plugins are found, and when they are asked about themselves.
@Suite struct PluginCatalogTests {
    /// A plugin that notes each start in a file.
    private func counted(_ fixture: PluginFixture, summary: String = "first") -> String {
        let log = fixture.directory.path + "/starts"
        return """
            #!/bin/sh
            echo "$1" >> '\(log)'
            [ "$1" = metadata ] && echo '{"protocol":1,"name":"counted","summary":"\(summary)"}' && exit
            read -r line; echo '{"type":"hello","protocol":1}'; read -r call; echo '{"type":"done"}'
            """
    }

    private func starts(_ fixture: PluginFixture) -> [String] {
        (readFile(fixture.directory.path + "/starts").map { String(decoding: $0, as: UTF8.self) } ?? "")
            .split(separator: "\n").map(String.init)
    }

    @Test func metadataIsAskedOnceForAllSessions() async throws {
        let fixture = PluginFixture()
        fixture.program("counted", counted(fixture))
        #expect(await fixture.run("counted; counted").error == nil)
        #expect(starts(fixture) == ["metadata", "run", "run"])
        #expect(await fixture.run("counted --help").output.count == 1)
        #expect(await fixture.run("help counted").output.count == 1)
        #expect(starts(fixture).count { $0 == "metadata" } == 1)
    }

    @Test func aChangedFileIsAskedAgain() async throws {
        let fixture = PluginFixture()
        let path = fixture.program("counted", counted(fixture))
        #expect(await fixture.run("help counted").output.first?.contains("first") == true)
        fixture.program("counted", counted(fixture, summary: "a longer one"))
        #expect(await fixture.run("help counted").output.first?.contains("a longer one") == true)
        // The same size at another time counts, too.
        #expect(runTool("touch", "-d", "2001-02-03", path).code == 0)
        _ = await fixture.run("help counted")
        #expect(starts(fixture) == ["metadata", "metadata", "metadata"])
        // And a cache that is damaged only costs the asking again.
        writeFile(fixture.cache, Array("{\"Version\":1,\"Files\":[".utf8))
        _ = await fixture.run("help counted")
        #expect(starts(fixture).count == 4)
        let text = readFile(fixture.cache).map { String(decoding: $0, as: UTF8.self) } ?? ""
        #expect(text.contains("a longer one"))
    }

    @Test func findingAndListingStartNothing() async {
        let fixture = PluginFixture()
        fixture.program("counted", counted(fixture))
        let plugins = fixture.session().plugins
        #expect(plugins.contains("counted"))
        #expect(!plugins.contains("uncounted"))
        #expect(plugins.all(onPath: true).map(\.name) == ["counted"])
        #expect(
            await fixture.run("help | map(select(.Category == \"Plugins\")) | .[0].Summary").output
                == [#""not asked yet: `help counted` does""#])
        #expect(starts(fixture).isEmpty)
    }

    @Test func aMissingCacheDirectoryIsMadeAndAReadOnlyOneDoesNoHarm() async {
        let fixture = PluginFixture()
        fixture.program("counted", counted(fixture))
        fixture.directory.write("cache", "a file where a directory should be")
        #expect(await fixture.run("counted").error == nil)
        #expect(await fixture.run("counted").error == nil)
        #expect(starts(fixture) == ["metadata", "run", "metadata", "run"])
    }

    @Test func theFirstOnThePathCounts() async {
        let fixture = PluginFixture()
        let say = { (text: String) in
            "#!/bin/sh\n[ \"$1\" = metadata ] && echo '{\"name\":\"who\",\"summary\":\"s\"}' && exit\n"
                + "read -r l; echo '{\"type\":\"hello\",\"protocol\":1}'; read -r c\n"
                + "echo '{\"type\":\"value\",\"value\":\"\(text)\"}'; echo '{\"type\":\"done\"}'\n"
        }
        let root = fixture.directory.path
        fixture.program("who", say("path"), in: "bin")
        let environment = ["PATH": "relative:\(root)/bin", "DSH_PLUGIN_PATH": "\(root)/first:\(root)/second:other"]
        #expect(await fixture.run("who", in: fixture.session(environment: environment)).output == [#""path""#])
        fixture.program("who", say("own"))
        #expect(await fixture.run("who", in: fixture.session(environment: environment)).output == [#""own""#])
        fixture.program("who", say("second"), in: "second")
        #expect(await fixture.run("who", in: fixture.session(environment: environment)).output == [#""second""#])
        fixture.directory.write("first/who.dsh", "# Says it itself.\ndef who() { \"first\" }\n")
        let session = fixture.session(environment: environment)
        #expect(await fixture.run("who", in: session).output == [#""first""#])
        let shadowed = session.plugins.all(onPath: true).filter(\.isShadowed)
        #expect(shadowed.count == 3)
        #expect(await fixture.run("def who() { \"mine\" }\nwho", in: session).output == [#""mine""#])
    }

    @Test(arguments: ["length", "images", "if", "keys", "let", "help", "human", "UPPER", "a.b", ""])
    func someWordsAreNoPlugin(name: String) async {
        let fixture = PluginFixture()
        fixture.program(name, counted(fixture))
        #expect(!fixture.session().plugins.contains(name))
        if name == "length" { #expect(await fixture.run("[1, 2] | length").output == ["2"]) }
        #expect(starts(fixture).isEmpty)
    }

    @Test func whatAnyoneMayWriteToIsNotRun() async {
        let fixture = PluginFixture()
        let path = fixture.program("counted", counted(fixture))
        chmod(path, 0o777)
        #expect(
            await fixture.run("counted").error?.hasPrefix("external: the plugin counted is not run: anyone may") == true
        )
        chmod(path, 0o755)
        chmod(fixture.folder, 0o777)
        #expect(
            await fixture.run("counted").error?.hasPrefix("external: the plugin counted is not run: anyone may") == true
        )
        #expect(starts(fixture).isEmpty)
        chmod(fixture.folder, 0o755)
        #expect(await fixture.run("counted").error == nil)
    }

    @Test func completionsComeFromThePlugin() async {
        let fixture = PluginFixture()
        fixture.python(
            "offer", metadata: #"{"completes": True, "options": [{"name": "of"}]}"#,
            """
            assert call["type"] == "complete"
            names = [call["prefix"] + "1", {"text": call["prefix"] + "2", "summary": str(call["option"])}]
            say("candidates", candidates=names + ["", 5])
            """)
        fixture.shell("silent", metadata: #""completes":true"#, "hello; trap '' TERM; sleep 60")
        fixture.shell("broken", metadata: #""completes":true"#, "hello; echo garbage")
        let plugins = fixture.session().plugins
        // Not asked about itself yet: nothing is started for a Tab.
        #expect(await plugins.candidates(of: "offer", words: [], prefix: "a", option: nil).isEmpty)
        for name in ["offer", "silent", "broken"] { _ = try? await plugins.metadata(name) }
        let found = await plugins.candidates(of: "offer", words: ["--of"], prefix: "a", option: "--of")
        #expect(found.map(\.text) == ["a1", "a2"])
        #expect(found.map(\.summary) == ["", "--of"])
        let start = ContinuousClock.now
        #expect(await plugins.candidates(of: "silent", words: [], prefix: "", option: nil).isEmpty)
        #expect(await plugins.candidates(of: "broken", words: [], prefix: "", option: nil).isEmpty)
        #expect(ContinuousClock.now - start < .seconds(30))
    }
}
