import Language
import Testing

@Suite struct HelpTests {
    /// Words of the language are explained, too, by the lines of the grammar that show them.
    @Test(arguments: [
        ("exit", "'exit' value?"), ("for", "'for' NAME 'in' condition"), ("let", "'let' NAME '=' value"),
        ("else", "'if' condition block"), ("catch", "'try' block"), ("source", "'source' word"),
    ])
    func aWordOfTheLanguage(word: String, line: String) throws {
        #expect(try #require(Grammar.statement(word)).contains(line))
    }

    /// A `def` is told by its comments, and comes before a command of the same name.
    @Test func onesOwnCommands() async {
        let text = """
            # Finds large images.
            #
            # More about it.
            def large(
              size,         # bytes
              --all         # those without a name, too
            ) { images | map(select(.Size > $size)) }
            def images() { 1 }
            help large
            help images
            help | map(select(.Category == "Yours")) | map(.Name, .Summary)
            """
        let outcome = await run(text)
        #expect(
            outcome.values.first?.replacing("\\n", with: "\n") == """
                "Finds large images.

                More about it.

                usage: large size [--all]

                  size   bytes
                  --all  those without a name, too

                defined at test.dsh:4"
                """)
        #expect(outcome.values.dropFirst().first == #""usage: images\n\ndefined at test.dsh:8""#)
        #expect(outcome.values.last == #"["images","defined at test.dsh:8","large","Finds large images."]"#)
        #expect(await run("def mine() { 1 }; help mien").hint == "did you mean `help mine`?")
    }

    @Test(arguments: ["nope", "", "'", "condition"]) func anyOtherWord(word: String) {
        #expect(Grammar.statement(word) == nil)
    }
}
