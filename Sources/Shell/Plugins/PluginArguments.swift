import JSON

/// A call's words matched with what a plugin's metadata declares: unknown options, missing values and wrong kinds are the
/// same usage errors that a `def` gives.
struct PluginArguments {
    private let metadata: PluginMetadata
    private var given: [String: [JSONValue]] = [:]

    /// True where `--help` was among the words.
    private(set) var asksHelp = false

    /// `hasInput`: something is piped in, which stands for the references that a plugin takes from the pipe.
    init(_ metadata: PluginMetadata, words: [Argument], hasInput: Bool) throws(ShellError) {
        self.metadata = metadata
        var positional: [JSONValue] = []
        var rest = words[...]
        var onlyPositional = false
        while let word = rest.popFirst() {
            guard !onlyPositional, let text = word.bareText, text.hasPrefix("-"), text != "-", Double(text) == nil
            else {
                positional.append(word.value)
                continue
            }
            if text == "--" {
                onlyPositional = true
            } else if text == "--help" || text == "-h" && option("h") == nil {
                asksHelp = true
                return
            } else if text.hasPrefix("--") {
                try takeLong(String(text.dropFirst(2)), word.inlineValue, &rest)
            } else {
                try takeShort(String(text.dropFirst()), &rest)
            }
        }
        try takePositional(positional)
        for parameter in metadata.parameters where parameter.isRequired && given[parameter.name] == nil {
            if !parameter.isOption, hasInput, metadata.declaration.input == .references { continue }
            throw usage("needs \(parameter.isOption ? "--" : "")\(parameter.name)", hint: usageLine)
        }
    }

    /// `{"options": {…}, "arguments": {…}}`: every declared name with its value, its default, or null.
    var message: [(key: String, value: JSONValue)] {
        var options = JSONObject()
        var arguments = JSONObject()
        for parameter in metadata.parameters {
            let values = given[parameter.name]
            let value: JSONValue
            if parameter.repeats {
                value = values.map { .array($0) } ?? (parameter.defaultValue == .null ? [] : parameter.defaultValue)
            } else if parameter.kind == .flag {
                value = .bool(values != nil)
            } else {
                value = values?.last ?? parameter.defaultValue
            }
            if parameter.isOption { options[parameter.name] = value } else { arguments[parameter.name] = value }
        }
        return [("options", .object(options)), ("arguments", .object(arguments))]
    }

    private var name: String { metadata.name }

    private var usageLine: String {
        let options = metadata.options
        return
            (["usage:", name] + (options.options.isEmpty ? [] : ["[options]"]) + options.positional).joined(
                separator: " ")
    }

    private func usage(_ message: String, hint: String?) -> ShellError {
        ShellError(.usage, "\(name) \(message)", hint: hint ?? "`help \(name)` shows its options", command: name)
    }

    private func option(_ short: Character) -> PluginParameter? {
        metadata.parameters.first { $0.isOption && $0.short == short }
    }

    private mutating func takeLong(
        _ text: String, _ value: JSONValue?, _ rest: inout ArraySlice<Argument>
    ) throws(ShellError) {
        let name = String(text.prefix { $0 != "=" })
        let inline = value ?? (text.count > name.count ? .string(String(text.dropFirst(name.count + 1))) : nil)
        let options = metadata.parameters.filter(\.isOption)
        guard let parameter = options.first(where: { $0.name == name }) else {
            let near = nearest(name, in: options.map(\.name) + ["help"]).map { "did you mean --\($0)?" }
            throw usage("has no option --\(name)", hint: near)
        }
        if parameter.kind == .flag {
            guard inline == nil else { throw usage("takes no value for --\(name)", hint: nil) }
            given[name] = [.bool(true)]
        } else {
            guard let value = inline ?? rest.popFirst()?.value else {
                throw usage("needs a value for --\(name)", hint: nil)
            }
            try add(value, to: parameter)
        }
    }

    /// `-q`, `-qv`, `-n 5`, `-n5`.
    private mutating func takeShort(_ text: String, _ rest: inout ArraySlice<Argument>) throws(ShellError) {
        var letters = text[...]
        while let letter = letters.popFirst() {
            guard let parameter = option(letter) else { throw usage("has no option -\(letter)", hint: nil) }
            if parameter.kind == .flag {
                given[parameter.name] = [.bool(true)]
                continue
            }
            if letters.isEmpty {
                guard let word = rest.popFirst() else { throw usage("needs a value for -\(letter)", hint: nil) }
                return try add(word.value, to: parameter)
            }
            return try add(.string(String(letters.first == "=" ? letters.dropFirst() : letters)), to: parameter)
        }
    }

    private mutating func takePositional(_ values: [JSONValue]) throws(ShellError) {
        var rest = values[...]
        let parameters = metadata.parameters.filter { !$0.isOption }
        for parameter in parameters {
            if parameter.repeats {
                while let value = rest.popFirst() { try add(value, to: parameter) }
                continue
            }
            // An array is one value, and several texts.
            if parameter.kind != .value { while let items = rest.first?.arrayValue { rest = items + rest.dropFirst() } }
            if let value = rest.popFirst() { try add(value, to: parameter) }
        }
        guard rest.isEmpty else {
            let count = parameters.count
            throw usage("takes \(count) argument\(count == 1 ? "" : "s"), not \(values.count)", hint: usageLine)
        }
    }

    private mutating func add(_ value: JSONValue, to parameter: PluginParameter) throws(ShellError) {
        // Where many are taken, an array is as many.
        for value in parameter.repeats ? value.arrayValue ?? [value] : [value] {
            given[parameter.name, default: []].append(try converted(value, for: parameter))
        }
    }

    private func converted(_ value: JSONValue, for parameter: PluginParameter) throws(ShellError) -> JSONValue {
        let shown = (parameter.isOption ? "--" : "") + parameter.name
        switch parameter.kind {
        case .value: return value
        case .flag: return .bool(true)
        case .number:
            if case .number = value { return value }
            if let number = value.stringValue.flatMap(Double.init), number.isFinite { return .number(number) }
            throw usage("takes a number for \(shown), not \(value.compact.prefix(60))", hint: nil)
        case .text, .image, .remoteImage, .file:
            var texts: [String] = []
            do throws(ShellError) { try ArgumentText.append(value, to: &texts) } catch {
                throw usage("takes a text for \(shown): \(error.message)", hint: error.hint)
            }
            guard texts.count == 1 else { throw usage("takes one text for \(shown), not \(texts.count)", hint: nil) }
            if !parameter.choices.isEmpty, !parameter.choices.contains(texts[0]) {
                let near = nearest(texts[0], in: parameter.choices).map { "did you mean \($0)? " } ?? ""
                throw usage(
                    "takes no \(texts[0].prefix(60)) for \(shown)",
                    hint: near + "it takes: " + parameter.choices.joined(separator: ", "))
            }
            return .string(texts[0])
        }
    }
}
