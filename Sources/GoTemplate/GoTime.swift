import JSON

/// A `time.Time`, read from RFC 3339 text, in the zone the text names.
struct GoTime {
    private(set) var year = 1
    private(set) var month = 1
    private(set) var day = 1
    private(set) var hour = 0
    private(set) var minute = 0
    private(set) var second = 0
    private(set) var nanosecond = 0
    /// Seconds east of UTC.
    private(set) var offset = 0

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// What is no time becomes Go's zero time.
    init(rfc3339 text: [UInt8]) {
        guard let parsed = Self.parse(text) else { return }
        self = parsed
    }

    private init() {}

    private static func parse(_ text: [UInt8]) -> GoTime? {
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= text.count, text[range].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                return nil
            }
            return Int(String(decoding: text[range], as: UTF8.self))
        }
        var time = GoTime()
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        (time.year, time.month, time.day, time.hour, time.minute, time.second) =
            (year, month, day, hour, minute, second)
        var index = 19
        if index < text.count, text[index] == UInt8(ascii: ".") {
            let digits = text[20...].prefix { $0 >= 0x30 && $0 <= 0x39 }
            let padded = String(decoding: digits.prefix(9), as: UTF8.self)
            time.nanosecond = Int(padded + String(repeating: "0", count: max(0, 9 - padded.utf8.count))) ?? 0
            index = 20 + digits.count
        }
        guard index < text.count else { return nil }
        if text[index] == UInt8(ascii: "Z") { return time }
        guard text.count == index + 6, let hours = number((index + 1)..<(index + 3)),
            let minutes = number((index + 4)..<(index + 6))
        else { return nil }
        time.offset = (hours * 3600 + minutes * 60) * (text[index] == UInt8(ascii: "-") ? -1 : 1)
        return time
    }

    // MARK: Numbers

    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    private var days: Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    var unix: Int { days * 86_400 + hour * 3600 + minute * 60 + second - offset }
    var weekday: Int { ((days + 4) % 7 + 7) % 7 }
    var isZero: Bool { unix == -62_135_596_800 && nanosecond == 0 }

    var yearDay: Int {
        var first = self
        (first.month, first.day) = (1, 1)
        return days - first.days + 1
    }

    /// The same moment in UTC.
    var utc: GoTime {
        var time = GoTime()
        let seconds = unix
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - day * 86_400
        (time.hour, time.minute, time.second) = (rest / 3600, rest / 60 % 60, rest % 60)
        time.nanosecond = nanosecond
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        time.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        time.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        time.year = yearOfEra + era * 400 + (time.month <= 2 ? 1 : 0)
        return time
    }

    // MARK: Text

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    private func zone(_ separator: String) -> String {
        let minutes = abs(offset) / 60
        return (offset < 0 ? "-" : "+") + Self.padded(minutes / 60, 2) + separator + Self.padded(minutes % 60, 2)
    }

    /// `.5`, without trailing zeros; nothing for none.
    private var fraction: String {
        guard nanosecond > 0 else { return "" }
        var digits = Self.padded(nanosecond, 9)
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }

    private var date: String { "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))" }
    private var clock: String { "\(Self.padded(hour, 2)):\(Self.padded(minute, 2)):\(Self.padded(second, 2))" }

    /// `2006-01-02 15:04:05.999999999 -0700 MST`.
    var description: String { "\(date) \(clock)\(fraction) \(zone("")) \(offset == 0 ? "UTC" : zone(""))" }

    var rfc3339: String { "\(date)T\(clock)\(fraction)" + (offset == 0 ? "Z" : zone(":")) }

    /// The struct behind it, which prints where no string is wanted.
    var fields: TemplateValue {
        let object: JSONValue = [
            "wall": .number(Double(nanosecond)), "ext": .number(Double(unix + 62_135_596_800)), "loc": .null,
        ]
        return TemplateValue(object, as: .structure(Self.structure))
    }

    private static let structure = TemplateType.Structure(
        "time.Time",
        [
            .init("wall", .integer(.uint64)), .init("ext", .int64),
            .init("loc", .pointer(.structure(TemplateType.Structure("time.Location", [])))),
        ])

    /// `%#v`.
    var goSyntax: String {
        let place = offset == 0 ? "time.UTC" : "time.Location(\"\")"
        return
            "time.Date(\(year), time.\(Self.months[month - 1]), \(day), \(hour), \(minute), \(second), \(nanosecond), "
            + place + ")"
    }

    /// `time.Format`: the reference time's parts in `layout` replaced by this time's.
    func formatted(_ layout: String) -> String {
        var output = ""
        var rest = Substring(layout)
        let parts = self.parts
        scanning: while !rest.isEmpty {
            for (pattern, text) in parts where rest.hasPrefix(pattern) {
                output += text
                rest = rest.dropFirst(pattern.count)
                continue scanning
            }
            output.append(rest.removeFirst())
        }
        return output
    }

    /// Layout elements, the longer before those they begin with.
    private var parts: [(String, String)] {
        let hour12 = hour % 12 == 0 ? 12 : hour % 12
        let monthName = Self.months[month - 1]
        let dayName = Self.weekdays[weekday]
        return [
            ("January", monthName), ("Jan", String(monthName.prefix(3))), ("Monday", dayName),
            ("Mon", String(dayName.prefix(3))), ("MST", offset == 0 ? "UTC" : zone("")), ("2006", Self.padded(year, 4)),
            ("Z07:00", offset == 0 ? "Z" : zone(":")), ("Z0700", offset == 0 ? "Z" : zone("")), ("-07:00", zone(":")),
            ("-0700", zone("")), (".000000000", "." + Self.padded(nanosecond, 9)),
            (".000000", "." + Self.padded(nanosecond / 1000, 6)),
            (".000", "." + Self.padded(nanosecond / 1_000_000, 3)),
            (".999999999", fraction), ("002", Self.padded(yearDay, 3)), ("01", Self.padded(month, 2)),
            ("02", Self.padded(day, 2)), ("03", Self.padded(hour12, 2)), ("04", Self.padded(minute, 2)),
            ("05", Self.padded(second, 2)), ("06", Self.padded(year % 100, 2)), ("15", Self.padded(hour, 2)),
            ("PM", hour < 12 ? "AM" : "PM"), ("pm", hour < 12 ? "am" : "pm"),
            ("_2", day < 10 ? " \(day)" : String(day)), ("1", String(month)), ("2", String(day)),
            ("3", String(hour12)), ("4", String(minute)), ("5", String(second)),
        ]
    }

    /// A `time.Duration` as Go prints it: `1m30s`, `1.5s`, `300ms`, `0s`.
    static func durationText(_ nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        func decimal(_ unit: UInt64) -> String {
            guard magnitude % unit > 0 else { return String(magnitude / unit) }
            var digits = String(magnitude % unit)
            digits = String(repeating: "0", count: String(unit).utf8.count - 1 - digits.utf8.count) + digits
            while digits.last == "0" { digits.removeLast() }
            return "\(magnitude / unit).\(digits)"
        }
        switch magnitude {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return "\(sign)\(decimal(1000))µs"
        case ..<1_000_000_000: return "\(sign)\(decimal(1_000_000))ms"
        default: break
        }
        let minutes = magnitude / 60_000_000_000
        var seconds = String(magnitude / 1_000_000_000 % 60)
        if magnitude % 1_000_000_000 > 0 {
            seconds += decimal(1_000_000_000).drop { $0 != "." }
        }
        let hours = minutes >= 60 ? "\(minutes / 60)h" : ""
        return sign + (minutes > 0 ? "\(hours)\(minutes % 60)m" : "") + seconds + "s"
    }
}
