import Terminal
import Testing

@Suite struct TextWidthTests {
    @Test(arguments: [
        ("", 0), ("nginx", 5), ("日本語", 6), ("ｆｕｌｌ", 8), ("한국", 4), ("e\u{301}", 1), ("🐳", 2), ("👩‍👩‍👧", 2), ("🇩🇪", 2),
        ("👍🏽", 2), ("✔", 1), ("✔️", 2), ("…", 1), ("ß", 1), ("a\u{200D}b", 2), ("क्ष", 2),
    ])
    func measures(_ text: String, _ columns: Int) {
        #expect(TextWidth.of(text) == columns)
    }

    @Test(arguments: [
        ("nginx", 5, "nginx"), ("nginx", 4, "ngi…"), ("nginx", 1, "…"), ("nginx", 0, ""), ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("日本語", 2, "…"), ("🐳🐳🐳", 5, "🐳🐳…"),
    ])
    func clips(_ text: String, _ columns: Int, _ expected: String) {
        #expect(TextWidth.clipped(text, to: columns) == expected)
    }
}
