import JSON
package import Language

/// A command made with `def`.
package struct UserCommand: Sendable {
    package let definition: Definition
    /// The block that the definition stands in: what its body sees.
    let scope: Scope

    package var name: String { definition.name.text }

    /// `FILE:LINE` of its definition.
    package var place: String {
        let span = definition.name.span
        return "\(span.source.name):\(span.position.line)"
    }

    /// What `help NAME` and `NAME --help` show: its comment, its parameters with theirs, and where it is defined.
    package var help: String {
        let help = ParameterHelp(
            name: name, documentation: definition.documentation, parameters: definition.parameters)
        return help.text + "\n\ndefined at \(place)"
    }

    /// What to write where an argument is taken for text and was meant as a number: `failure` is of a filter in the body, and
    /// either uses the parameter or quotes its value. nil where that is not what is wrong.
    func numberHint(for failure: ShellError, call: CommandCall) -> String? {
        guard failure.code == .filter, failure.hint == nil, let span = failure.span,
            span.source === definition.body.span.source, definition.body.span.start <= span.start,
            span.end <= definition.body.span.end
        else { return nil }
        let used = span.text
        let positional = definition.parameters.filter { $0.kind == .positional }
        let words = call.arguments.filter { $0.bareText?.hasPrefix("--") != true }
        for (place, word) in words.enumerated() {
            guard let text = word.bareText, Double(text) != nil, text.allSatisfy({ !$0.isLetter }) else { continue }
            let variable = positional.indices.contains(place) ? "$" + positional[place].variableName : nil
            let isUsed = variable.map { used.firstRange(of: $0) != nil } ?? false
            if isUsed || failure.message.contains("(\"\(text)\")") {
                return "`\(text)` is text, as every bare word is: `\(name) (\(text))` gives the number"
            }
        }
        return nil
    }
}

/// A call's arguments matched with the parameters of a `def` or of `params`.
struct ParameterBinding {
    private let parameters: [Parameter]
    private let command: String
    private(set) var values: [String: JSONValue] = [:]
    /// Parameters to be given their default, in order.
    private(set) var missing: [Parameter] = []
    /// An array stood for one parameter.
    private var hasArray = false

    /// Throws a usage error for unknown options, missing values, and too many or too few arguments.
    init(_ parameters: [Parameter], arguments: [Argument], command: String) throws(ShellError) {
        self.parameters = parameters
        self.command = command
        var positional: [JSONValue] = []
        var index = 0
        var onlyPositional = false
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            guard !onlyPositional, let text = argument.bareText, text.hasPrefix("--") else {
                positional.append(argument.value)
                continue
            }
            if text == "--" {
                onlyPositional = true
                continue
            }
            index = try bindOption(String(text.dropFirst(2)), argument.inlineValue, arguments, next: index)
        }
        try bindPositional(positional)
        for parameter in parameters where values[parameter.variableName] == nil {
            if parameter.kind == .flag {
                values[parameter.variableName] = .bool(false)
            } else {
                missing.append(parameter)
            }
        }
    }

    private mutating func bindOption(
        _ text: String, _ value: JSONValue?, _ arguments: [Argument], next: Int
    ) throws(ShellError) -> Int {
        let name = String(text.prefix { $0 != "=" })
        let inline = value ?? (text.count > name.count ? .string(String(text.dropFirst(name.count + 1))) : nil)
        let options = parameters.filter { $0.kind == .flag || $0.kind == .option }
        guard let parameter = options.first(where: { $0.name.text == name }) else {
            let near = nearest(name, in: options.map(\.name.text)).map { "did you mean --\($0)?" }
            throw ShellError(.usage, "\(command) has no option --\(name)", hint: near, command: command)
        }
        if parameter.kind == .flag {
            guard inline == nil else {
                throw ShellError(.usage, "--\(name) takes no value", command: command)
            }
            values[parameter.variableName] = .bool(true)
            return next
        }
        if let inline {
            values[parameter.variableName] = inline
            return next
        }
        guard next < arguments.count else {
            throw ShellError(.usage, "--\(name) needs a value", command: command)
        }
        values[parameter.variableName] = arguments[next].value
        return next + 1
    }

    private mutating func bindPositional(_ positional: [JSONValue]) throws(ShellError) {
        var rest = positional[...]
        for parameter in parameters {
            switch parameter.kind {
            case .positional:
                if let value = rest.popFirst() {
                    values[parameter.variableName] = value
                    if value.arrayValue != nil { hasArray = true }
                }
            case .rest:
                // Many arguments are wanted here, so an array is as many.
                values[parameter.variableName] = .array(rest.flatMap { $0.arrayValue ?? [$0] })
                rest = []
            case .flag, .option: break
            }
        }
        guard rest.isEmpty else {
            let count = parameters.count { $0.kind == .positional }
            throw ShellError(
                .usage, "\(command) takes \(count) argument\(count == 1 ? "" : "s"), not \(positional.count)",
                hint: usage, command: command)
        }
    }

    /// What the call should look like.
    var usage: String { ParameterHelp.usage(of: parameters, command: command) }

    /// What to say where a parameter has no argument.
    var adviceForMissing: String {
        hasArray ? usage + "; an array is one argument, and its elements are several: `(… | .[])`" : usage
    }
}

/// One argument of a call: its value, and its text where it was written bare.
struct Argument: Sendable {
    let value: JSONValue
    /// The text of a bare word, which may be an option; nil where it was quoted or computed.
    let bareText: String?
    /// The value behind `--name=`, where it was computed: it keeps its type.
    var inlineValue: JSONValue?
    let span: Span
}
