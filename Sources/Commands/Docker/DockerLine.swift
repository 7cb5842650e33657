import Shell

/// Finds the command that a line is for and reads its words, as Docker's client does (spf13/cobra, docker/cli `cli/cobra.go`).
enum DockerLine {
    case run(DockerCommand, path: String, DockerWords)
    /// A text that was asked for.
    case help(String)
    /// A text shown where a command is missing: on standard error, and no failure.
    case usage(String)

    static func read(_ words: [String], _ session: Session) throws(ShellError) -> DockerLine {
        let environment = session.environment
        let width = session.console.inputWidth ?? 80
        let global: DockerWords
        do throws(DockerWords.Mistake) {
            global = try DockerWords(words, flags: DockerGlobalFlags.all(environment), interspersed: false)
        } catch { throw refused(error.text, usage: DockerGlobalFlags.usage, path: "") }
        var rest = global.arguments
        if global.wantsHelp { return try help(rest, environment, width: width) }
        guard let first = rest.first else {
            if global.isOn("version") { return .help(DockerVersion.line) }
            return .usage(DockerCatalog.help(environment: environment, width: width))
        }
        if first == "help" { return try topic(Array(rest.dropFirst()), environment, width: width) }
        try DockerGlobalFlags.check(global, environment)
        rest.removeFirst()
        var path = [first]
        if let group = DockerCatalog.groups.first(where: { $0.name == first }) {
            guard let next = rest.first else { return .usage(DockerCatalog.usage(of: group)) }
            if next.hasPrefix("-") { return try read(rest, ofGroup: group) }
            path.append(rest.removeFirst())
        }
        guard let (command, name) = DockerCommands.find(path) else {
            if path.count == 1, !DockerCatalog.isElsewhere(path), rest.contains("--help") {
                return .help(DockerCatalog.help(environment: environment, width: width))
            }
            throw unknown(path)
        }
        do throws(DockerWords.Mistake) {
            let line = try DockerWords(rest, flags: command.flags, interspersed: command.interspersed)
            if line.wantsHelp {
                let old = line.usedOldHelp ? "Flag shorthand -h has been deprecated, use --help\n" : ""
                return .help(old + DockerHelp.text(of: command, path: name, width: width))
            }
            return .run(command, path: name, line)
        } catch { throw refused(error.text, usage: "docker \(name) \(command.usage)", path: name) }
    }

    /// Refuses a wrong number of arguments.
    static func check(_ line: DockerWords, of command: DockerCommand, path: String) throws(ShellError) {
        guard let (text, verb) = command.arguments.complaint(line.arguments.count) else { return }
        let advice = DockerHelp.advice(usage: "docker \(path) \(command.usage)", path: path, verb: verb)
        throw DockerFailure.error("docker: 'docker \(path)' \(text)\n" + advice.dropLast(), code: .usage)
    }

    private static func refused(_ text: String, usage: String, path: String) -> ShellError {
        let advice = DockerHelp.advice(usage: usage, path: path)
        return DockerFailure.error(text + "\n" + advice.dropLast(), code: .usage, status: 125)
    }

    private static func unknown(_ path: [String]) -> ShellError {
        let isGrouped = path.count > 1
        let advice = DockerHelp.advice(
            usage: isGrouped ? "docker \(path[0])" : nil, path: isGrouped ? path[0] : "")
        let name = path.joined(separator: " ")
        if DockerCatalog.isElsewhere(path) {
            let reason =
                DockerCatalog.isAboutIndexes(path)
                ? "dsh's own `multiarch` makes and changes images for several platforms"
                : "dsh has images and the registries they come from, and nothing that runs"
            return DockerFailure.error(
                "docker: 'docker \(name)' is out of reach: \(reason)\n"
                    + DockerHelp.advice(usage: nil, path: "").dropLast(), code: .unsupported)
        }
        return DockerFailure.error("docker: unknown command: docker \(name)\n" + advice.dropLast(), code: .usage)
    }

    /// `docker image --help` and what else begins with a hyphen there.
    private static func read(
        _ words: [String], ofGroup group: DockerCatalog.Group
    ) throws(ShellError) -> DockerLine {
        do throws(DockerWords.Mistake) {
            let line = try DockerWords(words, flags: [])
            let help = DockerCatalog.help(of: group)
            return line.wantsHelp ? .help(help) : .usage(help)
        } catch { throw refused(error.text, usage: "docker \(group.name)", path: group.name) }
    }

    /// `docker --help WORDS…`: what is no command gets the client's own help.
    private static func help(
        _ words: [String], _ environment: [String: String], width: Int
    ) throws(ShellError) -> DockerLine {
        (try? topic(words, environment, width: width))
            ?? .help(DockerCatalog.help(environment: environment, width: width))
    }

    /// `docker help WORDS…`.
    private static func topic(
        _ words: [String], _ environment: [String: String], width: Int
    ) throws(ShellError) -> DockerLine {
        guard let first = words.first else {
            return .help(DockerCatalog.help(environment: environment, width: width))
        }
        if ["help", "--help", "-h"].contains(first) { return .help(DockerCatalog.helpOnHelp) }
        if let group = DockerCatalog.groups.first(where: { $0.name == first }), words.count == 1 {
            return .help(DockerCatalog.help(of: group))
        }
        let isGroup = DockerCatalog.groups.contains { $0.name == first }
        let path = Array(words.prefix(isGroup ? 2 : 1))
        guard let (command, name) = DockerCommands.find(path) else {
            if DockerCatalog.isElsewhere(path) { throw unknown(path) }
            throw DockerFailure.error("unknown help topic: \(words.last ?? first)", code: .notFound)
        }
        return .help(DockerHelp.text(of: command, path: name, width: width))
    }
}
