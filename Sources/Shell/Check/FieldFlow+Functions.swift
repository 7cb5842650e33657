// jq's keywords and functions, as far as it is known what of their input comes out of them.
extension FieldFlow {
    /// What comes out of a name, a keyword or a function with its arguments.
    mutating func call(_ name: String, _ input: ValueShape) throws -> ValueShape {
        switch name {
        case "if": return try conditional(input)
        case "try":
            let shape = try term(input)
            if takeName("catch") { _ = try term(.unknown) }
            return shape
        case "reduce", "foreach":
            let source = try term(input)
            guard takeName("as") else { throw NotUnderstood() }
            let outer = variables
            defer { variables = outer }
            try bind(source, upTo: "(")
            _ = try arguments { _ in .unknown }
            return .unknown
        case "then", "elif", "else", "end", "as", "catch", "and", "or", "label", "import", "include":
            throw NotUnderstood()
        default: break
        }
        if functions.contains(name) {
            _ = try arguments { _ in .unknown }
            return .unknown
        }
        return try function(name, input)
    }

    private mutating func conditional(_ input: ValueShape) throws -> ValueShape {
        _ = try pipe(input)
        guard takeName("then") else { throw NotUnderstood() }
        let shape = try pipe(input)
        if takeName("elif") { return try conditional(input) == shape ? shape : .unknown }
        let other = takeName("else") ? try pipe(input) : input
        guard takeName("end") else { throw NotUnderstood() }
        return shape == other ? shape : .unknown
    }

    /// jq's functions that hand rows on, or look at them one by one.
    private mutating func function(_ name: String, _ input: ValueShape) throws -> ValueShape {
        let each = input.element
        switch name {
        case "map":
            return try arguments { _ in each }.first?.gathered ?? .unknown
        case "sort_by", "unique_by", "semver_sort":
            _ = try arguments { _ in each }
            return input
        case "min_by", "max_by":
            _ = try arguments { _ in each }
            return each
        case "group_by", "tally", "sum_by":
            _ = try arguments { _ in each }
            return .unknown
        case "any", "all":
            _ = try arguments { $0 == 0 ? each : .unknown }
            return .unknown
        case "largest":
            _ = try arguments { $0 == 0 ? input : each }
            return input
        case "select", "recurse":
            _ = try arguments { _ in input }
            return name == "select" ? input : .unknown
        case "first", "last", "limit":
            let shapes = try arguments { _ in input }
            return shapes.last ?? (name == "limit" ? .unknown : each)
        case "sort", "reverse", "unique", "debug", "stderr":
            return try arguments { _ in .unknown }.isEmpty ? input : .unknown
        case "length", "now", "tonumber", "bytes", "floor", "ceil", "round", "since", "timestamp", "duration":
            _ = try arguments { _ in .unknown }
            return .number
        case "tostring", "tojson", "ascii_downcase", "ascii_upcase", "todate", "human", "age", "ago":
            _ = try arguments { _ in .unknown }
            return .text
        case "path", "del", "paths":
            _ = try arguments { _ in input }
            return .unknown
        default:
            _ = try arguments { _ in .unknown }
            return .unknown
        }
    }

    /// `( a; b )`, where there is one: what comes out of each, with `.` as `input` gives for its place.
    private mutating func arguments(_ input: (Int) -> ValueShape) throws -> [ValueShape] {
        guard take("(") else { return [] }
        var shapes: [ValueShape] = []
        repeat { shapes.append(try pipe(input(shapes.count))) } while take(";")
        try require(")")
        return shapes
    }
}
