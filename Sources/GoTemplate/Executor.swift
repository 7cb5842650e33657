/// Runs a template (text/template/exec.go). An absent value is Go's invalid one: it prints `<no value>`.
struct Executor {
    /// Go stops at this depth of templates in templates. We stop where the stack ends, which may be sooner.
    static let maximumDepth = 100_000

    enum Flow { case next, breakLoop, continueLoop }

    /// What the command before in a pipeline gave.
    enum Final {
        case missing
        case value(TemplateValue?)

        var isMissing: Bool {
            if case .missing = self { true } else { false }
        }
    }

    let template: Template
    let options: Template.Options
    private(set) var output: [UInt8] = []
    private var variables: [(name: String, value: TemplateValue?)]
    /// The node being worked on, which errors name.
    private var node: Node?
    private var templateName: [UInt8]
    private var depth = 0
    private var steps = 0
    private var stack: StackGuard?

    init(_ template: Template, _ options: Template.Options, data: TemplateValue?) {
        self.template = template
        self.options = options
        variables = [("$", data)]
        templateName = Array(template.name.utf8)
    }

    mutating func run() throws(TemplateError) -> [UInt8] {
        let data = variables.first?.value
        guard let nodes = template.trees[templateName] else {
            throw TemplateError(
                .execution, "template: \(template.name): \(Quoting.quote(template.name)) is an incomplete template")
        }
        _ = try walk(nodes, data)
        return output
    }

    // MARK: Errors

    mutating func at(_ node: Node) { self.node = node }

    /// An error at the current node, with its line and column.
    func error(_ message: String) -> TemplateError {
        guard let node else { return TemplateError(.execution, "template: \(template.name): \(message)") }
        let before = template.text.prefix(node.position)
        let line = 1 + before.count { $0 == 0x0A }
        let column = before.lastIndex(of: 0x0A).map { node.position - $0 - 1 } ?? node.position
        let name = String(decoding: Quoting.quote(templateName), as: UTF8.self)
        return TemplateError(
            .execution, "template: \(template.name):\(line):\(column): executing \(name) at <\(node.text)>: \(message)")
    }

    // MARK: Output

    private mutating func write(_ bytes: [UInt8]) throws(TemplateError) {
        guard bytes.count <= options.maximumOutput - output.count else {
            throw TemplateError(.limit, "the template writes more than \(options.maximumOutput) bytes")
        }
        output += bytes
    }

    private mutating func step() throws(TemplateError) {
        steps += 1
        if steps & 0xFFF == 0, Task.isCancelled { throw TemplateError(.limit, "the template was interrupted") }
        guard steps <= options.maximumSteps else { throw TemplateError(.limit, "the template takes too long") }
    }

    // MARK: Walking

    private mutating func walk(_ nodes: [Node], _ dot: TemplateValue?) throws(TemplateError) -> Flow {
        for node in nodes {
            let flow = try walk(node, dot)
            if flow != .next { return flow }
        }
        return .next
    }

    private mutating func walk(_ node: Node, _ dot: TemplateValue?) throws(TemplateError) -> Flow {
        try step()
        at(node)
        switch node {
        case .text(_, let text): try write(text)
        case .action(_, let pipe):
            let value = try evaluate(pipe, dot)
            if pipe.declarations.isEmpty {
                at(node)
                try write(Self.printed(value))
            }
        case .branch(let branch):
            return branch.kind == .range ? try range(branch, node, dot) : try condition(branch, dot)
        case .template(_, let name, let pipe): try call(node, name, pipe, dot)
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        default: throw error("unknown node: \(node.text)")
        }
        return .next
    }

    /// A value as an action prints it.
    static func printed(_ value: TemplateValue?) -> [UInt8] {
        guard let value = value.map({ $0.isPointer ? $0.indirect().value : $0 }) else {
            return Array("<no value>".utf8)
        }
        if case .string = value.type { return value.bytes }
        return Printer.print([value])
    }

    private mutating func condition(_ branch: Node.Branch, _ dot: TemplateValue?) throws(TemplateError) -> Flow {
        let mark = variables.count
        let value = try evaluate(branch.pipe, dot)
        let truth = value?.isTrue ?? false
        var flow = Flow.next
        if truth {
            flow = try walk(branch.body, branch.kind == .with ? value : dot)
        } else if let otherwise = branch.otherwise {
            flow = try walk(otherwise, dot)
        }
        variables.removeLast(variables.count - mark)
        return flow
    }

    private mutating func call(
        _ node: Node, _ name: [UInt8], _ pipe: Node.Pipe?, _ dot: TemplateValue?
    ) throws(TemplateError) {
        guard let nodes = template.trees[name] else {
            throw error("template \(String(decoding: Quoting.quote(name), as: UTF8.self)) not defined")
        }
        if depth > 16, stack == nil { stack = StackGuard() }
        guard depth < Self.maximumDepth, !(stack?.isExhausted ?? false) else {
            throw error("exceeded maximum template depth (\(Self.maximumDepth))")
        }
        let argument = try pipe.map { pipe throws(TemplateError) in try evaluate(pipe, dot) } ?? nil
        // The called template sees none of the caller's variables.
        let saved = (variables, templateName)
        (variables, templateName) = ([("$", argument)], name)
        depth += 1
        _ = try walk(nodes, argument)
        depth -= 1
        (variables, templateName) = saved
    }

    // MARK: Range

    private mutating func range(
        _ branch: Node.Branch, _ node: Node, _ dot: TemplateValue?
    ) throws(TemplateError) -> Flow {
        let mark = variables.count
        let source = try evaluate(branch.pipe, dot)
        let value = source.flatMap { $0.indirect().isNil ? nil : $0.indirect().value }
        var ran = false
        switch (value?.type.underlying, value?.content) {
        case (nil, _):
            if let source { throw error("range can't iterate over \(text(source))") }
        case (.slice, _):
            for (index, element) in (value?.elements ?? []).enumerated() {
                ran = true
                if try !iterate(branch, .int(index), element) { break }
            }
        case (.map, _):
            for (key, member) in value?.members ?? [] {
                ran = true
                if try !iterate(branch, .text(key.utf8), member) { break }
            }
        case (.integer, .signed(let count)): ran = try range(branch, value, upTo: UInt64(clamping: count))
        case (.duration, .signed(let count)): ran = try range(branch, value, upTo: UInt64(clamping: count))
        case (.integer, .unsigned(let count)): ran = try range(branch, value, upTo: count)
        default: throw error("range can't iterate over \(value.map(text) ?? "")")
        }
        var flow = Flow.next
        if !ran, let otherwise = branch.otherwise { flow = try walk(otherwise, dot) }
        variables.removeLast(variables.count - mark)
        return flow
    }

    private mutating func range(
        _ branch: Node.Branch, _ value: TemplateValue?, upTo count: UInt64
    ) throws(TemplateError) -> Bool {
        guard let value else { return false }
        if branch.pipe.declarations.count > 1 {
            throw error("can't use \(text(value)) to iterate over more than one variable")
        }
        var next: UInt64 = 0
        while next < count {
            let isSigned = if case .signed = value.content { true } else { false }
            let content: TemplateValue.Content = isSigned ? .signed(Int64(clamping: next)) : .unsigned(next)
            if try !iterate(branch, nil, TemplateValue(value.type, content)) { break }
            next += 1
        }
        return count > 0
    }

    /// Runs the body once; false after a `break`.
    private mutating func iterate(
        _ branch: Node.Branch, _ index: TemplateValue?, _ element: TemplateValue
    ) throws(TemplateError) -> Bool {
        try step()
        let names = branch.pipe.declarations
        if branch.pipe.isAssignment {
            if let first = names.first { try assign(first, names.count > 1 ? index : element) }
            if names.count > 1 { try assign(names[1], element) }
        } else {
            // The pipeline pushed its variables last: the element's is on top, the index's below it.
            if let place = variables.indices.last, !names.isEmpty { variables[place].value = element }
            if names.count > 1 { variables[variables.count - 2].value = index }
        }
        let mark = variables.count
        let flow = try walk(branch.body, element)
        variables.removeLast(variables.count - mark)
        return flow != .breakLoop
    }

    /// A value inside a message, as `%v` prints it.
    private func text(_ value: TemplateValue) -> String {
        String(decoding: Printer.print([value]), as: UTF8.self)
    }
}

// MARK: - Variables and pipelines

extension Executor {
    private mutating func assign(_ name: String, _ value: TemplateValue?) throws(TemplateError) {
        guard let place = variables.lastIndex(where: { $0.name == name }) else {
            throw error("undefined variable: \(name)")
        }
        variables[place].value = value
    }

    func variable(_ name: String) throws(TemplateError) -> TemplateValue? {
        guard let found = variables.last(where: { $0.name == name }) else {
            throw error("undefined variable: \(name)")
        }
        return found.value
    }

    /// The value of a pipeline. Variables that it declares stay until their block ends.
    mutating func evaluate(_ pipe: Node.Pipe, _ dot: TemplateValue?) throws(TemplateError) -> TemplateValue? {
        at(.pipe(pipe))
        var value = Final.missing
        for command in pipe.commands {
            var result = try evaluate(command, dot, value)
            if let inner = result, inner.isInterface { result = inner.element }
            value = .value(result)
        }
        guard case .value(let result) = value else { return nil }
        for name in pipe.declarations {
            if pipe.isAssignment {
                try assign(name, result)
            } else {
                variables.append((name, result))
            }
        }
        return result
    }

    private mutating func evaluate(
        _ command: Node.Command, _ dot: TemplateValue?, _ final: Final
    ) throws(TemplateError) -> TemplateValue? {
        let arguments = command.arguments
        guard let first = arguments.first else { throw error("empty command") }
        switch first {
        case .field(_, let names):
            at(first)
            return try fields(names, of: dot, dot, first, arguments, final)
        case .chain: return try chain(first, dot, arguments, final)
        case .identifier(_, let name): return try function(name, first, .command(command), dot, arguments, final)
        case .pipe(let pipe):
            try refuseArguments(arguments, final)
            return try evaluate(pipe, dot)
        case .variable: return try variable(first, dot, arguments, final)
        default: break
        }
        at(first)
        try refuseArguments(arguments, final)
        switch first {
        case .dot: return dot
        case .null: throw error("nil is not a command")
        default: return try constant(first)
        }
    }

    func refuseArguments(_ arguments: [Node], _ final: Final) throws(TemplateError) {
        guard arguments.count > 1 || !final.isMissing else { return }
        throw error("can't give argument to non-function \(arguments.first?.text ?? "")")
    }

    /// A literal, typed as Go types it where nothing else says.
    mutating func constant(_ node: Node) throws(TemplateError) -> TemplateValue? {
        switch node {
        case .bool(_, let flag): return .bool(flag)
        case .string(_, _, let text): return .text(text)
        case .number(_, let number):
            at(node)
            if number.looksLikeFloat, let float = number.float { return TemplateValue(.float64, .float(float)) }
            guard let integer = number.integer else { throw error("\(number.text) overflows int") }
            return TemplateValue(.int, .signed(integer))
        default: throw error("can't evaluate command \(Quoting.quote(node.text))")
        }
    }
}
