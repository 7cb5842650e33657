package import Shell

/// What can stand at the end of a line of Docker's.
package enum DockerCompletion {
    /// A word to offer.
    package struct Word: Sendable, Hashable {
        package let text: String
        package let summary: String?
        /// Whether a blank may follow: not behind `--filter label=`.
        package let isWhole: Bool

        init(_ text: String, _ summary: String? = nil, isWhole: Bool = true) {
            self.text = text
            self.summary = summary
            self.isWhole = isWhole
        }
    }

    package enum Offer: Sendable {
        case words([Word])
        /// What the argument names behind `head`: the store or the file system knows.
        case names(ArgumentKind, head: String = "")
    }

    /// What fits behind `words`, which stand between `docker` and the word that begins with `prefix`.
    package static func offer(after words: [String], prefix: String, environment: [String: String]) -> Offer {
        let global = DockerGlobalFlags.all(environment)
        var rest = words[...]
        while let word = rest.first, word.hasPrefix("-") {
            rest.removeFirst()
            guard takesValue(word, global) else { continue }
            if rest.isEmpty { return values(of: word, global, prefix) }
            rest.removeFirst()
        }
        if rest.first == "help" { rest.removeFirst() }
        guard let first = rest.first else {
            return .words(prefix.hasPrefix("-") ? flags(global) : commands + [Word("help", "Help about any command")])
        }
        var path = [first]
        if let group = DockerCatalog.groups.first(where: { $0.name == first }) {
            guard rest.count > 1 else {
                let rows = group.rows.filter { row in
                    DockerCommands.find([group.name, row.name]) != nil
                }
                return .words(prefix.hasPrefix("-") ? flags([]) : rows.map { Word($0.name, $0.summary) })
            }
            path.append(rest[rest.startIndex + 1])
        }
        guard let (command, _) = DockerCommands.find(path) else { return .words([]) }
        let behind = rest.dropFirst(path.count)
        if let last = behind.last, takesValue(last, command.flags) { return values(of: last, command.flags, prefix) }
        if prefix.hasPrefix("-"), let equals = prefix.firstIndex(of: "=") {
            let name = String(prefix[..<equals])
            let value = String(prefix[prefix.index(after: equals)...])
            switch values(of: name, command.flags, value) {
            case .words(let words):
                return .words(words.map { Word("\(name)=\($0.text)", $0.summary, isWhole: $0.isWhole) })
            case .names(let kind, let head): return .names(kind, head: "\(name)=\(head)")
            }
        }
        return prefix.hasPrefix("-") ? .words(flags(command.flags)) : .names(command.names)
    }

    /// The commands that are here, in the order of the client's help.
    private static var commands: [Word] {
        DockerCatalog.sections.flatMap(\.rows).filter { row in
            DockerCommands.find([row.name]) != nil || DockerCatalog.groups.contains { $0.name == row.name }
        }.map { Word($0.name, $0.summary) }
    }

    private static func flags(_ flags: [DockerFlag]) -> [Word] {
        let shown = flags.filter { !$0.isHidden }.sorted { $0.name < $1.name }
        return shown.flatMap { flag in
            let summary = flag.usage.split(separator: "\n").first.map(String.init)
            return (flag.shorthand.map { [Word("-\($0)", summary)] } ?? []) + [Word("--\(flag.name)", summary)]
        } + [Word("--help", "the command's help")]
    }

    private static func flag(_ word: String, _ flags: [DockerFlag]) -> DockerFlag? {
        if word.hasPrefix("--") { return flags.first { "--\($0.name)" == word } }
        // Of a group the last letter.
        return word.hasPrefix("-") && word.count > 1 ? flags.first { $0.shorthand == word.last } : nil
    }

    private static func takesValue(_ word: String, _ flags: [DockerFlag]) -> Bool {
        flag(word, flags).map { $0.kind != .bool } ?? false
    }

    private static func values(of word: String, _ flags: [DockerFlag], _ prefix: String) -> Offer {
        guard let flag = flag(word, flags) else { return .words([]) }
        switch flag.name {
        case "platform":
            return .words(["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/s390x"].map { Word($0) })
        case "filter":
            if let key = ["reference=", "before=", "since="].first(where: { prefix.hasPrefix($0) }),
                flag.choices.contains(key)
            {
                return .names(.localImage, head: key)
            }
            return .words(filters(flag, prefix))
        case "format" where flag.usage == DockerFlag.documentFormat: return .words([Word("json")])
        case "format": return .words(formats(flag, prefix))
        case "output", "input", "config", "tlscacert", "tlscert", "tlskey": return .names(.file)
        default: return .words(flag.choices.map { Word($0) })
        }
    }

    /// The presets; inside `{{ … }}` the placeholders.
    private static func formats(_ flag: DockerFlag, _ text: String) -> [Word] {
        guard let open = text.lastIndex(of: "{"), !text[open...].contains("}"), text[..<open].hasSuffix("{") else {
            return ["json", "table", "table {{"].map { Word($0, isWhole: !$0.hasSuffix("{")) }
        }
        let head = text[...(text[open...].lastIndex { !$0.isLetter && $0 != "." } ?? open)]
        return flag.choices.map { Word(head + "." + $0, isWhole: false) }
    }

    /// The keys, and behind those that have few values, the values.
    private static func filters(_ flag: DockerFlag, _ text: String) -> [Word] {
        let switches = ["dangling=", "is-official=", "is-automated="]
        if let key = switches.first(where: { text.hasPrefix($0) }), flag.choices.contains(key) {
            return [Word(key + "true"), Word(key + "false")]
        }
        return flag.choices.map { Word($0, isWhole: false) }
    }
}
