import Shell

/// What can be told of a line's words before it runs: for `dsh --check`. A word that is computed is nil.
enum DockerCheck {
    /// Where the words lead.
    private struct Found {
        let command: DockerCommand
        let name: String
        /// The place of the first word behind the command.
        let start: Int
    }

    /// The first mistake; nil where there is none, or where it hangs on what is computed.
    static func mistake(
        in words: [String?], hasInput: Bool, environment: [String: String]
    ) -> WordMistake? {
        let found: Found
        switch find(words, environment) {
        case .failure(let mistake): return mistake
        case .success(nil): return nil
        case .success(let command?): found = command
        }
        // A computed word is taken for an argument, or a flag's value.
        let rest = words[found.start...].map { $0 ?? "1" }
        let isConstant = !words.contains(nil)
        let help = "`docker \(found.name) --help` shows its flags"
        do throws(DockerWords.Mistake) {
            let line = try DockerWords(rest, flags: found.command.flags, interspersed: found.command.interspersed)
            guard isConstant, !hasInput, !line.wantsHelp,
                let (text, _) = found.command.arguments.complaint(line.arguments.count)
            else { return nil }
            return WordMistake(
                "docker \(found.name) \(text)", hint: "usage: docker \(found.name) \(found.command.usage)", word: nil)
        } catch {
            if !isConstant, !error.text.hasPrefix("unknown") { return nil }
            let place = place(of: error, in: rest, found.command.flags, interspersed: found.command.interspersed)
            let flag = place.map { String(rest[$0].prefix { $0 != "=" }) } ?? ""
            let near = nearest(flag, in: found.command.flags.map { "--" + $0.name }).map { "did you mean \($0)?" }
            return WordMistake(
                "docker \(found.name): \(error.text)",
                hint: error.text.hasPrefix("unknown") ? near ?? help : help, word: place.map { found.start + $0 })
        }
    }

    /// The command of dsh's whose values the line gives; nil where there is none, or flags may change what it gives.
    static func standsFor(_ words: [String?], environment: [String: String]) -> String? {
        guard case .success(let found?) = find(words, environment),
            let line = try? DockerWords(
                words[found.start...].map { $0 ?? "x" }, flags: found.command.flags,
                interspersed: found.command.interspersed), line.given.isEmpty
        else { return nil }
        return (try? found.command.plain(line))?.first
    }

    /// Whether the line's command reads the bytes of a program in front.
    static func readsBytes(_ words: [String?], environment: [String: String]) -> Bool {
        guard case .success(let found?) = find(words, environment) else { return false }
        return found.command.readsBytes
    }

    private enum Outcome {
        /// nil: help, nothing, or what is not known yet.
        case success(Found?)
        case failure(WordMistake)
    }

    private static func find(_ words: [String?], _ environment: [String: String]) -> Outcome {
        let known = Array(words.prefix { $0 != nil }.compactMap { $0 })
        let global: DockerWords
        let flags = DockerGlobalFlags.all(environment)
        do throws(DockerWords.Mistake) { global = try DockerWords(known, flags: flags, interspersed: false) } catch {
            if known.count < words.count, !error.text.hasPrefix("unknown") { return .success(nil) }
            return .failure(
                WordMistake(
                    "docker: \(error.text)", hint: "`docker --help` shows its flags",
                    word: place(of: error, in: known, flags, interspersed: false)))
        }
        guard !global.wantsHelp, let first = global.arguments.first, first != "help" else { return .success(nil) }
        var start = known.count - global.arguments.count
        var path = [first]
        if let group = DockerCatalog.groups.first(where: { $0.name == first }) {
            guard global.arguments.count > 1, !global.arguments[1].hasPrefix("-") else { return .success(nil) }
            path.append(global.arguments[1])
            start += 1
            guard let (command, name) = DockerCommands.find(path) else {
                return .failure(unknown(path, among: group.rows.map(\.name), word: start))
            }
            return .success(Found(command: command, name: name, start: start + 1))
        }
        guard let (command, name) = DockerCommands.find(path) else {
            let names = DockerCommands.all.flatMap(\.paths).filter { !$0.contains(" ") }
            return .failure(unknown(path, among: names + DockerCatalog.groups.map(\.name), word: start))
        }
        return .success(Found(command: command, name: name, start: start + 1))
    }

    private static func unknown(_ path: [String], among names: [String], word: Int) -> WordMistake {
        let name = path.joined(separator: " ")
        if DockerCatalog.isElsewhere(path) {
            return WordMistake(
                "docker \(name) is out of reach: dsh has images and the registries they come from",
                hint: DockerCatalog.isAboutIndexes(path)
                    ? "`multiarch` makes and changes images for several platforms" : nil,
                word: word)
        }
        let near = nearest(path.last ?? "", in: names).map { "did you mean \($0)?" }
        return WordMistake("docker has no command \(name)", hint: near ?? "`docker help` lists them", word: word)
    }

    /// The word that a mistake is about: the one with which it first shows.
    private static func place(
        of mistake: DockerWords.Mistake, in words: [String], _ flags: [DockerFlag], interspersed: Bool
    ) -> Int? {
        if mistake.text.hasPrefix("flag needs") { return words.indices.last }
        return words.indices.first { index in
            do throws(DockerWords.Mistake) {
                _ = try DockerWords(Array(words[...index]), flags: flags, interspersed: interspersed)
                return false
            } catch { return error.text == mistake.text }
        }
    }
}
