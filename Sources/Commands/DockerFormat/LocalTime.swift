import Glibc

/// A moment in this machine's time zone, in the two texts that Docker's client writes: Go's `time.Time.String` and
/// RFC 3339.
struct LocalTime {
    private let parts: tm
    private let zone: String

    /// The time zone is `TZ`'s or the system's; UTC where that cannot be told.
    init(seconds: Int64) {
        var time = time_t(seconds)
        var parts = tm()
        if localtime_r(&time, &parts) == nil { gmtime_r(&time, &parts) }
        self.parts = parts
        zone = parts.tm_zone.map { String(cString: $0) } ?? "UTC"
    }

    /// `2024-01-27 01:30:48 +0100 CET`
    var goText: String { "\(date) \(clock) \(offset(separator: "")) \(zone == "GMT" && isUTC ? "UTC" : zone)" }

    /// `2024-01-27T01:30:48+01:00`, with `Z` for UTC.
    var rfc3339: String { "\(date)T\(clock)\(isUTC ? "Z" : offset(separator: ":"))" }

    private var isUTC: Bool { parts.tm_gmtoff == 0 }

    private var date: String {
        "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    }

    private var clock: String {
        "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    }

    private func offset(separator: String) -> String {
        let minutes = abs(parts.tm_gmtoff) / 60
        return "\(parts.tm_gmtoff < 0 ? "-" : "+")\(padded(minutes / 60, 2))\(separator)\(padded(minutes % 60, 2))"
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
