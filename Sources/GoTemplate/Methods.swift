/// Methods that values have in Docker's client: those of its rows, and of times, durations and JSON numbers.
enum Methods {
    static func find(_ name: String, on value: TemplateValue) -> Function? {
        switch (value.type, value.content) {
        case (.structure(let structure), _):
            guard structure.areMethods, let member = value.field(name) else { return nil }
            return constant(member)
        case (.time, .text(let text)): return time(name, GoTime(rfc3339: text))
        case (.duration, .signed(let nanoseconds)): return duration(name, nanoseconds)
        case (.jsonNumber, .text(let text)): return number(name, text)
        default: return nil
        }
    }

    private static func constant(_ value: TemplateValue) -> Function { Function { _ in value } }
    private static func integer(_ number: Int) -> Function { constant(.int(number)) }
    private static func integer64(_ number: Int) -> Function { constant(TemplateValue(.int64, .signed(Int64(number)))) }
    private static func text(_ text: String) -> Function { constant(.text(text.utf8)) }
    private static func float(_ number: Double) -> Function { constant(TemplateValue(.float64, .float(number))) }

    private static func time(_ name: String, _ time: GoTime) -> Function? {
        switch name {
        case "String": text(time.description)
        case "GoString": text(time.goSyntax)
        case "Format":
            Function(.string) { call in
                .text(time.formatted(String(decoding: call.bytes(0), as: UTF8.self)).utf8)
            }
        case "Unix": integer64(time.unix)
        case "UnixMilli": integer64(time.unix * 1000 + time.nanosecond / 1_000_000)
        case "UnixMicro": integer64(time.unix * 1_000_000 + time.nanosecond / 1000)
        case "UnixNano": integer64(time.unix &* 1_000_000_000 &+ time.nanosecond)
        case "Year": integer(time.year)
        // Go prints months and weekdays by name.
        case "Month": text(GoTime.months[time.month - 1])
        case "Weekday": text(GoTime.weekdays[time.weekday])
        case "Day": integer(time.day)
        case "Hour": integer(time.hour)
        case "Minute": integer(time.minute)
        case "Second": integer(time.second)
        case "Nanosecond": integer(time.nanosecond)
        case "YearDay": integer(time.yearDay)
        case "IsZero": constant(.bool(time.isZero))
        case "UTC": constant(TemplateValue(.time, .text(Array(time.utc.rfc3339.utf8))))
        default: nil
        }
    }

    private static func duration(_ name: String, _ nanoseconds: Int64) -> Function? {
        switch name {
        case "String": text(GoTime.durationText(nanoseconds))
        case "Nanoseconds": integer64(Int(nanoseconds))
        case "Microseconds": integer64(Int(nanoseconds / 1000))
        case "Milliseconds": integer64(Int(nanoseconds / 1_000_000))
        case "Seconds": float(Double(nanoseconds) / 1e9)
        case "Minutes": float(Double(nanoseconds) / 6e10)
        case "Hours": float(Double(nanoseconds) / 3.6e12)
        default: nil
        }
    }

    private static func number(_ name: String, _ text: [UInt8]) -> Function? {
        let digits = String(decoding: text, as: UTF8.self)
        switch name {
        case "String": return self.text(digits)
        case "Float64": return Double(digits).map(float)
        case "Int64":
            return Function { _ throws(FunctionError) in
                guard let number = Int64(digits) else {
                    throw FunctionError(
                        message: "strconv.ParseInt: parsing \(Quoting.quote(digits)): invalid syntax")
                }
                return TemplateValue(.int64, .signed(number))
            }
        default: return nil
        }
    }
}
