import JSON

/// Applies Dockerfile instructions to an image's `config` object, as `docker import --change` does.
///
/// Syntax: the Dockerfile reference; shell forms become `/bin/sh -c`, as in moby `builder/dockerfile`.
struct ConfigChange {
    /// The `config` object so far.
    private(set) var config = JSONObject()

    static let instructions = [
        "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ]

    /// Throws a usage error for an unknown instruction or one that makes no sense.
    mutating func apply(_ line: String) throws(BackendError) {
        let trimmed = line.drop { $0 == " " || $0 == "\t" }
        let name = trimmed.prefix { $0 != " " && $0 != "\t" }.uppercased()
        let rest = String(trimmed.dropFirst(name.count).drop { $0 == " " || $0 == "\t" })
        guard ConfigChange.instructions.contains(name) else {
            throw BackendError(
                .usage, "\(name.prefix(40)) is not a valid change command",
                hint: "these are: \(ConfigChange.instructions.joined(separator: ", "))")
        }
        guard !rest.isEmpty else { throw BackendError(.usage, "\(name) requires at least one argument") }
        switch name {
        case "CMD": config["Cmd"] = .array(ConfigChange.command(rest).map(JSONValue.string))
        case "ENTRYPOINT": config["Entrypoint"] = .array(ConfigChange.command(rest).map(JSONValue.string))
        case "ENV": try setEnvironment(rest)
        case "EXPOSE": try expose(rest)
        case "LABEL":
            var labels = config["Labels"]?.objectValue ?? JSONObject()
            for (key, value) in try ConfigChange.pairs(rest, instruction: name) { labels[key] = .string(value) }
            config["Labels"] = .object(labels)
        case "ONBUILD":
            config["OnBuild"] = .array((config["OnBuild"]?.arrayValue ?? []) + [.string(rest)])
        case "STOPSIGNAL": config["StopSignal"] = .string(rest)
        case "USER": config["User"] = .string(rest)
        case "VOLUME":
            var volumes = config["Volumes"]?.objectValue ?? JSONObject()
            for path in ConfigChange.list(rest) ?? ConfigChange.words(rest) { volumes[path] = .object(JSONObject()) }
            config["Volumes"] = .object(volumes)
        default: setWorkingDirectory(rest)
        }
    }

    private mutating func setEnvironment(_ rest: String) throws(BackendError) {
        var list = config["Env"]?.arrayValue?.compactMap(\.stringValue) ?? []
        for (key, value) in try ConfigChange.pairs(rest, instruction: "ENV") {
            list.removeAll { $0.hasPrefix(key + "=") }
            list.append("\(key)=\(value)")
        }
        config["Env"] = .array(list.map(JSONValue.string))
    }

    private mutating func expose(_ rest: String) throws(BackendError) {
        var ports = config["ExposedPorts"]?.objectValue ?? JSONObject()
        for word in ConfigChange.words(rest) {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            let transport = parts.count == 2 ? parts[1].lowercased() : "tcp"
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
            guard parts.count <= 2, ["tcp", "udp", "sctp"].contains(transport), (1...2).contains(ends.count),
                let low = ends[0], let high = ends[ends.count - 1], low <= high
            else { throw BackendError(.usage, "invalid containerPort: \(word)") }
            for port in low...high { ports["\(port)/\(transport)"] = .object(JSONObject()) }
        }
        config["ExposedPorts"] = .object(ports)
    }

    private mutating func setWorkingDirectory(_ path: String) {
        let base = path.hasPrefix("/") ? "" : config["WorkingDir"]?.stringValue ?? ""
        var parts: [Substring] = []
        for part in (base + "/" + path).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        config["WorkingDir"] = .string("/" + parts.joined(separator: "/"))
    }

    /// The JSON form as it is, anything else for the shell.
    private static func command(_ text: String) -> [String] { list(text) ?? ["/bin/sh", "-c", text] }

    private static func list(_ text: String) -> [String]? {
        guard text.hasPrefix("["), let values = (try? JSONValue.parse(text))?.arrayValue else { return nil }
        let texts = values.compactMap(\.stringValue)
        return texts.count == values.count ? texts : nil
    }

    /// `a=b c="d e"`, or the old `a rest of line`.
    private static func pairs(_ text: String, instruction: String) throws(BackendError) -> [(String, String)] {
        let parts = words(text)
        guard let first = parts.first else { return [] }
        if !first.contains("=") {
            let value = text.dropFirst(first.count).drop { $0 == " " || $0 == "\t" }
            guard !value.isEmpty else { throw BackendError(.usage, "\(instruction) must have two arguments") }
            return [(first, String(value))]
        }
        var pairs: [(String, String)] = []
        for part in parts {
            let key = part.prefix { $0 != "=" }
            guard key.count < part.count, !key.isEmpty else {
                throw BackendError(
                    .usage, "Syntax error - can't find = in \"\(part)\". Must be of the form: name=value")
            }
            pairs.append((String(key), String(part.dropFirst(key.count + 1))))
        }
        return pairs
    }

    /// Words with `'…'`, `"…"` and `\` taken off.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var escaped = false
        for character in text {
            if escaped {
                word = (word ?? "") + String(character)
                escaped = false
            } else if character == "\\", quote != "'" {
                escaped = true
                word = word ?? ""
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let done = word { words.append(done) }
        return words
    }
}
