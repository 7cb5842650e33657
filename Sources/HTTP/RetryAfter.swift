import Glibc

/// How long a server asks to wait.
package enum RetryAfter {
    /// What a `Retry-After` field says: whole seconds or an HTTP date (RFC 9110 section 10.2.3), nil where it is
    /// neither. `now` is in seconds since 1970. Never negative and never more than a day.
    package static func parse(_ value: String, now: Int64 = Int64(time(nil))) -> Duration? {
        let text = value.trimmingSpaces()
        let longest: Int64 = 86400
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            return .seconds(min(Int64(text) ?? longest, longest))
        }
        guard let date = httpDate(text) else { return nil }
        return .seconds(min(max(date - now, 0), longest))
    }

    /// Seconds since 1970 of an HTTP date in any of its three forms (RFC 9110 section 5.6.7), nil where it is none.
    package static func httpDate(_ text: String) -> Int64? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        // Sun, 06 Nov 1994 08:49:37 GMT | Sunday, 06-Nov-94 08:49:37 GMT | Sun Nov  6 08:49:37 1994
        let day: String
        let month: String
        let year: String
        let clock: String
        switch (words.count, words.count > 1 ? Int(words[1]) : nil) {
        case (6, .some): (day, month, year, clock) = (words[1], words[2], words[3], words[4])
        case (5, .none): (day, month, year, clock) = (words[2], words[1], words[4], words[3])
        default: return nil
        }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let monthNumber = months.firstIndex(of: month), let dayNumber = Int(day), (1...31).contains(dayNumber),
            var yearNumber = Int(year), (0...9999).contains(yearNumber)
        else { return nil }
        if year.utf8.count == 2 { yearNumber += yearNumber < 70 ? 2000 : 1900 }
        let times = clock.split(separator: ":").compactMap { Int($0) }
        guard times.count == 3, (0...23).contains(times[0]), (0...59).contains(times[1]), (0...60).contains(times[2])
        else { return nil }
        return daysSince1970(year: yearNumber, month: monthNumber + 1, day: dayNumber) * 86400
            + Int64(times[0] * 3600 + times[1] * 60 + times[2])
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar.
    package static func daysSince1970(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return Int64(era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468)
    }
}

extension String {
    /// Without spaces and tabs at either end.
    package func trimmingSpaces() -> String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
