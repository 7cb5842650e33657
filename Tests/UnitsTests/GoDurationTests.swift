import Testing
import Units

@Suite struct GoDurationTests {
    @Test(
        arguments: [
            ("1h30m", 5400e9), ("24h", 86_400e9), ("1.5h", 5400e9), ("0", 0), ("-5s", -5e9), ("+5s", 5e9),
            ("100ms", 1e8),
            ("1us", 1e3), ("1µs", 1e3), ("7ns", 7), (".5s", 5e8), ("1m30s500ms", 90.5e9), ("-0", 0),
        ] as [(String, Double)])
    func reads(_ text: String, _ nanoseconds: Double) throws {
        #expect(try GoDuration(text).nanoseconds == nanoseconds)
    }

    /// The messages are Go's.
    @Test(arguments: [
        ("", "time: invalid duration \"\""), ("-", "time: invalid duration \"-\""),
        ("1", "time: missing unit in duration \"1\""), ("1d", "time: unknown unit \"d\" in duration \"1d\""),
        ("abc", "time: invalid duration \"abc\""), ("1h2", "time: missing unit in duration \"1h2\""),
        ("1.2.3s", "time: invalid duration \"1.2.3s\""), ("99999999999h", "time: invalid duration \"99999999999h\""),
    ])
    func refuses(_ text: String, _ message: String) {
        #expect(throws: GoDuration.Invalid(message: message)) { try GoDuration(text) }
    }
}
