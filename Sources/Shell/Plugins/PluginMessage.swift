import JSON

/// What a plugin says: one line of its standard output each.
enum PluginMessage: Sendable {
    case hello(version: Int)
    case value(JSONValue)
    case progress(PluginProgress)
    case log(level: String, text: String)
    case error(ShellError)
    case done
    case run(PluginRequest)
    case candidates([PluginCandidate])

    /// Throws `external` for what is no message: text that is not UTF-8, not JSON, or of a type that nobody knows.
    init(_ line: [UInt8], from plugin: String, number: Int) throws(ShellError) {
        let place = "line \(number) of its output"
        guard String(validating: line, as: UTF8.self) != nil else {
            throw ShellError.plugin(plugin, "wrote what is not UTF-8, in \(place)")
        }
        let value: JSONValue
        do {
            value = try JSONValue.parse(line)
        } catch {
            throw ShellError.plugin(
                plugin, "wrote what is not JSON, in \(place): \(Self.excerpt(line))",
                hint: "a plugin's standard output is for messages alone; what people are to read goes to standard error"
            )
        }
        guard let object = value.objectValue, let type = object["type"]?.stringValue else {
            throw ShellError.plugin(plugin, "wrote what is no message, in \(place): \(Self.excerpt(line))")
        }
        switch type {
        case "hello": self = .hello(version: object["protocol"]?.intValue ?? 0)
        case "value":
            guard let value = object["value"] else {
                throw ShellError.plugin(plugin, "wrote a value message without `value`, in \(place)")
            }
            self = .value(value)
        case "progress": self = .progress(PluginProgress(object, plugin: plugin))
        case "log":
            self = .log(level: object["level"]?.stringValue ?? "info", text: object["message"]?.stringValue ?? "")
        case "error": self = .error(Self.error(object, from: plugin))
        case "done": self = .done
        case "run":
            guard let request = PluginRequest(object) else {
                throw ShellError.plugin(plugin, "asked to run what is no pipeline, in \(place)")
            }
            self = .run(request)
        case "candidates":
            self = .candidates((object["candidates"]?.arrayValue ?? []).compactMap(PluginCandidate.init))
        default:
            throw ShellError.plugin(plugin, "wrote a message of unknown type, in \(place): \(type.prefix(60))")
        }
    }

    /// The beginning of a line, as one may show it.
    private static func excerpt(_ line: [UInt8]) -> String {
        let text = String(decoding: line.prefix(120), as: UTF8.self)
        return text + (line.count > 120 ? "…" : "")
    }

    /// The plugin's own error: its code where it is a word, and texts of one line.
    private static func error(_ object: JSONObject, from plugin: String) -> ShellError {
        let code = object["code"]?.stringValue ?? ""
        // `interrupted` and `broken_pipe` mean that dsh itself is to end.
        let isWord =
            !code.isEmpty && code.utf8.count <= 40
            && code.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            && code != ShellError.Code.interrupted.rawValue && code != ShellError.Code.brokenPipe.rawValue
        let message = oneLine(object["message"]?.stringValue ?? "")
        var error = ShellError(
            isWord ? ShellError.Code(rawValue: code) : .external,
            message.isEmpty ? "the plugin \(plugin) failed and did not say why" : message,
            hint: object["hint"]?.stringValue.map(oneLine), command: plugin)
        error.value = object["value"]
        return error
    }

    private static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > 2000 ? line.prefix(2000) + "…" : line
    }
}

/// How far a plugin is.
package struct PluginProgress: Sendable, Hashable {
    package let plugin: String
    package let label: String
    /// In what the plugin counts; nil where it does not say.
    package let done: Double?
    package let total: Double?

    init(_ object: JSONObject, plugin: String) {
        self.plugin = plugin
        label = object["label"]?.stringValue ?? ""
        done = object["done"]?.numberValue
        total = object["total"]?.numberValue
    }
}

/// A pipeline that a plugin wants dsh to run.
struct PluginRequest: Sendable {
    /// Comes back with the answer.
    let id: JSONValue
    let pipeline: String
    /// The pipeline's variables by name: nothing that comes from outside has to be pasted into its text.
    let variables: [String: JSONValue]

    init?(_ object: JSONObject) {
        guard let pipeline = object["pipeline"]?.stringValue else { return nil }
        id = object["id"] ?? .null
        self.pipeline = pipeline
        var variables: [String: JSONValue] = [:]
        for (name, value) in object["variables"]?.objectValue ?? JSONObject() { variables[name] = value }
        self.variables = variables
    }
}

/// One thing that a plugin offers for completion.
package struct PluginCandidate: Sendable, Hashable {
    package let text: String
    package let summary: String

    init?(_ value: JSONValue) {
        guard let text = value.stringValue ?? value["text"]?.stringValue, !text.isEmpty else { return nil }
        self.text = text
        summary = value["summary"]?.stringValue ?? ""
    }
}

/// Shows what a plugin has to say to people, while it works.
package protocol PluginDisplay: Sendable {
    func show(_ progress: PluginProgress)
    /// A line of text from outside, the plugin's name before it.
    func note(_ line: String)
    /// Takes what moves off the screen: a result is about to be written, or the plugin has ended.
    func hide()
}
