/// `eq`, `lt` and their kin (text/template/funcs.go).
enum Comparison {
    private enum Kind { case invalid, bool, int, uint, float, string }

    private static func kind(_ value: TemplateValue?) -> Kind {
        switch value?.content {
        case .bool: .bool
        case .signed: .int
        case .unsigned: .uint
        case .float: .float
        case .text: value?.type == .time ? .invalid : .string
        default: .invalid
        }
    }

    /// Whether `first` equals any of `others`.
    static func equal(
        _ first: TemplateValue?, _ others: ArraySlice<TemplateValue?>
    ) throws(FunctionError) -> Bool {
        if others.isEmpty { throw FunctionError(message: "missing argument for comparison") }
        for other in others where try equal(first?.plain, other?.plain) { return true }
        return false
    }

    private static func equal(_ left: TemplateValue?, _ right: TemplateValue?) throws(FunctionError) -> Bool {
        let kinds = (kind(left), kind(right))
        switch (left?.content, right?.content) {
        case (.bool(let one), .bool(let two)): return one == two
        case (.signed(let one), .signed(let two)): return one == two
        case (.unsigned(let one), .unsigned(let two)): return one == two
        case (.signed(let one), .unsigned(let two)), (.unsigned(let two), .signed(let one)):
            return UInt64(exactly: one) == two
        case (.float(let one), .float(let two)): return one == two
        case (.text(let one), .text(let two)) where kinds == (.string, .string): return one == two
        default: break
        }
        guard let left, let right else {
            // Only nil equals nil, whatever its type.
            return (left?.isNil ?? true) == (right?.isNil ?? true)
        }
        guard kinds.0 == kinds.1 else { throw FunctionError(message: "incompatible types for comparison") }
        guard sameKind(left, right) else {
            throw FunctionError(
                message: "non-comparable types \(text(left)): \(left.type.name), \(right.type.name): \(text(right))")
        }
        if left.isNil || right.isNil { return left.isNil == right.isNil }
        guard right.type.isComparable else {
            throw FunctionError(message: "non-comparable type \(text(right, "s")): \(right.type.name)")
        }
        return left.type == right.type && same(left, right)
    }

    private static func sameKind(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        switch (left.type.underlying, right.type.underlying) {
        case (.slice, .slice), (.map, .map), (.pointer, .pointer), (.structure, .structure), (.time, .time),
            (.structure, .time), (.time, .structure):
            true
        default: false
        }
    }

    private static func same(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        switch (left.content, right.content) {
        case (.json(let one), .json(let two)): one == two
        case (.text(let one), .text(let two)): one == two
        default: false
        }
    }

    private static func text(_ value: TemplateValue, _ verb: Unicode.Scalar = "s") -> String {
        var printer = Printer()
        printer.argument(value, verb: verb)
        return String(decoding: printer.output, as: UTF8.self)
    }

    static func less(_ first: TemplateValue?, _ second: TemplateValue?) throws(FunctionError) -> Bool {
        let (left, right) = (first?.plain, second?.plain)
        guard kind(left) != .invalid, kind(right) != .invalid else {
            throw FunctionError(message: "invalid type for comparison")
        }
        switch (left?.content, right?.content) {
        case (.signed(let one), .signed(let two)): return one < two
        case (.unsigned(let one), .unsigned(let two)): return one < two
        case (.signed(let one), .unsigned(let two)): return one < 0 || UInt64(one) < two
        case (.unsigned(let one), .signed(let two)): return two >= 0 && one < UInt64(two)
        case (.float(let one), .float(let two)): return one < two
        case (.text(let one), .text(let two)): return one.lexicographicallyPrecedes(two)
        case (.bool, .bool): throw FunctionError(message: "invalid type for comparison")
        default: throw FunctionError(message: "incompatible types for comparison")
        }
    }

    static func lessOrEqual(_ first: TemplateValue?, _ second: TemplateValue?) throws(FunctionError) -> Bool {
        if try less(first, second) { return true }
        return try equal(first?.plain, second?.plain)
    }
}
