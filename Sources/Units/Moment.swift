import Glibc

/// A point in time, for ages in tables.
package struct Moment: Hashable, Sendable {
    /// Seconds since 1970, and nanoseconds after them.
    package var seconds: Int64
    package var nanoseconds: Int

    package init(seconds: Int64, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Moment(seconds: Int64(time.tv_sec), nanoseconds: time.tv_nsec)
    }

    /// RFC 3339: `2024-01-02T03:04:05.678Z`, `…+01:00`; nil for anything else.
    package init?(_ text: String) {
        var text = text
        guard let moment = text.withUTF8({ Moment(rfc3339: $0) }) else { return nil }
        self = moment
    }

    /// Go's zero time, which Docker writes where there is none.
    package var isGoZero: Bool { seconds == -62_135_596_800 }

    private init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 20, bytes.count <= 40 else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[range] {
                guard byte >= 0x30 && byte <= 0x39 else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        func has(_ index: Int, _ characters: String) -> Bool {
            index < bytes.count && characters.utf8.contains(bytes[index])
        }
        guard has(4, "-"), has(7, "-"), has(10, "Tt "), has(13, ":"), has(16, ":"),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var index = 19
        var nanoseconds = 0
        if has(index, ".") {
            index += 1
            var scale = 100_000_000
            let start = index
            while let digit = number(index..<index + 1) {
                nanoseconds += Int(digit) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        var offset: Int64 = 0
        if has(index, "Zz") {
            index += 1
        } else {
            guard has(index, "+-"), has(index + 3, ":"), let hours = number(index + 1..<index + 3),
                let minutes = number(index + 4..<index + 6), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (has(index, "-") ? -60 : 60)
            index += 6
        }
        guard index == bytes.count else { return nil }
        self.seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.nanoseconds = nanoseconds
    }

    /// Days since 1970 of a Gregorian date (Howard Hinnant's days_from_civil).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
