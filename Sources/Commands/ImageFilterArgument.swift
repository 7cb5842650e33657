import Backend
import Glibc
import OCI
import Shell
import Units

extension ImageFilter {
    /// The keys that `--filter` takes.
    static let keys = ["before", "dangling", "label", "label!", "reference", "since", "until"]

    /// Parses `KEY=VALUE` as Docker's `--filter` takes it. Throws a usage error.
    static func parse(_ text: String) throws(ShellError) -> ImageFilter {
        guard let equals = text.firstIndex(of: "=") else {
            throw ShellError(
                .usage, "invalid argument \"\(text)\" for --filter: expected KEY=VALUE",
                hint: "keys: \(keys.joined(separator: ", "))")
        }
        let key = text[..<equals].trimmingSpaces.lowercased()
        let value = String(text[text.index(after: equals)...].trimmingSpaces)
        switch key {
        case "dangling":
            switch value.lowercased() {
            case "true", "1", "t": return .dangling(true)
            case "false", "0", "f": return .dangling(false)
            default: throw ShellError(.usage, "invalid filter 'dangling=\(value)': expected true or false")
            }
        case "label", "label!":
            let name = value.prefix { $0 != "=" }
            let rest = value.count > name.count ? String(value.dropFirst(name.count + 1)) : nil
            return key == "label" ? .label(key: String(name), value: rest) : .notLabel(key: String(name), value: rest)
        case "before": return .before(value)
        case "since": return .since(value)
        case "reference": return .reference(value)
        case "until": return .until(try moment(value))
        default:
            throw ShellError(
                .usage, "invalid filter '\(key)'", hint: "keys: \(keys.joined(separator: ", "))")
        }
    }

    /// A moment as Docker takes it (moby `api/types/time/timestamp.go`): RFC 3339, a date, or a date and a time without a
    /// zone, which are this machine's; seconds since 1970; or a Go duration back from now.
    static func moment(_ text: String) throws(ShellError) -> Timestamp {
        if let exact = Timestamp(text) { return exact }
        for rest in ["Z", ":00Z", ":00:00Z", "T00:00:00Z"] {
            if let plain = Timestamp(text + rest) { return local(plain) }
        }
        if let seconds = Int64(text) { return Timestamp(seconds: seconds) }
        if let duration = try? GoDuration(text) {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            return Timestamp(seconds: Int64(now.tv_sec) - duration.seconds)
        }
        throw ShellError(
            .usage, "invalid time \"\(text)\"",
            hint: "give a duration such as 24h, a date such as 2024-01-31, or RFC 3339")
    }
}

extension ImageFilter {
    /// The moment at which clocks here show what `plain` shows in UTC.
    private static func local(_ plain: Timestamp) -> Timestamp {
        var seconds = time_t(plain.seconds)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return plain }
        parts.tm_isdst = -1
        let local = mktime(&parts)
        return local == -1 ? plain : Timestamp(seconds: Int64(local), nanoseconds: plain.nanoseconds)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
