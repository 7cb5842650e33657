import Testing

@testable import HTTP

@Suite struct TargetTests {
    @Test(arguments: [
        ("localhost", true), ("LOCALHOST.", true), ("a.localhost", true), ("127.0.0.1", true), ("127.255.3.4", true),
        ("[::1]", true), ("::1", true), ("[::ffff:127.0.0.1]", true), ("128.0.0.1", false),
        ("localhost.example", false),
        ("notlocalhost", false), ("10.0.0.1", false), ("[::2]", false), ("127.0.0.1.example", false), ("", false),
    ])
    func knowsLoopback(_ host: String, _ expected: Bool) {
        #expect(Target.isLoopback(host: host) == expected)
    }

    @Test(arguments: [
        ("http://a.example", "http://a.example/", "a.example"), ("HTTPS://A.Example:443/x", "https://", "a.example"),
        ("http://[::1]:5000/v2/#f", "http://[::1]:5000/v2/", "[::1]:5000"),
    ])
    func parses(_ text: String, _ url: String, _ authority: String) throws {
        let target = try Target(text)
        #expect(target.url.lowercased().hasPrefix(url))
        #expect(target.authority == authority)
    }

    @Test(arguments: [
        ("/x", "http://a.example/x"), ("x?y=1", "http://a.example/b/x?y=1"), ("//c.example/", "http://c.example/"),
        ("?q", "http://a.example/b/c?q"), ("../../../up", "http://a.example/up"),
        ("https://d.example", "https://d.example/"),
    ])
    func resolves(_ reference: String, _ expected: String) throws {
        #expect(try Target("http://a.example/b/c").resolving(reference).url == expected)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\nb\tc", "a b c"), ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("left\u{202e}right", "left\\u{202e}right"), ("\u{9b}x\u{7f}", "\\u{9b}x\\u{7f}"), ("日本", "日本"),
        (String(repeating: "x", count: 400), String(repeating: "x", count: 300) + "…"),
    ])
    func outsideTextIsTamed(_ text: String, _ expected: String) {
        #expect(escaped(text) == expected)
    }
}

@Suite struct RetryAfterTests {
    /// 1994-11-06 08:49:00
    private let now: Int64 = 784_111_740

    @Test(
        arguments: [
            ("0", 0), (" 120 ", 120), ("999999999999999999999", 86400), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 37), ("Sun Nov  6 08:49:37 1994", 37),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("Fri, 01 Jan 2038 00:00:00 GMT", 86400),
        ] as [(String, Int64)])
    func reads(_ text: String, _ seconds: Int64) {
        #expect(RetryAfter.parse(text, now: now) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "-1", "1.5", "soon", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT", "1 2 3 4 5 6",
    ])
    func refuses(_ text: String) {
        #expect(RetryAfter.parse(text, now: now) == nil)
    }
}
