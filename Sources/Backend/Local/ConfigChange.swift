import JSON

/// Applies Dockerfile instructions to an image's `config` object, as `docker import --change` does (moby
/// `builder/dockerfile`: BuildFromConfig and its dispatchers), with Docker's errors.
struct ConfigChange {
    /// The `config` object so far.
    private(set) var config = JSONObject()

    static let instructions = [
        "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME",
        "WORKDIR",
    ]

    /// Applies `changes`, the lines of one Dockerfile. Throws a usage error for an unknown instruction or one that makes
    /// no sense.
    mutating func apply(_ changes: [String]) throws(BackendError) {
        if changes.isEmpty { return }
        let instructions = DockerfileInstruction.read(changes)
        if instructions.isEmpty { throw BackendError(.usage, "file with no instructions") }
        for instruction in instructions { try apply(instruction) }
    }

    private mutating func apply(_ given: DockerfileInstruction) throws(BackendError) {
        guard ConfigChange.instructions.contains(given.name) else {
            throw BackendError(
                .usage, "\(given.name.lowercased().prefix(40)) is not a valid change command",
                hint: "these are: \(ConfigChange.instructions.joined(separator: ", "))")
        }
        var instruction = given
        try instruction.takeFlags(known: given.name == "HEALTHCHECK" ? HealthcheckInstruction.flags : [])
        let (name, rest) = (instruction.name, instruction.text)
        guard !rest.isEmpty else {
            let one = ["STOPSIGNAL", "USER", "WORKDIR"].contains(name)
            throw BackendError(.usage, "\(name) requires \(one ? "exactly" : "at least") one argument")
        }
        switch name {
        case "CMD": config["Cmd"] = .array(try ConfigChange.command(rest))
        case "ENTRYPOINT": config["Entrypoint"] = .array(try ConfigChange.command(rest))
        case "ENV": try setEnvironment(rest)
        case "EXPOSE": try expose(rest)
        case "HEALTHCHECK": config["Healthcheck"] = try HealthcheckInstruction(instruction).json
        case "LABEL": try setLabels(rest)
        case "ONBUILD": try addTrigger(rest)
        case "STOPSIGNAL": try setStopSignal(words.expanded(rest))
        case "USER": config["User"] = .string(try words.expanded(rest))
        case "VOLUME": try addVolumes(rest)
        default: setWorkingDirectory(try words.expanded(rest))
        }
    }

    /// Words with the environment as it is before the instruction.
    private var words: DockerfileWords {
        var values: [String: String] = [:]
        for entry in config["Env"]?.arrayValue ?? [] {
            guard let text = entry.stringValue, let equals = text.firstIndex(of: "=") else { continue }
            values[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return DockerfileWords(environment: values)
    }

    private mutating func setEnvironment(_ rest: String) throws(BackendError) {
        var list = config["Env"]?.arrayValue?.compactMap(\.stringValue) ?? []
        for (key, value) in try words.pairs(rest, instruction: "ENV") {
            if let place = list.firstIndex(where: { $0.hasPrefix(key + "=") }) {
                list[place] = "\(key)=\(value)"
            } else {
                list.append("\(key)=\(value)")
            }
        }
        config["Env"] = .array(list.map(JSONValue.string))
    }

    private mutating func setLabels(_ rest: String) throws(BackendError) {
        var labels = config["Labels"]?.objectValue ?? JSONObject()
        for (key, value) in try words.pairs(rest, instruction: "LABEL") { labels[key] = .string(value) }
        config["Labels"] = .object(labels)
    }

    private mutating func expose(_ rest: String) throws(BackendError) {
        var ports = config["ExposedPorts"]?.objectValue ?? JSONObject()
        for word in DockerfileWords.split(rest) {
            for text in DockerfileWords.split(try words.expanded(word)) {
                for port in try ExposedPorts(text).names { ports[port] = .object(JSONObject()) }
            }
        }
        config["ExposedPorts"] = .object(ports)
    }

    private mutating func addTrigger(_ rest: String) throws(BackendError) {
        let trigger = rest.prefix { $0 != " " && $0 != "\t" }.uppercased()
        if trigger == "ONBUILD" {
            throw BackendError(.usage, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
        }
        if trigger == "FROM" || trigger == "MAINTAINER" {
            throw BackendError(.usage, "\(trigger) isn't allowed as an ONBUILD trigger")
        }
        config["OnBuild"] = .array((config["OnBuild"]?.arrayValue ?? []) + [.string(rest)])
    }

    private mutating func addVolumes(_ rest: String) throws(BackendError) {
        let paths = try ConfigChange.list(rest) ?? DockerfileWords.split(rest)
        if paths.isEmpty { throw BackendError(.usage, "VOLUME requires at least one argument") }
        var volumes = config["Volumes"]?.objectValue ?? JSONObject()
        for path in paths {
            let path = try words.expanded(path).split(separator: " ").joined(separator: " ")
            if path.isEmpty { throw BackendError(.usage, "VOLUME specified can not be an empty string") }
            volumes[path] = .object(JSONObject())
        }
        config["Volumes"] = .object(volumes)
    }

    private mutating func setStopSignal(_ text: String) throws(BackendError) {
        let name = text.uppercased()
        let known = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
        guard Int(text).map({ $0 != 0 }) ?? ConfigChange.signals.contains(known) else {
            throw BackendError(.usage, "invalid signal: \(text)", hint: "as SIGTERM, QUIT, RTMIN+3 or a number")
        }
        config["StopSignal"] = .string(text)
    }

    /// moby/sys `signal/signal_linux.go`.
    private static let signals: Set<String> = Set(
        [
            "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
            "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
            "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
        ] + (1...15).map { "RTMIN+\($0)" } + (1...14).map { "RTMAX-\($0)" })

    private mutating func setWorkingDirectory(_ path: String) {
        let base = path.hasPrefix("/") ? "" : config["WorkingDir"]?.stringValue ?? ""
        var parts: [Substring] = []
        for part in (base + "/" + path).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        config["WorkingDir"] = .string("/" + parts.joined(separator: "/"))
    }

    /// The JSON form as it is, anything else for the shell.
    static func command(_ text: String) throws(BackendError) -> [JSONValue] {
        (try list(text) ?? ["/bin/sh", "-c", text]).map(JSONValue.string)
    }

    /// The texts of a JSON array; nil for anything else. Throws for an array of other things.
    private static func list(_ text: String) throws(BackendError) -> [String]? {
        guard text.hasPrefix("["), let values = (try? JSONValue.parse(text))?.arrayValue else { return nil }
        let texts = values.compactMap(\.stringValue)
        guard texts.count == values.count else {
            throw BackendError(
                .usage, "when using JSON array syntax, arrays must be comprised of strings only",
                hint: "put quotes around every element")
        }
        return texts
    }
}
