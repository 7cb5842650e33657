/// Follows a command's rows through the jq text behind it and finds the fields that they do not have.
///
/// Only where jq's own rules leave no doubt that the rows are what a path is taken of: through `|`, `.[]`, `map`, `select`,
/// `sort_by` and their like, operators, strings and constructions. Everything else makes what comes out unknown, and an
/// assignment makes fields. So a field that is named here is null in every row.
struct FieldFlow {
    /// What `.` is.
    enum Shape: Equatable { case rows, row, unknown }

    private let tokens: [JQToken]
    private var index = 0
    private let fields: Set<String>
    private let functions: Set<String>
    private var found: [(name: String, range: Range<Int>)] = []

    /// The fields that jq text reads of rows of `shape` that these do not have, with the bytes of each name.
    /// `functions` are names that mean something else than jq's own.
    static func unknownFields(
        in text: String, of shape: ResultShape, functions: Set<String>
    ) -> [(name: String, range: Range<Int>)] {
        let start: Shape
        switch shape.kind {
        case .array: start = .rows
        case .stream, .object: start = .row
        case .text, .verbatim, .none, .any: return []
        }
        guard !shape.fields.isEmpty, let tokens = JQToken.all(in: text) else { return [] }
        // A function of the text's own may have any name.
        if tokens.contains(where: { $0.kind == .name("def") }) { return [] }
        var flow = FieldFlow(tokens: tokens, fields: Set(shape.fields.map(\.name)), functions: functions)
        _ = try? flow.pipe(start)
        return flow.found
    }

    private init(tokens: [JQToken], fields: Set<String>, functions: Set<String>) {
        self.tokens = tokens
        self.fields = fields
        self.functions = functions
    }

    /// The text is none that is understood here: what was found before it stands.
    private struct NotUnderstood: Error {}

    private var kind: JQToken.Kind? { index < tokens.count ? tokens[index].kind : nil }

    private func isMark(_ mark: String) -> Bool { kind == .mark(mark) }

    private func isName(_ name: String) -> Bool { kind == .name(name) }

    private mutating func take(_ mark: String) -> Bool {
        guard isMark(mark) else { return false }
        index += 1
        return true
    }

    private mutating func require(_ mark: String) throws {
        if !take(mark) { throw NotUnderstood() }
    }

    private mutating func takeName(_ name: String) -> Bool {
        guard isName(name) else { return false }
        index += 1
        return true
    }

    // MARK: Grammar

    private static let operators: Set<String> = [
        "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "//", ",",
    ]
    private static let assignments: Set<String> = ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]

    /// `a | b`, up to a closing bracket, `;`, a keyword or the end; what comes out.
    private mutating func pipe(_ input: Shape) throws -> Shape {
        var shape = input
        while true {
            shape = try operands(shape)
            if !take("|") { return shape }
        }
    }

    /// Terms and the operators between them.
    private mutating func operands(_ input: Shape, commas: Bool = true) throws -> Shape {
        let before = found.count
        var shape = try term(input)
        while case .mark(let mark)? = kind {
            if Self.assignments.contains(mark) {
                found.removeSubrange(before...)
                index += 1
                let count = found.count
                _ = try operands(mark == "=" ? input : .unknown, commas: false)
                found.removeSubrange(count...)
                shape = .unknown
                continue
            }
            guard Self.operators.contains(mark), commas || mark != "," else { break }
            index += 1
            _ = try term(input)
            shape = .unknown
        }
        if isName("and") || isName("or") {
            index += 1
            _ = try operands(input, commas: commas)
            return .unknown
        }
        if takeName("as") {
            try skipPattern()
            try require("|")
            return try pipe(input)
        }
        return shape
    }

    private mutating func skipPattern() throws {
        while let kind, kind != .mark("|") {
            // What a pattern takes apart is not followed.
            if case .mark(let mark) = kind, !["[", "]", "{", "}", ":", ",", "(", ")", "?//"].contains(mark) {
                throw NotUnderstood()
            }
            index += 1
        }
    }

    private mutating func term(_ input: Shape) throws -> Shape {
        guard let kind else { throw NotUnderstood() }
        let start = index
        index += 1
        var shape = Shape.unknown
        switch kind {
        case .field(let name): shape = read(name, tokens[start].range, of: input)
        case .mark("."): shape = input
        case .mark("-"): return try term(input)
        case .mark("("):
            shape = try pipe(input)
            try require(")")
        case .mark("["):
            if !isMark("]"), try pipe(input) == .row { shape = .rows }
            try require("]")
        case .mark("{"): try construction(input)
        case .string(let pieces): try visit(pieces, input)
        case .number, .variable, .mark(".."): break
        case .format:
            if case .string(let pieces)? = self.kind {
                index += 1
                try visit(pieces, input)
            }
        case .name(let name): shape = try call(name, input)
        default: throw NotUnderstood()
        }
        return try suffixes(shape, input)
    }

    private mutating func suffixes(_ start: Shape, _ input: Shape) throws -> Shape {
        var shape = start
        while let kind {
            switch kind {
            case .field(let name):
                shape = read(name, tokens[index].range, of: shape)
                index += 1
            case .mark("?"): index += 1
            case .mark("."):
                guard index + 1 < tokens.count, tokens[index + 1].kind == .mark("[") || tokens[index + 1].isString
                else {
                    return shape
                }
                index += 1
                if tokens[index].isString {
                    index += 1
                    shape = .unknown
                }
            case .mark("["):
                index += 1
                shape = try subscripted(shape, input)
            default: return shape
            }
        }
        return shape
    }

    /// Behind `[`: of rows an index and the iteration give a row, a slice rows.
    private mutating func subscripted(_ shape: Shape, _ input: Shape) throws -> Shape {
        if take("]") { return shape == .rows ? .row : .unknown }
        let start = index
        if !isMark(":") { _ = try pipe(input) }
        let isNumber = index - start <= 2 && tokens[index - 1].kind == .number
        let isSlice = take(":")
        if isSlice, !isMark("]") { _ = try pipe(input) }
        try require("]")
        if isSlice { return shape == .rows ? .rows : .unknown }
        return isNumber && shape == .rows ? .row : .unknown
    }

    private mutating func construction(_ input: Shape) throws {
        while !take("}") {
            guard let key = kind else { throw NotUnderstood() }
            let range = tokens[index].range
            index += 1
            var shorthand: String?
            switch key {
            case .name(let name): shorthand = name
            case .string(let pieces): try visit(pieces, input)
            case .mark("("):
                _ = try pipe(input)
                try require(")")
            case .format: if tokens.indices.contains(index), tokens[index].isString { index += 1 }
            case .variable, .number: break
            default: throw NotUnderstood()
            }
            if take(":") {
                repeat { _ = try operands(input, commas: false) } while take("|")
            } else if let shorthand {
                _ = read(shorthand, range, of: input)
            }
            if !take(","), !isMark("}") { throw NotUnderstood() }
        }
    }

    private mutating func visit(_ pieces: [[JQToken]], _ input: Shape) throws {
        for piece in pieces {
            var inner = FieldFlow(tokens: piece, fields: fields, functions: functions)
            _ = try? inner.pipe(input)
            found += inner.found
        }
    }

    private mutating func read(_ name: String, _ range: Range<Int>, of shape: Shape) -> Shape {
        if shape == .row, !fields.contains(name) { found.append((name, range)) }
        return .unknown
    }

    // MARK: Words

    private mutating func call(_ name: String, _ input: Shape) throws -> Shape {
        switch name {
        case "if": return try conditional(input)
        case "try":
            let shape = try term(input)
            if takeName("catch") { _ = try term(.unknown) }
            return shape
        case "reduce", "foreach":
            _ = try term(input)
            guard takeName("as") else { throw NotUnderstood() }
            while kind != nil, !isMark("(") { index += 1 }
            return try arguments { _ in .unknown }.last ?? .unknown
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

    private mutating func conditional(_ input: Shape) throws -> Shape {
        _ = try pipe(input)
        guard takeName("then") else { throw NotUnderstood() }
        let shape = try pipe(input)
        if takeName("elif") { return try conditional(input) == shape ? shape : .unknown }
        let other = takeName("else") ? try pipe(input) : input
        guard takeName("end") else { throw NotUnderstood() }
        return shape == other ? shape : .unknown
    }

    /// jq's functions that hand rows on, or look at them one by one.
    private mutating func function(_ name: String, _ input: Shape) throws -> Shape {
        let each: Shape = input == .rows ? .row : .unknown
        switch name {
        case "map":
            return try arguments { _ in each }.first == .row ? .rows : .unknown
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
        case "path", "del", "paths":
            _ = try arguments { _ in input }
            return .unknown
        default:
            _ = try arguments { _ in .unknown }
            return .unknown
        }
    }

    /// `( a; b )`, where there is one: what comes out of each, with `.` as `input` gives for its place.
    private mutating func arguments(_ input: (Int) -> Shape) throws -> [Shape] {
        guard take("(") else { return [] }
        var shapes: [Shape] = []
        repeat { shapes.append(try pipe(input(shapes.count))) } while take(";")
        try require(")")
        return shapes
    }
}
