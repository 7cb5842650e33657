import Terminal
import Testing

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("nginx", "nginx"), ("日本語 ß 👩‍👧", "日本語 ß 👩‍👧"), ("a\u{1B}[2Jb", "a\\x1b[2Jb"), ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\u{9B}31m", "\\x9b31m"), ("\u{7F}", "\\x7f"), ("\0", "\\x00"), ("a\u{202E}b", "a\\u202eb"),
        ("\u{2066}x\u{2069}", "\\u2066x\\u2069"), ("\u{61C}", "\\u061c"), ("\u{FEFF}", "\\ufeff"),
        ("\u{E0041}", "\\u{e0041}"), ("\u{2028}", "\\u2028"), ("…—€", "…—€"), ("（全角）", "（全角）"),
    ])
    func lines(_ text: String, _ expected: String) {
        #expect(SafeText.line(text) == expected)
    }

    @Test func blocksKeepTheirLines() {
        #expect(SafeText.block("a\n\tb\u{1B}]0;x\u{7}\n") == "a\n\tb\\x1b]0;x\\x07\n")
    }

    /// The look at the bytes and the look at the characters agree on every character of the first plane, and where tags are.
    @Test func bytesAndCharactersAgree() {
        var wrong: [UInt32] = []
        for value in Array(UInt32(0)...0xFFFF) + Array(0xE0000...0xE0200) + Array(0xFFFF0...0x100010) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a" + String(Character(scalar)) + "b"
            if SafeText.isUnsafe(scalar) != (SafeText.line(text) != text) { wrong.append(value) }
        }
        #expect(wrong.isEmpty)
    }
}
