extension Executor {
    mutating func variable(
        _ node: Node, _ dot: TemplateValue?, _ arguments: [Node], _ final: Final
    ) throws(TemplateError) -> TemplateValue? {
        guard case .variable(_, let names) = node, let name = names.first else { return nil }
        at(node)
        let value = try variable(name)
        guard names.count > 1 else {
            try refuseArguments(arguments, final)
            return value
        }
        return try fields(Array(names.dropFirst()), of: value, dot, node, arguments, final)
    }

    mutating func chain(
        _ node: Node, _ dot: TemplateValue?, _ arguments: [Node], _ final: Final
    ) throws(TemplateError) -> TemplateValue? {
        guard case .chain(_, let head, let names) = node else { return nil }
        at(node)
        if case .null = head { throw error("indirection through explicit nil in \(node.text)") }
        let value = try argument(head, dot, as: nil)
        return try fields(names, of: value, dot, node, arguments, final)
    }

    /// Walks `.X.Y.Z`; only the last may take arguments.
    mutating func fields(
        _ names: [String], of receiver: TemplateValue?, _ dot: TemplateValue?, _ node: Node, _ arguments: [Node],
        _ final: Final
    ) throws(TemplateError) -> TemplateValue? {
        var value = receiver
        for name in names.dropLast() { value = try field(name, of: value, dot, node, [], .missing) }
        guard let last = names.last else { return value }
        return try field(last, of: value, dot, node, arguments, final)
    }

    private mutating func field(
        _ name: String, of receiver: TemplateValue?, _ dot: TemplateValue?, _ node: Node, _ arguments: [Node],
        _ final: Final
    ) throws(TemplateError) -> TemplateValue? {
        guard let receiver else {
            guard options.missingKey == .error else { return nil }
            throw error("nil data; no entry for key \(Quoting.quote(name))")
        }
        let type = receiver.type
        let (value, isNil) = receiver.indirect()
        if isNil, value.isInterface { throw error("nil pointer evaluating \(type.name).\(name)") }
        if let method = Methods.find(name, on: value) {
            return try call(method, name, node, dot, arguments, final)
        }
        let hasArguments = arguments.count > 1 || !final.isMissing
        switch value.type.underlying {
        case .structure:
            if let field = value.field(name) {
                if hasArguments { throw error("\(name) has arguments but cannot be invoked as function") }
                return field
            }
        case .map(let element, "string"):
            if hasArguments { throw error("\(name) is not a method but has arguments") }
            if let member = value.member(name) { return member }
            switch options.missingKey {
            case .noValue: return nil
            case .zero: return TemplateValue(nil, as: element)
            case .error: throw error("map has no entry for key \(Quoting.quote(name))")
            }
        case .pointer(let pointee):
            guard case .structure = pointee.underlying else { break }
            if TemplateValue(nil, as: pointee).field(name) != nil {
                throw error("nil pointer evaluating \(type.name).\(name)")
            }
        default: break
        }
        throw error("can't evaluate field \(name) in type \(type.name)")
    }

    // MARK: Functions

    mutating func function(
        _ name: String, _ node: Node, _ command: Node, _ dot: TemplateValue?, _ arguments: [Node], _ final: Final
    ) throws(TemplateError) -> TemplateValue? {
        at(node)
        guard let function = Functions.find(name, options.functions) else {
            throw error("\(Quoting.quote(name)) is not a defined function")
        }
        return try call(function, name, command, dot, arguments, final)
    }

    /// Checks the number of arguments, evaluates them each as its parameter's type, and calls.
    private mutating func call(
        _ function: Function, _ name: String, _ node: Node, _ dot: TemplateValue?, _ arguments: [Node], _ final: Final
    ) throws(TemplateError) -> TemplateValue? {
        let given = arguments.dropFirst()
        let count = given.count + (final.isMissing ? 0 : 1)
        let fixed = function.parameters.count
        if function.rest != nil {
            guard count >= fixed else {
                throw error("wrong number of args for \(name): want at least \(fixed) got \(given.count)")
            }
        } else if count != fixed {
            throw error("wrong number of args for \(name): want \(fixed) got \(count)")
        }
        if let stop = function.stopsAt { return try shortCircuit(given, dot, final, stop) }
        var values: [TemplateValue?] = []
        for (index, node) in given.enumerated() {
            values.append(try argument(node, dot, as: function.parameter(index)))
        }
        if case .value(let value) = final { values.append(try checked(value, as: function.parameter(given.count))) }
        do throws(FunctionError) {
            let callee = arguments.dropFirst().first?.text ?? final.text
            let result = try function.body(Function.Call(values: values, callee: callee, limit: options.maximumOutput))
            if (result?.bytes.count ?? 0) > options.maximumOutput { throw FunctionError.tooLarge }
            return result
        } catch {
            if error.isLimit { throw TemplateError(.limit, error.message) }
            at(node)
            throw self.error("error calling \(name): \(error.message)")
        }
    }

    /// `and` and `or` evaluate no argument after the one that decides.
    private mutating func shortCircuit(
        _ arguments: ArraySlice<Node>, _ dot: TemplateValue?, _ final: Final, _ stop: Bool
    ) throws(TemplateError) -> TemplateValue? {
        var value: TemplateValue?
        for node in arguments {
            value = try argument(node, dot, as: .value)
            if value?.truth ?? false == stop { return value }
        }
        if case .value(let last) = final { return last }
        return value
    }

    /// One argument, as a parameter's type; `nil` asks for any.
    mutating func argument(
        _ node: Node, _ dot: TemplateValue?, as parameter: Function.Parameter?
    ) throws(TemplateError) -> TemplateValue? {
        at(node)
        let value: TemplateValue?
        switch node {
        case .dot: value = dot
        case .null:
            switch parameter {
            case .string, .int: throw error("cannot assign nil to \(parameter?.name ?? "")")
            case .strings: return TemplateValue(nil, as: .strings)
            default: return nil
            }
        case .field(_, let names): value = try fields(names, of: dot, dot, node, [node], .missing)
        case .variable: value = try variable(node, dot, [], .missing)
        case .pipe(let pipe): value = try evaluate(pipe, dot)
        case .identifier(_, let name): value = try function(name, node, node, dot, [], .missing)
        case .chain: value = try chain(node, dot, [], .missing)
        default: return try literal(node, as: parameter)
        }
        // Not as one expression: `checked` would work on a copy made before, which knows another node.
        return try checked(value, as: parameter)
    }

    private mutating func literal(
        _ node: Node, as parameter: Function.Parameter?
    ) throws(TemplateError) -> TemplateValue? {
        switch (parameter, node) {
        case (.int, .number(_, let number)):
            guard let integer = number.integer else { throw error("expected integer; found \(node.text)") }
            return TemplateValue(.int, .signed(integer))
        case (.int, _): throw error("expected integer; found \(node.text)")
        case (.string, .string(_, _, let text)): return .text(text)
        case (.string, _): throw error("expected string; found \(node.text)")
        case (.strings, _): throw error("can't handle \(node.text) for arg of type []string")
        default: return try constant(node)
        }
    }

    /// Go's assignability of a value to a parameter, with one interface or pointer taken off where that helps.
    private func checked(
        _ value: TemplateValue?, as parameter: Function.Parameter?
    ) throws(TemplateError) -> TemplateValue? {
        guard let parameter, parameter != .value, parameter != .any else { return value }
        guard var found = value else {
            if parameter == .strings { return TemplateValue(nil, as: .strings) }
            throw error("invalid value; expected \(parameter.name)")
        }
        if parameter.accepts(found.type) { return found }
        if found.isInterface, let inner = found.element { found = inner }
        if parameter.accepts(found.type) { return found }
        if found.isPointer, case .pointer(let pointee) = found.type.underlying, parameter.accepts(pointee) {
            guard let inner = found.element else {
                throw error("dereference of nil pointer of type \(parameter.name)")
            }
            return inner
        }
        throw error("wrong type for value; expected \(parameter.name); got \(found.type.name)")
    }
}

extension Executor.Final {
    fileprivate var text: String {
        guard case .value(let value?) = self else { return "<invalid Value>" }
        return value.isStringKind ? String(decoding: value.bytes, as: UTF8.self) : "<\(value.type.name) Value>"
    }
}

extension TemplateValue {
    /// The truth of what an interface holds.
    var truth: Bool { isInterface ? element?.isTrue ?? false : isTrue }
}
