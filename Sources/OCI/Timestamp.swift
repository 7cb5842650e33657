/// A moment as images and registries write it. RFC 3339, section 5.6.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Seconds since 1970, UTC.
    package let seconds: Int64
    package let nanoseconds: Int64

    package init(seconds: Int64, nanoseconds: Int64 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// A text as it stands where it is RFC 3339, written strictly where it is not quite (`2024-01-02 03:04:05z`), and nil
    /// where it is no time: what may leave dsh as one.
    package static func text(of given: String?) -> String? {
        guard let given, let moment = Timestamp(given) else { return nil }
        let bytes = Array(given.utf8)
        return bytes[10] == UInt8(ascii: "T") && bytes.last != UInt8(ascii: "z") ? given : moment.rfc3339
    }

    /// Parses `2024-01-02T03:04:05[.fraction](Z|±hh:mm)`; nil for anything else.
    package init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ Timestamp(Reader(bytes: $0)) }) else { return nil }
        self = parsed
    }

    private init?(_ start: Reader) {
        var reader = start
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T", "t", " "), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            (1...12).contains(month), (1...Timestamp.daysOfMonth(month, year)).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        var offset: Int64 = 0
        if !reader.skip("Z", "z") {
            let sign: Int64 = reader.peek == UInt8(ascii: "-") ? -1 : 1
            guard reader.skip("+", "-"), let hours = reader.number(2), reader.skip(":"), let minutes = reader.number(2)
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard reader.isAtEnd else { return nil }
        let days = Timestamp.days(year: year, month: month, day: day)
        self.init(seconds: days * 86400 + hour * 3600 + minute * 60 + second - offset, nanoseconds: nanoseconds)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// `2024-01-02T03:04:05Z`, with nine digits of fraction where there is one and no zeros at its end.
    package var rfc3339: String {
        let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let rest = seconds - days * 86400
        let (year, month, day) = Timestamp.date(days: days)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
        text += "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
        if nanoseconds > 0 {
            var fraction = padded(nanoseconds, 9)[...]
            while fraction.last == "0" { fraction = fraction.dropLast() }
            text += "." + fraction
        }
        return text + "Z"
    }

    private static func daysOfMonth(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // Howard Hinnant's days_from_civil and civil_from_days, which hold for the whole proleptic Gregorian calendar.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146097 + dayOfEra - 719468
    }

    private static func date(days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719468
        let era = (shifted >= 0 ? shifted : shifted - 146096) / 146097
        let dayOfEra = shifted - era * 146097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var offset = 0

        var isAtEnd: Bool { offset == bytes.count }
        var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

        mutating func skip(_ choices: Unicode.Scalar...) -> Bool {
            guard let peek, choices.contains(where: { $0.value == UInt32(peek) }) else { return false }
            offset += 1
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let peek, (0x30...0x39).contains(peek) else { return nil }
                value = value * 10 + Int64(peek - 0x30)
                offset += 1
            }
            return value
        }

        /// Digits after the point as nanoseconds; more than nine are cut.
        mutating func fraction() -> Int64? {
            var value: Int64 = 0
            var count = 0
            while let peek, (0x30...0x39).contains(peek) {
                if count < 9 { value = value * 10 + Int64(peek - 0x30) }
                count += 1
                offset += 1
            }
            guard count > 0 else { return nil }
            for _ in min(count, 9)..<9 { value *= 10 }
            return value
        }
    }
}
