import Testing
import Units

/// Expected texts are what docker/go-units prints.
@Suite struct HumanUnitsTests {
    @Test(
        arguments: [
            (0, "0B", "0B"), (1, "1B", "1B"), (999, "999B", "999B"), (1000, "1kB", "1kB"), (1001, "1kB", "1.001kB"),
            (1049, "1.05kB", "1.049kB"), (1045, "1.04kB", "1.045kB"), (1055, "1.05kB", "1.055kB"),
            (12345, "12.3kB", "12.35kB"), (72_500_000, "72.5MB", "72.5MB"), (187_123_456, "187MB", "187.1MB"),
            (43_250_000, "43.2MB", "43.25MB"), (999_499, "999kB", "999.5kB"), (999_700, "1e+03kB", "999.7kB"),
            (999_970, "1e+03kB", "1000kB"), (999_949_999, "1e+03MB", "999.9MB"), (1_095_000_000, "1.09GB", "1.095GB"),
            (130_000_000, "130MB", "130MB"), (5_300_000_000_000, "5.3TB", "5.3TB"), (Int64.max, "9.22EB", "9.223EB"),
            (-1, "-1B", "-1B"), (100, "100B", "100B"), (10_000, "10kB", "10kB"), (2_746_000, "2.75MB", "2.746MB"),
        ] as [(Int64, String, String)])
    func sizes(_ bytes: Int64, _ three: String, _ four: String) {
        #expect(HumanUnits.size(bytes) == three)
        #expect(HumanUnits.size(bytes, digits: 4) == four)
    }

    @Test(
        arguments: [
            (-5, "Less than a second"), (0, "Less than a second"), (1, "1 second"), (2, "2 seconds"),
            (59, "59 seconds"),
            (60, "About a minute"), (119, "About a minute"), (120, "2 minutes"), (3599, "59 minutes"),
            (3600, "About an hour"), (5399, "About an hour"), (5400, "2 hours"), (47 * 3600 + 1799, "47 hours"),
            (47 * 3600 + 1800, "2 days"), (48 * 3600, "2 days"), (13 * 86_400 + 23 * 3600, "13 days"),
            (14 * 86_400, "2 weeks"), (21 * 86_400, "3 weeks"), (59 * 86_400, "8 weeks"), (60 * 86_400, "2 months"),
            (729 * 86_400, "24 months"), (730 * 86_400, "2 years"), (365 * 5 * 86_400 - 1, "4 years"),
        ] as [(Int64, String)])
    func durations(_ seconds: Int64, _ expected: String) {
        #expect(HumanUnits.duration(nanoseconds: seconds * 1_000_000_000) == expected)
    }

    @Test func agesSaturateAsGoDurationsDo() {
        let now = Moment(seconds: 1_700_000_000)
        #expect(HumanUnits.age(of: Moment(seconds: -62_135_596_800), at: now) == "292 years ago")
        #expect(HumanUnits.age(of: Moment(seconds: .min), at: now) == "292 years ago")
        #expect(HumanUnits.age(of: Moment(seconds: .max), at: now) == "Less than a second ago")
        #expect(HumanUnits.age(of: Moment(seconds: 1_699_999_998, nanoseconds: 1), at: now) == "1 second ago")
    }

    @Test(
        arguments: [
            (-3600, "About an hour ago"), (0, "Less than a second ago"), (59, "Less than a second ago"),
            (60, "in about a minute"), (86_400 * 21, "in 3 weeks"), (86_400 * 365 * 3, "in 3 years"),
            (Int64.max - 1_700_000_000, "in 292471208623 years"), (31_536_000 * 7900, "in 7900 years"),
        ] as [(Int64, String)])
    func distances(_ seconds: Int64, _ expected: String) {
        let now = Moment(seconds: 1_700_000_000)
        #expect(HumanUnits.distance(of: Moment(seconds: now.seconds + seconds), at: now) == expected)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2024-02-29T12:34:56.789Z", 1_709_210_096, 789_000_000),
            ("2024-02-29T12:34:56+02:00", 1_709_202_896, 0), ("1969-12-31T23:59:59Z", -1, 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0), ("2024-02-29t12:34:56.000000001z", 1_709_210_096, 1),
        ] as [(String, Int64, Int)])
    func moments(_ text: String, _ seconds: Int64, _ nanoseconds: Int) {
        #expect(Moment(text) == Moment(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(arguments: ["", "2024-02-29", "2024-13-01T00:00:00Z", "2024-02-29T12:34:56", "2024-02-29T12:34:56.Z", "x"])
    func noMoments(_ text: String) {
        #expect(Moment(text) == nil)
    }

    @Test(arguments: [(5, "5s"), (65, "1m05s"), (3700, "1h01m"), (90_000, "1d01h"), (-1, "0s")])
    func remaining(_ seconds: Int, _ expected: String) {
        #expect(HumanUnits.remaining(seconds: seconds) == expected)
    }
}
