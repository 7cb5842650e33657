/// A text of Go's `time.ParseDuration`: `1h30m`, `24h`, `1.5h`, `0`.
package struct GoDuration: Sendable {
    /// Why a text is no duration, in Go's words.
    package struct Invalid: Error, Sendable, Equatable {
        package let message: String

        package init(message: String) { self.message = message }
    }

    package let nanoseconds: Double

    /// Whole seconds, cut.
    package var seconds: Int64 { Int64(nanoseconds / 1e9) }

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    /// Throws for anything else, and beyond Go's 292 years.
    package init(_ text: String) throws(Invalid) {
        let invalid = Invalid(message: "time: invalid duration \"\(text)\"")
        var rest = text[...]
        var sign = 1.0
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            rest = rest.dropFirst()
        }
        if rest == "0" {
            nanoseconds = 0
            return
        }
        guard !rest.isEmpty else { throw invalid }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !$0.isNumber && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let amount = Double(number) else { throw invalid }
            guard !unit.isEmpty else { throw Invalid(message: "time: missing unit in duration \"\(text)\"") }
            guard let scale = GoDuration.units[String(unit)] else {
                throw Invalid(message: "time: unknown unit \"\(unit)\" in duration \"\(text)\"")
            }
            total += amount * scale
        }
        guard total < 9.2e18 else { throw invalid }
        nanoseconds = sign * total
    }
}
