package import JSON

/// What a plugin tells about itself: the same contract that a built-in command has as a Swift declaration.
///
/// An executable prints it for `dsh-NAME metadata`; of a `.dsh` file it is read off the definitions and their comments.
package struct PluginMetadata: Sendable {
    /// The version of the line protocol that this dsh speaks.
    package static let protocolVersion = 1
    /// Seconds that a call may say nothing, where the plugin names none.
    static let defaultSilence = 300

    package let declaration: CommandDeclaration
    package let parameters: [PluginParameter]
    /// The plugin's own version; empty where it names none.
    package let version: String
    /// Whether it answers completion requests.
    package let completes: Bool
    /// Read off a `def`, which is called as any other is, and takes values from the pipe whatever it says.
    let isDefinition: Bool
    /// How long a call may say nothing before it is taken for hung.
    package let silence: Duration
    /// As it was given: what the cache keeps.
    package let json: JSONValue

    /// Throws `external` where a member is missing or of the wrong kind.
    package init(_ json: JSONValue, name: String) throws(ShellError) {
        let reader = MetadataReader(plugin: name)
        guard let object = json.objectValue else { throw reader.fault("is \(json.kindName), not an object") }
        let spoken = try reader.number(object, "protocol") ?? Self.protocolVersion
        guard spoken == Self.protocolVersion else { throw ShellError.pluginProtocol(name, spoken) }
        let own = try reader.requiredText(object, "name")
        guard own == name else { throw reader.fault("names it `\(own.prefix(60))`; the file's name says `\(name)`") }
        var parameters: [PluginParameter] = []
        for member in try reader.list(object, "arguments") {
            parameters.append(try PluginParameter(argument: member, reader))
        }
        for member in try reader.list(object, "options") {
            parameters.append(try PluginParameter(option: member, reader))
        }
        try reader.checkNames(of: parameters)
        let positional = parameters.filter { !$0.isOption }
        declaration = CommandDeclaration(
            name: name, category: .plugins, summary: try reader.requiredText(object, "summary"),
            discussion: try reader.text(object, "discussion") ?? "",
            arguments: (positional.last ?? positional.first)?.kind.completion ?? .none,
            input: try reader.input(object), result: try reader.result(object), examples: try reader.examples(object))
        self.parameters = parameters
        version = try reader.text(object, "version") ?? ""
        isDefinition = try reader.flag(object, "definition")
        completes = try reader.flag(object, "completes")
        silence = .seconds(min(max(try reader.number(object, "silence") ?? Self.defaultSilence, 1), 86_400))
        self.json = json
    }

    package var name: String { declaration.name }

    /// What `help NAME` and `NAME --help` show.
    package var help: String {
        var discussion = declaration.discussion
        let described = parameters.filter { !$0.isOption && !$0.summary.isEmpty }
        if !described.isEmpty {
            discussion += discussion.isEmpty ? "" : "\n\n"
            discussion += described.map { "\($0.name.uppercased()): \($0.summary)" }.joined(separator: "\n")
        }
        return HelpText(
            CommandDeclaration(
                name: name, category: .plugins, summary: declaration.summary, discussion: discussion,
                input: declaration.input, result: declaration.result, examples: declaration.examples),
            options
        ).text
    }

    /// What help and completion offer.
    package var options: CommandOptions {
        CommandOptions(
            options: parameters.filter(\.isOption).map { parameter in
                CommandOptions.Option(
                    names: (parameter.short.map { ["-\($0)"] } ?? []) + ["--" + parameter.name],
                    value: parameter.kind == .flag ? nil : parameter.valueName, summary: parameter.summary,
                    choices: parameter.choices)
            },
            positional: parameters.filter { !$0.isOption }.map { parameter in
                let word = parameter.name.uppercased() + (parameter.repeats ? "…" : "")
                return parameter.isRequired ? word : "[\(word)]"
            },
            positionalChoices: parameters.filter { !$0.isOption }.map(\.choices))
    }
}

/// One argument or option that a plugin takes.
package struct PluginParameter: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case text, number, flag, image, file
        case remoteImage = "remote-image"
        /// Any JSON value, as it is.
        case value

        var completion: ArgumentKind {
            switch self {
            case .image: .localImage
            case .remoteImage: .remoteImage
            case .file: .file
            case .text, .number, .flag, .value: .text
            }
        }
    }

    package let name: String
    package let isOption: Bool
    package let short: Character?
    package let kind: Kind
    /// What help calls an option's value.
    package let valueName: String
    package let summary: String
    package let choices: [String]
    package let defaultValue: JSONValue
    package let isRequired: Bool
    package let repeats: Bool

    fileprivate init(argument json: JSONValue, _ reader: MetadataReader) throws(ShellError) {
        try self.init(json, isOption: false, reader)
    }

    fileprivate init(option json: JSONValue, _ reader: MetadataReader) throws(ShellError) {
        try self.init(json, isOption: true, reader)
    }

    private init(_ json: JSONValue, isOption: Bool, _ reader: MetadataReader) throws(ShellError) {
        guard let object = json.objectValue else {
            throw reader.fault("has \(json.kindName) among its \(isOption ? "options" : "arguments")")
        }
        name = try reader.requiredText(object, "name")
        guard Self.isParameterName(name) else { throw reader.fault("has a name of no use, `\(name.prefix(60))`") }
        self.isOption = isOption
        let short = try reader.text(object, "short")
        guard short.map({ $0.count == 1 && $0.first?.isLetter == true && $0.utf8.count == 1 }) ?? true else {
            throw reader.fault("has `short` of --\(name), which is not one letter")
        }
        self.short = short?.first
        let kind = try reader.text(object, "kind") ?? "text"
        guard let known = Kind(rawValue: kind), isOption || known != .flag else {
            throw reader.fault("has `\(name)` of an unknown kind, `\(kind.prefix(60))`")
        }
        self.kind = known
        valueName = try reader.text(object, "value") ?? kind
        summary = try reader.text(object, "summary") ?? ""
        choices = try reader.texts(object, "choices")
        defaultValue = object["default"] ?? .null
        isRequired = try reader.flag(object, "required")
        repeats = try reader.flag(object, "repeats")
    }

    /// Letters, digits, hyphens and underscores, a letter first.
    private static func isParameterName(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter, text.utf8.count <= 40 else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// What a plugin may be called: small letters, digits and hyphens, a letter first.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 40 else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}

/// Takes members out of metadata; what is of the wrong kind is told by its name.
private struct MetadataReader {
    let plugin: String

    /// More parameters, fields or examples than this are no declaration.
    private static let maximumCount = 500

    func fault(_ what: String) -> ShellError {
        ShellError.plugin(plugin, "has metadata of no use: it \(what)")
    }

    func text(_ object: JSONObject, _ key: String) throws(ShellError) -> String? {
        switch object[key] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        case let other?: throw fault("has `\(key)` as \(other.kindName), not a text")
        }
    }

    func requiredText(_ object: JSONObject, _ key: String) throws(ShellError) -> String {
        guard let text = try text(object, key), !text.isEmpty else { throw fault("lacks `\(key)`") }
        return text
    }

    func number(_ object: JSONObject, _ key: String) throws(ShellError) -> Int? {
        switch object[key] {
        case nil, .null?: return nil
        case let value?:
            guard let number = value.intValue else { throw fault("has `\(key)`, which is not a whole number") }
            return number
        }
    }

    func flag(_ object: JSONObject, _ key: String) throws(ShellError) -> Bool {
        switch object[key] {
        case nil, .null?: return false
        case .bool(let flag)?: return flag
        case let other?: throw fault("has `\(key)` as \(other.kindName), not a boolean")
        }
    }

    func list(_ object: JSONObject, _ key: String) throws(ShellError) -> [JSONValue] {
        switch object[key] {
        case nil, .null?: return []
        case .array(let items)?:
            guard items.count <= Self.maximumCount else { throw fault("has more than \(Self.maximumCount) `\(key)`") }
            return items
        case let other?: throw fault("has `\(key)` as \(other.kindName), not an array")
        }
    }

    func texts(_ object: JSONObject, _ key: String) throws(ShellError) -> [String] {
        var texts: [String] = []
        for item in try list(object, key) {
            guard let text = item.stringValue else { throw fault("has \(item.kindName) among its `\(key)`") }
            texts.append(text)
        }
        return texts
    }

    func input(_ object: JSONObject) throws(ShellError) -> PipeInput {
        switch try text(object, "input") ?? "nothing" {
        case "nothing": return .nothing
        case "references": return .references
        case "values": return .values
        case let other: throw fault("has `input` as `\(other.prefix(60))`; it is nothing, references or values")
        }
    }

    func result(_ object: JSONObject) throws(ShellError) -> ResultShape {
        guard let result = object["result"], result != .null else { return ResultShape(.any) }
        guard let members = result.objectValue else { throw fault("has `result` as \(result.kindName), not an object") }
        let kind = try text(members, "kind") ?? "any"
        guard let known = ResultShape.Kind(rawValue: kind) else {
            throw fault("has a result of unknown kind, `\(kind.prefix(60))`")
        }
        return ResultShape(known, try fields(members))
    }

    /// Fields, and what fields they have in turn.
    private func fields(_ members: JSONObject) throws(ShellError) -> [Field] {
        var fields: [Field] = []
        for item in try list(members, "fields") {
            guard let field = item.objectValue else { throw fault("has \(item.kindName) among its fields") }
            let name = try requiredText(field, "name")
            let kind = try text(field, "kind") ?? "text"
            guard let known = Field.Kind(rawValue: kind) else {
                throw fault("has the field \(name.prefix(60)) of unknown kind, `\(kind.prefix(60))`")
            }
            fields.append(
                Field(
                    name, known, try text(field, "summary") ?? "", column: try text(field, "column"),
                    fields: try self.fields(field)))
        }
        return fields
    }

    func examples(_ object: JSONObject) throws(ShellError) -> [Example] {
        var examples: [Example] = []
        for item in try list(object, "examples") {
            guard let members = item.objectValue else { throw fault("has \(item.kindName) among its examples") }
            examples.append(Example(try requiredText(members, "line"), try text(members, "note") ?? ""))
        }
        return examples
    }

    /// No name twice, and nothing behind an argument that takes all the rest.
    func checkNames(of parameters: [PluginParameter]) throws(ShellError) {
        var names: Set<String> = ["help"]
        var shorts: Set<Character> = []
        for parameter in parameters {
            guard names.insert(parameter.name).inserted else { throw fault("has `\(parameter.name)` twice") }
            if let short = parameter.short, !shorts.insert(short).inserted { throw fault("has -\(short) twice") }
        }
        let positional = parameters.filter { !$0.isOption }
        if positional.dropLast().contains(where: \.repeats) {
            throw fault("has arguments behind one that takes all the rest")
        }
        if let optional = positional.firstIndex(where: { !$0.isRequired }),
            positional[optional...].contains(where: \.isRequired)
        {
            throw fault("has a required argument behind one that may be left out")
        }
    }
}

extension ShellError {
    /// A plugin's own fault: `external`, with its name and where to read on.
    static func plugin(_ name: String, _ message: String, hint: String? = nil) -> ShellError {
        ShellError(
            .external, "the plugin \(name) \(message)",
            hint: hint ?? "`plugin info \(name)` looks at it; `help plugins` tells how a plugin is to behave",
            command: name)
    }

    static func pluginProtocol(_ name: String, _ spoken: Int) -> ShellError {
        ShellError(
            .unsupported,
            "the plugin \(name) speaks version \(spoken) of the protocol, and this dsh version \(PluginMetadata.protocolVersion)",
            hint: spoken > PluginMetadata.protocolVersion ? "a newer dsh may know it" : "a newer \(name) may know it",
            command: name)
    }
}
