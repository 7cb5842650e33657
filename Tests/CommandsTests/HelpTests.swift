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

    @Test(arguments: ["nope", "", "'", "condition"]) func anyOtherWord(word: String) {
        #expect(Grammar.statement(word) == nil)
    }
}
