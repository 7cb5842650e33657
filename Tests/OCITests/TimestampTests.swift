import OCI
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
            ("2024-01-02T03:04:05.678901234567+01:00", "2024-01-02T03:04:05.678901234567+01:00"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            // Times, but not as RFC 3339 has them at its strictest.
            ("2024-01-02 03:04:05Z", "2024-01-02T03:04:05Z"), ("2024-01-02t03:04:05.5z", "2024-01-02T03:04:05.5Z"),
            ("yesterday", nil), ("", nil), ("-99999-01-01T00:00:00Z", nil), ("2024-01-02", nil),
            ("2024-01-02T03:04:05", nil), ("2023-02-29T00:00:00Z", nil), ("2024-04-31T00:00:00Z", nil),
            ("1900-02-29T00:00:00Z", nil), ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"),
        ] as [(String, String?)])
    func onlyTimesLeaveAsTimes(_ given: String, _ expected: String?) {
        #expect(Timestamp.text(of: given) == expected)
    }

    @Test func noTextIsNoTime() { #expect(Timestamp.text(of: nil) == nil) }
}
