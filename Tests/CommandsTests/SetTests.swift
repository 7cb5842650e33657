import Shell
import Testing

@Suite struct SetTests {
    @Test func listsAll() async {
        let outcome = await run("set | map(.Name), map(.Value)")
        #expect(
            outcome.values == [
                #"["output","colour","progress","trace","prompt"]"#, #"["auto","auto","auto","off","dsh>"]"#,
            ])
    }

    static let lines = [
        Line("set output yaml; set output | .[0].Value", #""yaml""#),
        Line("set color never; set colour | .[0] | [.Name, .Value]", #"["colour","never"]"#),
        Line("set prompt 'a  b>'; set prompt | .[0].Value", #""a  b>""#),
        Line("set prompt a -x; set prompt | .[0].Value", #""a -x""#),
        Line("set output xml", error: "usage: output cannot be xml"),
        Line("set outptu json", error: "usage: there is no setting outptu"),
    ]

    @Test(arguments: lines) func gives(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
    }

    @Test func everyInitialValueIsAllowed() throws {
        let settings = Settings()
        for definition in Settings.definitions { try settings.set(definition.name, to: definition.initial) }
        for definition in Settings.definitions { #expect(settings[definition.name] == definition.initial) }
    }

    @Test func tellsWhatWasMeant() async {
        #expect(await run("set outptu json").hint?.hasPrefix("did you mean output?") == true)
        #expect(await run("set output jsn").hint?.hasPrefix("did you mean json?") == true)
    }
}
