import JSON
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
    ])
    func bothWays(_ plain: String, _ coded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == coded)
        #expect(Base64.decode(coded) == Array(plain.utf8))
        #expect(Base64.decode(String(coded.filter { $0 != "=" })) == Array(plain.utf8))
    }

    @Test(arguments: ["A", "Zg=a", "Z!", "Zm9v\u{e9}"]) func whatIsNoneIsRefused(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
