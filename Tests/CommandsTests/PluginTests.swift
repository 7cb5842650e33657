import Testing

/// `plugin` where there are no plugins; with them it is tested beside the catalog, in ShellTests.
@Suite struct PluginTests {
    static let lines = [
        Line("plugin", "[]"),
        Line("plugin list", "[]"),
        Line("plugin list x", error: "usage: plugin list takes no names"),
        Line("plugin add", error: "usage: plugin add needs a file"),
        Line("plugin add /no/such/file", error: "not_found: no file /no/such/file: No such file or directory"),
        Line("plugin remove", error: "usage: plugin remove needs a name"),
        Line("plugin remove nothing", error: "not_found: no plugin nothing"),
        Line("plugin remove ../x /etc/passwd --dry-run", error: "not_found: no plugin ../x"),
        Line("plugin info nothing", error: "not_found: no plugin nothing"),
        Line("help | map(select(.Category == \"Plugins\"))", "[]"),
    ]

    @Test(arguments: lines) func gives(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
    }
}
