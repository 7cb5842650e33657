/// What stands in the `login` commands of a line and is taken by none: the values of options that there are not, what is
/// given to a flag, every word behind the registry, and what stands in the registry's place and can hardly be one, where no
/// password stands anywhere else. A password in the wrong place is among them.
struct MistypedLogins {
    private(set) var secrets: [Range<Int>] = []

    /// Options that take a value, the password's aside: `LoginWords` finds that one however it is written.
    private static let valued = ["-u", "--username", "--user", "--limit-rate", "-p", "--password"]
    private static let flags = [
        "--password-stdin", "--allow-password-argument", "--dry-run", "--insecure", "--plain-http", "--help", "-h",
    ]
    /// Words that a command may stand behind.
    private static let openers = [
        "docker", "podman", "dsh", "time", "try", "if", "not", "and", "or", "else", "do", "then", "=", "&&", "||", "&",
        "!",
    ]

    private let bytes: [UInt8]

    /// `words` are the line's, without quotes.
    init(_ words: [Range<Int>], _ bytes: [UInt8]) {
        self.bytes = bytes
        for (number, word) in words.enumerated() where isLogin(number, words) {
            let end = words[(number + 1)...].indices.first { isEnd(words[$0 - 1], words[$0]) } ?? words.count
            look(at: words[(number + 1)..<end], after: word)
        }
    }

    private func text(_ word: Range<Int>) -> String { String(decoding: bytes[word], as: UTF8.self) }

    /// Whether a word is the command `login`, and not the argument of another one.
    private func isLogin(_ number: Int, _ words: [Range<Int>]) -> Bool {
        let name = text(words[number])
        guard name == "login" || name == "!login" else { return false }
        guard number > 0, !name.hasPrefix("!") else { return true }
        let last = words[number - 1]
        let gap = bytes[last.upperBound..<words[number].lowerBound]
        if gap.contains(where: { $0 == UInt8(ascii: "\n") || $0 > 32 }) { return true }
        return MistypedLogins.openers.contains(text(last).drop { $0 == "!" }.description)
            || text(last).hasSuffix("/docker")
    }

    /// Whether a command ends between two words of the line, or with the first of them.
    private func isEnd(_ word: Range<Int>, _ next: Range<Int>) -> Bool {
        if text(next).first == "#" || text(next).first == "&" { return true }
        var gap = bytes[word.upperBound..<next.lowerBound]
        // A `\` at a line's end joins it with the next.
        if text(word).hasSuffix("\\"), let first = gap.first, first == UInt8(ascii: "\n") { gap = gap.dropFirst() }
        return gap.contains { "|;{}()<>`\n".utf8.contains($0) }
    }

    private mutating func look(at words: ArraySlice<Range<Int>>, after login: Range<Int>) {
        var others: [(value: Range<Int>, isToFlag: Bool)] = []
        var past = login.upperBound
        var last = ""
        // nil where the word is no option's value, else whether it is secret.
        var awaited: Bool?
        var hasPassword = false
        let before = secrets.count
        for word in words where word.lowerBound >= past && text(word) != "\\" {
            let option = text(word)
            if option.hasPrefix("-p") || option.hasPrefix("--p") { hasPassword = true }
            let value = LoginWords.value(at: word.lowerBound, bytes)
            defer { last = option }
            if let isSecret = awaited {
                awaited = nil
                past = value.upperBound
                if isSecret { secrets.append(value) }
                continue
            }
            guard option.hasPrefix("-"), option.count > 1, option != "--" else {
                others.append((value, last == "--password-stdin"))
                past = value.upperBound
                continue
            }
            let name = String(option.prefix { $0 != "=" })
            let isGlued = name.count < option.count
            let glued = LoginWords.value(at: word.lowerBound + name.utf8.count + (isGlued ? 1 : 0), bytes)
            if isGlued { past = max(past, glued.upperBound) }
            if MistypedLogins.flags.contains(name) {
                if isGlued { secrets.append(glued) }
            } else if MistypedLogins.valued.contains(name) {
                if !isGlued { awaited = false }
            } else if name.hasPrefix("--") {
                awaited = isGlued ? nil : true
                if isGlued { secrets.append(glued) }
            } else if option.hasPrefix("-u") || option.hasPrefix("-p") {
                // Their values are glued to them: `-ubob`.
                continue
            } else if option.count > 2 {
                secrets.append(LoginWords.value(at: word.lowerBound + 2, bytes))
            } else {
                awaited = true
            }
        }
        // The registry is the first word that no flag stands before, or else the first that may be a host.
        let registry = others.firstIndex { !$0.isToFlag } ?? others.firstIndex { isHost(text($0.value)) }
        secrets += others.indices.filter { $0 != registry }.map { others[$0].value }
        if !hasPassword, secrets.count == before, let registry, !isHost(text(others[registry].value)) {
            secrets.append(others[registry].value)
        }
    }

    private func isHost(_ word: String) -> Bool {
        word == "localhost" || word.contains { ".:/$".contains($0) }
    }
}
