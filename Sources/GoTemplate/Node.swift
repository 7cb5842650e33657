/// A template's syntax tree (text/template/parse/node.go). `position` is an offset into the template's text.
indirect enum Node: Sendable {
    case text(Int, [UInt8])
    case action(Int, Pipe)
    case branch(Branch)
    case template(Int, name: [UInt8], Pipe?)
    case breakLoop(Int)
    case continueLoop(Int)
    // Only inside the parser.
    case end(Int)
    case otherwise(Int)
    // Operands of a command.
    case pipe(Pipe)
    case command(Command)
    case identifier(Int, String)
    case variable(Int, [String])
    case field(Int, [String])
    case chain(Int, Node, [String])
    case dot(Int)
    case null(Int)
    case bool(Int, Bool)
    case number(Int, NumberConstant)
    case string(Int, quoted: [UInt8], text: [UInt8])

    struct Pipe: Sendable {
        let position: Int
        var declarations: [String] = []
        var isAssignment = false
        var commands: [Command] = []
    }

    struct Command: Sendable {
        let position: Int
        var arguments: [Node] = []
    }

    struct Branch: Sendable {
        enum Kind: String, Sendable {
            case ifTrue = "if"
            case with
            case range
        }

        let kind: Kind
        let pipe: Pipe
        let body: [Node]
        let otherwise: [Node]?
    }

    var position: Int {
        switch self {
        case .text(let position, _), .action(let position, _), .template(let position, _, _),
            .breakLoop(let position), .continueLoop(let position), .end(let position), .otherwise(let position),
            .identifier(let position, _), .variable(let position, _), .field(let position, _),
            .chain(let position, _, _), .dot(let position), .null(let position), .bool(let position, _),
            .number(let position, _), .string(let position, _, _):
            position
        case .branch(let branch): branch.pipe.position
        case .pipe(let pipe): pipe.position
        case .command(let command): command.position
        }
    }

    /// The node as Go writes it back in its messages.
    func write(into output: inout [UInt8]) {
        switch self {
        case .text(_, let text): output += text
        case .action(_, let pipe):
            output += "{{".utf8
            pipe.write(into: &output)
            output += "}}".utf8
        case .branch(let branch): branch.write(into: &output)
        case .template(_, let name, let pipe):
            output += "{{template ".utf8
            output += Quoting.quote(name)
            if let pipe {
                output.append(0x20)
                pipe.write(into: &output)
            }
            output += "}}".utf8
        case .breakLoop: output += "{{break}}".utf8
        case .continueLoop: output += "{{continue}}".utf8
        case .end: output += "{{end}}".utf8
        case .otherwise: output += "{{else}}".utf8
        case .pipe(let pipe): pipe.write(into: &output)
        case .command(let command): command.write(into: &output)
        case .identifier(_, let name): output += name.utf8
        case .variable(_, let names): output += names.joined(separator: ".").utf8
        case .field(_, let names): Self.write(fields: names, into: &output)
        case .chain(_, let node, let names):
            node.writeOperand(into: &output)
            Self.write(fields: names, into: &output)
        case .dot: output.append(UInt8(ascii: "."))
        case .null: output += "nil".utf8
        case .bool(_, let flag): output += (flag ? "true" : "false").utf8
        case .number(_, let constant): output += constant.text.utf8
        case .string(_, let quoted, _): output += quoted
        }
    }

    var text: String {
        var output: [UInt8] = []
        write(into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// A pipeline among operands stands in parentheses.
    fileprivate func writeOperand(into output: inout [UInt8]) {
        guard case .pipe(let pipe) = self else { return write(into: &output) }
        output.append(UInt8(ascii: "("))
        pipe.write(into: &output)
        output.append(UInt8(ascii: ")"))
    }

    private static func write(fields: [String], into output: inout [UInt8]) {
        for name in fields {
            output.append(UInt8(ascii: "."))
            output += name.utf8
        }
    }

    /// Whether a list of nodes is nothing but space: such a template may be defined again.
    static func isEmpty(_ nodes: [Node]) -> Bool {
        nodes.allSatisfy { node in
            guard case .text(_, let text) = node else { return false }
            return Runes.all(text).allSatisfy { Runes.isSpace($0.rune) }
        }
    }
}

extension Node.Pipe {
    func write(into output: inout [UInt8]) {
        if !declarations.isEmpty {
            output += declarations.joined(separator: ", ").utf8
            output += (isAssignment ? " = " : " := ").utf8
        }
        for (index, command) in commands.enumerated() {
            if index > 0 { output += " | ".utf8 }
            command.write(into: &output)
        }
    }
}

extension Node.Command {
    func write(into output: inout [UInt8]) {
        for (index, argument) in arguments.enumerated() {
            if index > 0 { output.append(0x20) }
            argument.writeOperand(into: &output)
        }
    }
}

extension Node.Branch {
    func write(into output: inout [UInt8]) {
        output += "{{\(kind.rawValue) ".utf8
        pipe.write(into: &output)
        output += "}}".utf8
        for node in body { node.write(into: &output) }
        if let otherwise {
            output += "{{else}}".utf8
            for node in otherwise { node.write(into: &output) }
        }
        output += "{{end}}".utf8
    }
}
