import Backend
import Foundation
import OCI
import Testing

@testable import Commands

@Suite struct ImageFilterArgumentTests {
    /// Moments without a zone are this machine's, as Docker has them.
    @Test(
        arguments: [
            ("2024-02-03T04:05:06Z", "2024-02-03T04:05:06Z"), ("2024-02-03T04:05:06.5+01:00", "2024-02-03T03:05:06Z"),
            ("2024-02-03T04:05:06", nil), ("2024-02-03T04:05", nil), ("2024-02-03T04", nil), ("2024-02-03", nil),
            ("1700000000", "2023-11-14T22:13:20Z"), ("0", "1970-01-01T00:00:00Z"),
        ] as [(String, String?)])
    func moments(_ text: String, _ exact: String?) throws {
        if let exact { return #expect(try ImageFilter.moment(text).seconds == Timestamp(exact)?.seconds) }
        let whole = text + String("0000-00-00T00:00:00".dropFirst(text.count))
        // Another test may change the zone between the two steps, once.
        let isLocal = try (0..<3).contains { _ in
            LocalTime(seconds: try ImageFilter.moment(text).seconds).rfc3339.hasPrefix(whole)
        }
        #expect(isLocal)
    }

    @Test func spansGoBackFromNow() throws {
        let moment = try ImageFilter.moment("1h30m")
        #expect(abs(Double(moment.seconds) + 5400 - Date().timeIntervalSince1970) < 5)
        for text in ["soon", "", "2024-13-01", "1d"] {
            #expect(throws: (any Error).self) { try ImageFilter.moment(text) }
        }
    }
}
