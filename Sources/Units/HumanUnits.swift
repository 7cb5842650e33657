/// Sizes and durations in the words of the Docker CLI (docker/go-units), to the letter.
package enum HumanUnits {
    private static let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]

    /// A size in bytes, base 1000: `187MB`. Three digits as `images` and `history` show it, four as `df` and `prune`
    /// do. As Go's `%.3g`, so 999700 bytes are `1e+03kB`.
    package static func size(_ bytes: Int64, digits: Int = 3) -> String {
        size(Double(bytes), digits: digits)
    }

    /// See `size(_:digits:)`.
    package static func size(_ bytes: Double, digits: Int = 3) -> String {
        var output: [UInt8] = []
        appendSize(bytes, digits: digits, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends what `size(_:digits:)` gives.
    package static func appendSize(_ bytes: Double, digits: Int, to output: inout [UInt8]) {
        var size = bytes.isFinite ? bytes : 0
        var unit = 0
        // Repeated division, not one by a power: the rounding errors are then Go's own.
        while size >= 1000 && unit < units.count - 1 {
            size /= 1000
            unit += 1
        }
        appendGeneral(size, digits: digits, to: &output)
        output.append(contentsOf: units[unit].utf8)
    }

    /// A duration as `docker` words it: `Less than a second`, `About a minute`, `3 weeks`. Nanoseconds, as Go has them.
    package static func duration(nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let minutes = seconds / 60
        // Go adds half an hour to a floating number of hours and cuts it.
        let wholeHours = seconds / 3600
        let hours = nanoseconds % 3_600_000_000_000 >= 1_800_000_000_000 ? wholeHours + 1 : wholeHours
        switch (seconds, minutes, hours) {
        case (..<1, _, _): return "Less than a second"
        case (1, _, _): return "1 second"
        case (..<60, _, _): return "\(seconds) seconds"
        case (_, 1, _): return "About a minute"
        case (_, ..<60, _): return "\(minutes) minutes"
        case (_, _, 1): return "About an hour"
        case (_, _, ..<48): return "\(hours) hours"
        case (_, _, ..<(24 * 7 * 2)): return "\(hours / 24) days"
        case (_, _, ..<(24 * 30 * 2)): return "\(hours / 24 / 7) weeks"
        case (_, _, ..<(24 * 365 * 2)): return "\(hours / 24 / 30) months"
        default: return "\(wholeHours / 24 / 365) years"
        }
    }

    /// How long ago a moment was, or how far ahead it is, which Docker does not tell: `3 weeks ago`, `in 2 years`. A clock
    /// that is wrong by a minute does not make a future.
    package static func distance(of moment: Moment, at now: Moment) -> String {
        // Halves: the difference of two numbers from outside may not fit.
        let seconds = (moment.seconds / 2 - now.seconds / 2).multipliedReportingOverflow(by: 2)
        guard seconds.partialValue >= 60 || seconds.overflow, moment.seconds > now.seconds else {
            return age(of: moment, at: now)
        }
        // Docker's words reach no further than 292 years.
        if seconds.overflow || seconds.partialValue >= 200 * 31_536_000 {
            return "in \((moment.seconds / 2 - now.seconds / 2) / 15_768_000) years"
        }
        let words = duration(nanoseconds: seconds.partialValue * 1_000_000_000)
        return "in " + words.prefix(1).lowercased() + words.dropFirst()
    }

    /// How long ago a moment was: `3 weeks ago`, and as with Docker `Less than a second ago` for one that is yet to come.
    package static func age(of moment: Moment, at now: Moment) -> String {
        let (seconds, overflow) = now.seconds.subtractingReportingOverflow(moment.seconds)
        let nanoseconds = now.nanoseconds - moment.nanoseconds
        // Go's durations saturate at 292 years.
        let limit = Int64.max / 1_000_000_000 - 1
        let bounded = overflow ? (moment.seconds < 0 ? limit : -limit) : max(-limit, min(limit, seconds))
        return duration(nanoseconds: bounded * 1_000_000_000 + Int64(nanoseconds)) + " ago"
    }

    /// The time left of a transfer, short: `45s`, `3m10s`, `1h05m`, `2d03h`.
    package static func remaining(seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch seconds {
        case ..<60: return "\(max(0, seconds))s"
        case ..<3600: return "\(seconds / 60)m\(two(seconds % 60))s"
        case ..<86_400: return "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
        default: return "\(seconds / 86_400)d\(two(seconds / 3600 % 24))h"
        }
    }

    /// C's and Go's `%.{digits}g` for numbers below 10^15, correctly rounded.
    private static func appendGeneral(_ number: Double, digits: Int, to output: inout [UInt8]) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        let magnitude = abs(number)
        guard magnitude >= 1 else {
            // Only 0 and parts of a byte get here, and there are no parts of a byte.
            output.append(UInt8(ascii: "0"))
            return
        }
        var whole = 1
        var power = 10.0
        while power <= magnitude && whole < 18 {
            whole += 1
            power *= 10
        }
        var decimals = max(0, digits - whole)
        var scaled = roundedHalfEven(magnitude, times: tenToThe(decimals))
        if whole > digits || scaled >= UInt64(tenToThe(digits)) && decimals == 0 {
            appendExponent(scaled, digits: digits, to: &output)
            return
        }
        while decimals > 0 && scaled.isMultiple(of: 10) {
            scaled /= 10
            decimals -= 1
        }
        let text = String(scaled)
        output.append(contentsOf: text.utf8.dropLast(decimals))
        if decimals > 0 {
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: text.utf8.suffix(decimals))
        }
    }

    /// `1e+03`: what `%g` does when rounding gives a number one digit too many.
    private static func appendExponent(_ value: UInt64, digits: Int, to output: inout [UInt8]) {
        var text = Array(String(value).utf8)
        let exponent = text.count - 1
        text = Array(text.prefix(digits))
        while text.count > 1 && text.last == UInt8(ascii: "0") { text.removeLast() }
        if text.count > 1 { text.insert(UInt8(ascii: "."), at: 1) }
        output += text
        output.append(contentsOf: (exponent < 10 ? "e+0\(exponent)" : "e+\(exponent)").utf8)
    }

    private static func tenToThe(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    /// The nearest whole number to an exact product, ties to even: the fused multiply tells which way the product that
    /// was rounded to a double erred.
    private static func roundedHalfEven(_ number: Double, times factor: Double) -> UInt64 {
        let product = number * factor
        let error = (-product).addingProduct(number, factor)
        let floor = product.rounded(.down)
        let aboveHalf = (product - floor - 0.5) + error
        guard floor < 1e18 else { return UInt64(1e18) }
        let whole = UInt64(floor)
        if aboveHalf == 0 { return whole + whole % 2 }
        return aboveHalf > 0 ? whole + 1 : whole
    }
}
