import Fixtures
import JSON
import Language
import Shell
import Testing

/// `.dsh` files of definitions.
@Suite struct DefinitionPluginTests {
    private static let file = """
        # A file of commands, and this comment is the file's.

        let unit = 10
        filter tenfold(f): f * 10;

        # Multiplies what is piped in.
        #
        # More about it.
        # @version 1.2
        # @input values
        # @returns stream
        # @field Value number the product
        # @example 1, 2 | times-ten --plus 1  # both
        def times-ten(
          --plus = 0,  # what to add
          --wrap       # as an object
        ) {
          if ($wrap) { {Value: (own-part)} } else { own-part | . + ($plus | tonumber) }
        }

        def own-part() { tenfold(.) }

        # The second.
        def second(a, rest…) { $unit, $a, $rest }
        """

    private func fixture(_ text: String = file) -> PluginFixture {
        let fixture = PluginFixture()
        fixture.directory.write("data/plugins/sums.dsh", text)
        return fixture
    }

    @Test func documentedDefinitionsAreCommands() async {
        let fixture = fixture()
        let session = fixture.session()
        #expect(await fixture.run("second 1 2 3", in: session).output == ["10", #""1""#, #"["2","3"]"#])
        #expect(session.plugins.names == ["second", "times-ten"])
        #expect(!session.isCommand("own-part"))
        // Its own names are not the caller's, nor the other way round.
        #expect(await fixture.run("let unit = 3\nsecond 1 | select(. == 10)", in: session).output == ["10"])
        #expect(await fixture.run("second 1; $unit").error == "usage: unknown variable $unit")
    }

    /// A check knows what they take and give.
    @Test func theyAreCheckedAsCommandsAre() {
        let fixture = fixture()
        let session = fixture.session()
        func report(_ line: String) -> String {
            ScriptLoader.report(ScriptLoader(session: session).check(Source(name: "a", text: line)))
        }
        #expect(report("1 | times-ten | .Value") == "")
        #expect(report("1 | times-ten | .Valeu").contains("times-ten gives no field Valeu"))
        #expect(report("second").contains("second needs a"))
        #expect(report("second 1 2 3") == "")
    }

    @Test func valuesArePipedIn() async {
        let fixture = PluginFixture()
        fixture.directory.write("data/plugins/half.dsh", "# Halves.\ndef half(--plus = 0) { . / 2 + $plus }\n")
        #expect(await fixture.run("2, 4 | half --plus (1)").output == ["2", "3"])
    }

    @Test func commentsAreItsHelp() async {
        let fixture = fixture()
        let expected = """
            times-ten — Multiplies what is piped in

            usage: times-ten [options]
                   … | times-ten        takes values from the pipe

            More about it.

            options:
              --plus VALUE  what to add
              --wrap        as an object

            returns objects, one after the other:
              Value: number  the product

            examples:
              # both
              1, 2 | times-ten --plus 1
            """
        for line in ["help times-ten", "times-ten --help", "1 | times-ten --plus 3 --help"] {
            #expect(await fixture.run(line).output == [JSONValue.string(expected).compact], "\(line)")
        }
        let listed = await fixture.run("plugin list | map({Name, Kind, Version, Status, Summary})")
        #expect(
            listed.output == [
                #"[{"Name":"second","Kind":"definitions","Version":"","Status":"ok","Summary":"The second"},"#
                    + #"{"Name":"times-ten","Kind":"definitions","Version":"1.2","Status":"ok","Summary":"Multiplies what is piped in"}]"#
            ])
    }

    @Test func theyFailAsDefinitionsDo() async {
        let fixture = fixture()
        #expect(await fixture.run("second").error == "usage: second needs a")
        #expect(await fixture.run("times-ten --pluss 1").error == "usage: times-ten has no option --pluss")
        let hint = await fixture.run("try { times-ten --pluss 1 } catch e { $e.hint }")
        #expect(hint.output == [#""did you mean --plus?""#])
    }

    @Test func aMistakeInTheFileIsShownThere() async {
        let fixture = fixture("# Fine.\ndef fine() { 1 }\n\n# Not.\ndef broken() { .a[ }\n")
        let outcome = await fixture.run("fine")
        #expect(outcome.error?.hasPrefix("syntax: ") == true, "\(outcome)")
        #expect(outcome.position?.hasPrefix("5:") == true, "\(outcome)")
    }

    @Test func loadingDoesNothingThatShows() async {
        let fixture = fixture("\"hello\"\n\n# Fine.\ndef fine() { 1 }\n")
        let outcome = await fixture.run("fine")
        #expect(
            outcome.error == "syntax: a plugin file holds definitions, `filter`, `let` and `source` alone", "\(outcome)"
        )
        #expect(outcome.position == "1:1")
    }

    @Test func aChangedFileIsLoadedAnew() async {
        let fixture = fixture("# One.\ndef one() { 1 }\n")
        #expect(await fixture.run("one").output == ["1"])
        fixture.directory.write("data/plugins/sums.dsh", "# One.\ndef one() { \"another\" }\n")
        #expect(await fixture.run("one").output == [#""another""#])
        fixture.directory.write("data/plugins/sums.dsh", "# Two.\ndef two() { 2 }\n")
        #expect(await fixture.run("two").output == ["2"])
        #expect(await fixture.run("one x").error == "usage: unknown command one")
    }

    @Test func pluginsMayCallPlugins() async {
        let fixture = PluginFixture()
        fixture.directory.write("data/plugins/a.dsh", "# A.\ndef aa() { bb | . + 1 }\n")
        fixture.directory.write("data/plugins/b.dsh", "# B.\ndef bb() { 41 }\n# Calls the other.\ndef cc() { aa }\n")
        #expect(await fixture.run("cc").output == ["42"])
    }
}
