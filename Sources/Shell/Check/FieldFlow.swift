/// Follows a command's rows through the jq text behind it and finds the fields that they do not have, and the numbers that
/// are compared with texts.
///
/// Only where jq's own rules leave no doubt that the rows are what a path is taken of: through `|`, `.[]`, `map`, `select`,
/// `sort_by` and their like, variables, operators, strings and constructions. Everything else makes what comes out unknown,
/// and an assignment makes fields. So a field that is named here is null in every row.
struct FieldFlow {
    /// Something that jq takes, and that cannot be meant.
    struct Finding: Equatable {
        enum Kind: Equatable {
            case unknownField(String, RecordShape)
            /// The two sides of a comparison, as they are written.
            case comparison(number: String, text: String)
        }

        let kind: Kind
        /// Bytes of the jq text.
        let range: Range<Int>
    }

    private let text: [UInt8]
    private let tokens: [JQToken]
    private var index = 0
    var variables: [String: ValueShape]
    let functions: Set<String>
    private var found: [Finding] = []
    /// The last name that was read off a record.
    private var lastRead: Range<Int>?

    /// What is found in jq text that gets `input`, and what comes out of it. `functions` are names that mean something else
    /// than jq's own.
    static func follow(
        _ text: String, from input: ValueShape, variables: [String: ValueShape], functions: Set<String>
    ) -> (findings: [Finding], output: ValueShape) {
        let isKnown = input != .unknown || variables.values.contains { $0 != .unknown }
        guard isKnown, let tokens = JQToken.all(in: text) else { return ([], .unknown) }
        // A function of the text's own may have any name.
        if tokens.contains(where: { $0.kind == .name("def") }) { return ([], .unknown) }
        var flow = FieldFlow(text: Array(text.utf8), tokens: tokens, variables: variables, functions: functions)
        let output = try? flow.pipe(input)
        return (flow.found, flow.index == tokens.count ? output ?? .unknown : .unknown)
    }

    /// Whether the field at the end of jq text, which may break off there, is one of a record of `input`; nil where the text
    /// cannot be read.
    static func readsRecord(atEndOf text: String, from input: ValueShape) -> Bool? {
        guard let tokens = JQToken.all(in: text), case .field? = tokens.last?.kind else { return nil }
        if tokens.contains(where: { $0.kind == .name("def") }) { return false }
        var flow = FieldFlow(text: Array(text.utf8), tokens: tokens, variables: [:], functions: [])
        _ = try? flow.pipe(input)
        return flow.lastRead == tokens.last?.range
    }

    private init(text: [UInt8], tokens: [JQToken], variables: [String: ValueShape], functions: Set<String>) {
        self.text = text
        self.tokens = tokens
        self.variables = variables
        self.functions = functions
    }

    /// The text is none that is understood here: what was found before it stands.
    struct NotUnderstood: Error {}

    private var kind: JQToken.Kind? { index < tokens.count ? tokens[index].kind : nil }

    private func isMark(_ mark: String) -> Bool { kind == .mark(mark) }

    private func isName(_ name: String) -> Bool { kind == .name(name) }

    mutating func take(_ mark: String) -> Bool {
        guard isMark(mark) else { return false }
        index += 1
        return true
    }

    mutating func require(_ mark: String) throws {
        if !take(mark) { throw NotUnderstood() }
    }

    mutating func takeName(_ name: String) -> Bool {
        guard isName(name) else { return false }
        index += 1
        return true
    }

    // MARK: Grammar

    private static let comparisons: Set<String> = ["==", "!=", "<", "<=", ">", ">="]
    private static let arithmetic: Set<String> = ["+", "-", "*", "/", "%"]
    private static let assignments: Set<String> = ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]

    /// `a | b`, up to a closing bracket, `;`, a keyword or the end; what comes out.
    mutating func pipe(_ input: ValueShape) throws -> ValueShape {
        var shape = input
        while true {
            shape = try operands(shape)
            if !take("|") { return shape }
        }
    }

    /// What `,`, `//`, `and`, `or` and assignments stand between.
    private mutating func operands(_ input: ValueShape, commas: Bool = true) throws -> ValueShape {
        let before = found.count
        var shape = try comparison(input)
        while let kind {
            switch kind {
            case .mark(let mark) where Self.assignments.contains(mark):
                found.removeSubrange(before...)
                index += 1
                let count = found.count
                _ = try operands(mark == "=" ? input : .unknown, commas: false)
                found.removeSubrange(count...)
                shape = .unknown
            case .mark("//"),
                .mark(",") where commas:
                index += 1
                if try comparison(input) != shape { shape = .unknown }
            case .name("and"), .name("or"):
                index += 1
                _ = try comparison(input)
                shape = .unknown
            default: return shape
            }
        }
        return shape
    }

    private mutating func comparison(_ input: ValueShape) throws -> ValueShape {
        let start = index
        let left = try sum(input)
        guard case .mark(let mark)? = kind, Self.comparisons.contains(mark) else { return left }
        let sign = index
        index += 1
        let right = try sum(input)
        let range = tokens[start].start..<tokens[index - 1].range.upperBound
        let (before, behind) = (written(start..<sign), written(sign + 1..<index))
        if left == .number, right == .text {
            found.append(Finding(kind: .comparison(number: before, text: behind), range: range))
        } else if left == .text, right == .number {
            found.append(Finding(kind: .comparison(number: behind, text: before), range: range))
        }
        return .unknown
    }

    /// The text of some tokens.
    private func written(_ places: Range<Int>) -> String {
        guard let first = places.first, let last = places.last else { return "" }
        return String(decoding: text[tokens[first].start..<tokens[last].range.upperBound], as: UTF8.self)
    }

    /// Operands of `+`, `-`, `*`, `/` and `%`: of numbers they make a number, and `+` of texts a text.
    private mutating func sum(_ input: ValueShape) throws -> ValueShape {
        var shape = try operand(input)
        while case .mark(let mark)? = kind, Self.arithmetic.contains(mark) {
            index += 1
            let next = try operand(input)
            let isKept = next == shape && (shape == .number || shape == .text && mark == "+")
            if !isKept { shape = .unknown }
        }
        return shape
    }

    /// A term, or `term as $x | …`, which takes all that follows.
    private mutating func operand(_ input: ValueShape) throws -> ValueShape {
        let shape = try term(input)
        guard takeName("as") else { return shape }
        let outer = variables
        defer { variables = outer }
        try bind(shape, upTo: "|")
        try require("|")
        return try pipe(input)
    }

    /// A pattern: one variable stands for the value, and of what is taken apart nothing is known.
    mutating func bind(_ shape: ValueShape, upTo end: String) throws {
        let start = index
        while let kind, kind != .mark(end) {
            switch kind {
            case .mark(let mark) where !["[", "]", "{", "}", ":", ",", "(", ")", "?//"].contains(mark):
                throw NotUnderstood()
            case .variable(let name): variables[name] = .unknown
            default: break
            }
            index += 1
        }
        if index == start + 1, case .variable(let name) = tokens[start].kind { variables[name] = shape }
    }

    mutating func term(_ input: ValueShape) throws -> ValueShape {
        guard let kind else { throw NotUnderstood() }
        let start = index
        index += 1
        var shape = ValueShape.unknown
        switch kind {
        case .field(let name): shape = read(name, tokens[start].range, of: input)
        case .mark("."): shape = input
        case .mark("-"): return try term(input) == .number ? .number : .unknown
        case .mark("("):
            shape = try pipe(input)
            try require(")")
        case .mark("["):
            if !isMark("]") { shape = try pipe(input).gathered }
            try require("]")
        case .mark("{"): try construction(input)
        case .string(let pieces):
            try visit(pieces, input)
            shape = .text
        case .number: shape = .number
        case .variable(let name): shape = variables[name] ?? .unknown
        case .mark(".."): break
        case .format:
            if case .string(let pieces)? = self.kind {
                index += 1
                try visit(pieces, input)
                shape = .text
            }
        case .name(let name): shape = try call(name, input)
        default: throw NotUnderstood()
        }
        return try suffixes(shape, input)
    }

    private mutating func suffixes(_ start: ValueShape, _ input: ValueShape) throws -> ValueShape {
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
    private mutating func subscripted(_ shape: ValueShape, _ input: ValueShape) throws -> ValueShape {
        if take("]") { return shape.element }
        let start = index
        if !isMark(":") { _ = try pipe(input) }
        let isNumber = index - start <= 2 && tokens[index - 1].kind == .number
        let isSlice = take(":")
        if isSlice, !isMark("]") { _ = try pipe(input) }
        try require("]")
        if isSlice { return shape == .number ? .unknown : shape }
        return isNumber ? shape.element : .unknown
    }

    private mutating func construction(_ input: ValueShape) throws {
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

    private mutating func visit(_ pieces: [[JQToken]], _ input: ValueShape) throws {
        for piece in pieces {
            var inner = FieldFlow(text: text, tokens: piece, variables: variables, functions: functions)
            _ = try? inner.pipe(input)
            found += inner.found
        }
    }

    private mutating func read(_ name: String, _ range: Range<Int>, of shape: ValueShape) -> ValueShape {
        guard case .row(let records) = shape else { return .unknown }
        lastRead = range
        if let field = records[name] { return field }
        found.append(Finding(kind: .unknownField(name, records), range: range))
        return .unknown
    }
}

extension FieldFlow {
    /// What to write where a number is compared with a text: every number comes before every text, whatever they are.
    static func advice(number: String, text: String) -> String {
        let isLiteral = text.hasPrefix("\"") && text.hasSuffix("\"") && text.utf8.count > 1
        let literal = isLiteral ? text.dropFirst().dropLast() : ""
        if Double(literal) != nil { return "write \(literal) without quotes" }
        if Double(number) != nil { return "write \"\(number)\" for the text" }
        if literal.first?.isNumber == true, literal.last?.isLetter == true { return "`bytes(\(text))` is the number" }
        return "every number comes before every text: `tonumber`, `bytes` and `timestamp` make numbers of texts"
    }
}
