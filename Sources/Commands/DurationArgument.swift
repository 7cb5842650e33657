import Shell

/// Spans of time as the user types them.
enum DurationArgument {
    private static let units: [(name: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604800),
    ]
    /// Longer than this is surely a mistake.
    private static let longest = 366 * 86400.0

    /// `2s`, `500ms`, `1m30s`, `1.5h`; a number alone is seconds, as in sh. Throws a usage error for what is none.
    static func parse(_ text: String) throws(ShellError) -> Duration {
        guard let seconds = seconds(text), seconds <= longest else {
            throw ShellError(
                .usage, "\(text) is no span of time", hint: "as in 500ms, 2s, 1m30s, 1.5h or 1d; at most 366d")
        }
        return .milliseconds(Int64((seconds * 1000).rounded()))
    }

    private static func seconds(_ text: String) -> Double? {
        var rest = text[...]
        var total = 0.0
        if let number = number(rest) { return number }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(letters.count)
            guard let number = number(digits), let unit = units.first(where: { $0.name == letters }) else { return nil }
            total += number * unit.seconds
        }
        return text.isEmpty ? nil : total
    }

    /// Digits with at most one point among them: no sign, no exponent, no `inf`.
    private static func number(_ text: Substring) -> Double? {
        guard text.contains(where: \.isNumber), text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else {
            return nil
        }
        return Double(text)
    }
}
