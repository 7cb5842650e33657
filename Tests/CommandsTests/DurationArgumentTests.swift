import Shell
import Testing

@testable import Commands

@Suite struct DurationArgumentTests {
    static let spans: [(String, Duration)] = [
        ("2s", .seconds(2)), ("500ms", .milliseconds(500)), ("0", .zero), ("3", .seconds(3)),
        (".5", .milliseconds(500)), ("1.5", .milliseconds(1500)), ("1m30s", .seconds(90)), ("1.5h", .seconds(5400)),
        ("1h1ms", .milliseconds(3_600_001)), ("366d", .seconds(366 * 86400)),
    ]

    @Test(arguments: spans) func reads(_ text: String, _ duration: Duration) throws {
        #expect(try DurationArgument.parse(text) == duration)
    }

    @Test(arguments: [
        "", " ", "s", "1x", "-1s", "1 s", "1e3", "inf", "nan", "1.2.3s", ".", "ms", "1s2", "367d", "1S", "0x10", "١s",
        String(repeating: "9", count: 400),
    ]) func refuses(_ text: String) {
        #expect(throws: ShellError.self) { try DurationArgument.parse(text) }
    }
}
