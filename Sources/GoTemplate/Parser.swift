/// Builds the syntax trees of a template's text: the main one and those of `define` and `block`
/// (text/template/parse/parse.go).
struct Parser {
    /// Deeper nesting of parentheses or blocks is refused: the parser and the executor recurse.
    static let maximumDepth = 250

    private var lexer: Lexer
    /// The last tokens, newest first, of which `backed` are to be read again.
    private var tokens: [Token]
    private var backed = 0
    private let name: String
    private let functions: Set<String>
    private var variables = ["$"]
    private var rangeDepth = 0
    private var actionLine = 0
    private var depth = 0
    private(set) var trees: [[UInt8]: [Node]] = [:]

    init(_ text: [UInt8], name: String, functions: Set<String>) {
        lexer = Lexer(text)
        self.name = name
        self.functions = functions
        tokens = Array(repeating: Token(kind: .endOfFile, position: 0, value: [], line: 1), count: 3)
    }

    /// All templates of the text by name; the text itself is `name`.
    static func parse(_ text: [UInt8], name: String, functions: Set<String>) throws(TemplateError) -> [[UInt8]: [Node]]
    {
        var parser = Parser(text, name: name, functions: functions)
        try parser.parseAll()
        return parser.trees
    }

    private mutating func parseAll() throws(TemplateError) {
        var root: [Node] = []
        while peek().kind != .endOfFile {
            if peek().kind == .leftDelimiter {
                let delimiter = next()
                if nextNonSpace().kind == .define {
                    try definition()
                    continue
                }
                backup(2, delimiter)
            }
            let node = try textOrAction()
            switch node {
            case .end, .otherwise: throw error("unexpected \(node.text)")
            default: root.append(node)
            }
        }
        try add(Array(name.utf8), root)
    }

    private mutating func add(_ name: [UInt8], _ nodes: [Node]) throws(TemplateError) {
        if let old = trees[name], !Node.isEmpty(old) {
            guard Node.isEmpty(nodes) else {
                let quoted = String(decoding: Quoting.quote(name), as: UTF8.self)
                throw error("template: multiple definition of template \(quoted)")
            }
            return
        }
        trees[name] = nodes
    }

    // MARK: Lists and control

    private mutating func definition() throws(TemplateError) {
        let context = "define clause"
        let token = nextNonSpace()
        let name = try templateName(token, context)
        try expect(.rightDelimiter, context)
        let body = try separately { parser throws(TemplateError) in try parser.list() }
        guard case .end = body.end else { throw error("unexpected \(body.end.text) in \(context)") }
        try add(name, body.nodes)
    }

    /// A definition's body has variables and loops of its own.
    private mutating func separately<Result>(
        _ body: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let saved = (variables, rangeDepth, actionLine)
        (variables, rangeDepth, actionLine) = (["$"], 0, 0)
        let result = try body(&self)
        (variables, rangeDepth, actionLine) = saved
        return result
    }

    /// Nodes up to an `end` or `else`, which comes back beside them.
    private mutating func list() throws(TemplateError) -> (nodes: [Node], end: Node) {
        var nodes: [Node] = []
        while peekNonSpace().kind != .endOfFile {
            let node = try textOrAction()
            switch node {
            case .end, .otherwise: return (nodes, node)
            default: nodes.append(node)
            }
        }
        throw error("unexpected EOF")
    }

    private mutating func textOrAction() throws(TemplateError) -> Node {
        let token = nextNonSpace()
        switch token.kind {
        case .text: return .text(token.position, token.value)
        case .leftDelimiter:
            actionLine = token.line
            let node = try nested { parser throws(TemplateError) in try parser.action() }
            actionLine = 0
            return node
        default: throw unexpected(token, "input")
        }
    }

    private mutating func nested(_ body: (inout Parser) throws(TemplateError) -> Node) throws(TemplateError) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("max expression depth exceeded") }
        return try body(&self)
    }

    private mutating func action() throws(TemplateError) -> Node {
        let token = nextNonSpace()
        switch token.kind {
        case .block: return try block()
        case .breakWord: return try loopControl("{{break}}", .breakLoop(token.position))
        case .continueWord: return try loopControl("{{continue}}", .continueLoop(token.position))
        case .elseWord:
            let next = peekNonSpace()
            if next.kind == .ifWord || next.kind == .with { return .otherwise(next.position) }
            return .otherwise(try expect(.rightDelimiter, "else").position)
        case .end: return .end(try expect(.rightDelimiter, "end").position)
        case .ifWord: return try control(.ifTrue)
        case .range: return try control(.range)
        case .template: return try templateCall()
        case .with: return try control(.with)
        default:
            backup()
            return .action(peek().position, try pipeline("command", .rightDelimiter))
        }
    }

    private mutating func loopControl(_ word: String, _ node: Node) throws(TemplateError) -> Node {
        let token = nextNonSpace()
        guard token.kind == .rightDelimiter else { throw unexpected(token, word) }
        guard rangeDepth > 0 else { throw error("\(word) outside {{range}}") }
        return node
    }

    private mutating func control(_ kind: Node.Branch.Kind) throws(TemplateError) -> Node {
        let declared = variables.count
        let pipe = try pipeline(kind.rawValue, .rightDelimiter)
        if kind == .range { rangeDepth += 1 }
        let (body, end) = try list()
        if kind == .range { rangeDepth -= 1 }
        var otherwise: [Node]?
        if case .otherwise = end {
            // `else if` and `else with`: the one `end` closes the whole chain.
            if kind == .ifTrue, peek().kind == .ifWord {
                _ = next()
                otherwise = [try nested { parser throws(TemplateError) in try parser.control(.ifTrue) }]
            } else if kind == .with, peek().kind == .with {
                _ = next()
                otherwise = [try nested { parser throws(TemplateError) in try parser.control(.with) }]
            } else {
                let last = try list()
                guard case .end = last.end else { throw error("expected end; found \(last.end.text)") }
                otherwise = last.nodes
            }
        }
        variables.removeLast(variables.count - declared)
        return .branch(Node.Branch(kind: kind, pipe: pipe, body: body, otherwise: otherwise))
    }

    private mutating func block() throws(TemplateError) -> Node {
        let context = "block clause"
        let token = nextNonSpace()
        let name = try templateName(token, context)
        let pipe = try pipeline(context, .rightDelimiter)
        let body = try separately { parser throws(TemplateError) in try parser.list() }
        guard case .end = body.end else { throw error("unexpected \(body.end.text) in \(context)") }
        try add(name, body.nodes)
        return .template(token.position, name: name, pipe)
    }

    private mutating func templateCall() throws(TemplateError) -> Node {
        let context = "template clause"
        let token = nextNonSpace()
        let name = try templateName(token, context)
        if nextNonSpace().kind == .rightDelimiter { return .template(token.position, name: name, nil) }
        backup()
        return .template(token.position, name: name, try pipeline(context, .rightDelimiter))
    }

    private mutating func templateName(_ token: Token, _ context: String) throws(TemplateError) -> [UInt8] {
        guard token.kind == .string || token.kind == .rawString else { throw unexpected(token, context) }
        guard let name = Quoting.unquote(token.value) else { throw error("invalid syntax") }
        return name
    }

    // MARK: Pipelines

    private mutating func pipeline(_ context: String, _ end: Token.Kind) throws(TemplateError) -> Node.Pipe {
        var pipe = Node.Pipe(position: peekNonSpace().position)
        while try declaration(context, &pipe) {}
        while true {
            let token = nextNonSpace()
            switch token.kind {
            case end:
                try check(pipe, context)
                return pipe
            case .bool, .characterConstant, .complex, .dot, .field, .identifier, .number, .nilWord, .rawString,
                .string, .variable, .leftParenthesis:
                backup()
                pipe.commands.append(try command())
            default: throw unexpected(token, context)
            }
        }
    }

    /// Reads one declared or assigned variable; true where a second one of a `range` follows.
    private mutating func declaration(_ context: String, _ pipe: inout Node.Pipe) throws(TemplateError) -> Bool {
        let variable = peekNonSpace()
        guard variable.kind == .variable else { return false }
        _ = next()
        // "$x foo" takes three tokens to tell from "$x := foo".
        let after = peek()
        let following = peekNonSpace()
        if following.kind == .assign || following.kind == .declare {
            pipe.isAssignment = following.kind == .assign
            _ = nextNonSpace()
            pipe.declarations.append(variable.text)
            variables.append(variable.text)
            return false
        }
        if following.kind == .character, following.value == [UInt8(ascii: ",")] {
            _ = nextNonSpace()
            pipe.declarations.append(variable.text)
            variables.append(variable.text)
            guard context == "range", pipe.declarations.count < 2 else {
                throw error("too many declarations in \(context)")
            }
            switch peekNonSpace().kind {
            case .variable, .rightDelimiter, .rightParenthesis: return true
            default: throw error("range can only initialize variables")
            }
        }
        if after.kind == .space {
            backup(3, after, variable)
        } else {
            backup(2, variable)
        }
        return false
    }

    private func check(_ pipe: Node.Pipe, _ context: String) throws(TemplateError) {
        if pipe.commands.isEmpty { throw error("missing value for \(context)") }
        for (index, command) in pipe.commands.enumerated().dropFirst() {
            switch command.arguments.first {
            case .bool, .dot, .null, .number, .string:
                throw error("non executable command in pipeline stage \(index + 1)")
            default: break
            }
        }
    }

    private mutating func command() throws(TemplateError) -> Node.Command {
        var command = Node.Command(position: peekNonSpace().position)
        reading: while true {
            _ = peekNonSpace()
            if let operand = try operand() { command.arguments.append(operand) }
            let token = next()
            switch token.kind {
            case .space: continue
            case .rightDelimiter, .rightParenthesis:
                backup()
                break reading
            case .pipe: break reading
            default: throw unexpected(token, "operand")
            }
        }
        if command.arguments.isEmpty { throw error("empty command") }
        return command
    }

    /// A term with the fields that follow it; nil where none begins.
    private mutating func operand() throws(TemplateError) -> Node? {
        guard let term = try term() else { return nil }
        guard peek().kind == .field else { return term }
        let position = peek().position
        var fields: [String] = []
        while peek().kind == .field { fields.append(String(next().text.dropFirst())) }
        switch term {
        case .field(_, let names): return .field(position, names + fields)
        case .variable(_, let names): return .variable(position, names + fields)
        case .bool, .string, .number, .null, .dot:
            throw error("unexpected . after term \(Quoting.quote(term.text))")
        default: return .chain(position, term, fields)
        }
    }

    private mutating func term() throws(TemplateError) -> Node? {
        let token = nextNonSpace()
        switch token.kind {
        case .identifier:
            guard functions.contains(token.text) else {
                throw error("function \(Quoting.quote(token.text)) not defined")
            }
            return .identifier(token.position, token.text)
        case .dot: return .dot(token.position)
        case .nilWord: return .null(token.position)
        case .variable:
            guard variables.contains(token.text) else {
                throw error("undefined variable \(Quoting.quote(token.text))")
            }
            return .variable(token.position, [token.text])
        case .field: return .field(token.position, [String(token.text.dropFirst())])
        case .bool: return .bool(token.position, token.text == "true")
        case .characterConstant, .complex, .number: return try number(token)
        case .leftParenthesis:
            return try nested { parser throws(TemplateError) in
                .pipe(try parser.pipeline("parenthesized pipeline", .rightParenthesis))
            }
        case .string, .rawString:
            guard let text = Quoting.unquote(token.value) else { throw error("invalid syntax") }
            return .string(token.position, quoted: token.value, text: text)
        default:
            backup()
            return nil
        }
    }

    private func number(_ token: Token) throws(TemplateError) -> Node {
        do throws(NumberConstant.Malformed) {
            let isCharacter = token.kind == .characterConstant
            let constant =
                isCharacter ? try NumberConstant(character: token.value) : try NumberConstant(token.text)
            return .number(token.position, constant)
        } catch {
            throw self.error(error.message)
        }
    }
}

// MARK: - Tokens and errors

extension Parser {
    private mutating func next() -> Token {
        if backed > 0 {
            backed -= 1
        } else {
            tokens[0] = lexer.next()
        }
        return tokens[backed]
    }

    private mutating func peek() -> Token {
        if backed > 0 { return tokens[backed - 1] }
        backed = 1
        tokens[0] = lexer.next()
        return tokens[0]
    }

    private mutating func backup() { backed = min(backed + 1, tokens.count) }
    /// Gives back tokens that were read before the newest one, nearest first.
    private mutating func backup(_ count: Int, _ older: Token...) {
        for (index, token) in older.enumerated() where index + 1 < tokens.count { tokens[index + 1] = token }
        backed = count
    }

    private mutating func nextNonSpace() -> Token {
        while true {
            let token = next()
            if token.kind != .space { return token }
        }
    }

    private mutating func peekNonSpace() -> Token {
        let token = nextNonSpace()
        backup()
        return token
    }

    @discardableResult
    private mutating func expect(_ kind: Token.Kind, _ context: String) throws(TemplateError) -> Token {
        let token = nextNonSpace()
        guard token.kind == kind else { throw unexpected(token, context) }
        return token
    }

    private func error(_ message: String) -> TemplateError {
        TemplateError(.parse, "template: \(name):\(tokens[0].line): \(message)")
    }

    private func unexpected(_ token: Token, _ context: String) -> TemplateError {
        guard token.kind == .error else { return error("unexpected \(token.description) in \(context)") }
        guard actionLine != 0, actionLine != token.line else { return error(token.description) }
        let place = token.text.hasSuffix(" action") ? "" : " in action"
        return error("\(token.description)\(place) started at \(name):\(actionLine)")
    }
}
