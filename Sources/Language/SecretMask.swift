/// Finds what is secret in a line that somebody typed, so that no excerpt, message or history shows it: the user's part of
/// a URL (`http://me:PASSWORD@host`), `me:PASSWORD@host` without a scheme, the password among the words of a `login`, and of
/// any line that names a user as well (`lgoin -u me -p PASSWORD`), however its option is cut short, glued or quoted, and what
/// skopeo and others take as `--creds me:PASSWORD`. It looks at words alone, as the line may be one that no parser takes.
/// In a line that begins a `login` what no `login` takes may be a password in the wrong place, and is secret too.
package enum SecretMask {
    /// What stands in a secret's place.
    package static let mark = "…"

    /// The text with the user's part of every URL hidden, and what the `login` in it has as a password.
    package static func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let secrets = ranges(in: bytes)
        return secrets.isEmpty ? text : replacing(secrets, in: bytes).text
    }

    /// The same, without the secrets of the line that the text is about either: a message may quote one of its words.
    package static func masked(_ text: String, line: String) -> String {
        let bytes = Array(line.utf8)
        var result = masked(text)
        for range in ranges(in: bytes, isLine: true) where range.count >= 3 {
            result = result.replacing(String(decoding: bytes[range], as: UTF8.self), with: mark)
        }
        return result
    }

    /// Whether there is anything secret in a line.
    package static func finds(in line: String) -> Bool { !ranges(in: Array(line.utf8), isLine: true).isEmpty }

    /// Where the secrets are, in order and apart from each other. `isLine` says that it is a line for dsh: prose may have
    /// the word `login` with others behind it.
    static func ranges(in bytes: [UInt8], isLine: Bool = false) -> [Range<Int>] {
        let mayLogIn = isLine && String(decoding: bytes, as: UTF8.self).contains("login")
        // Nearly no text has any: the common case is one look.
        guard mayLogIn || bytes.contains(UInt8(ascii: "@")) || bytes.contains(UInt8(ascii: "-")) else { return [] }
        let words = WordRanges(bytes)
        var found = urls(in: bytes)
        found += words.all.compactMap { userOfWord($0, bytes) }
        found += LoginWords(words, bytes).passwords
        found += credentials(words.all, bytes)
        if mayLogIn { found += MistypedLogins(words.all, bytes).secrets }
        var apart: [Range<Int>] = []
        for range in found.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            guard let last = apart.last, range.lowerBound < last.upperBound else {
                apart.append(range)
                continue
            }
            apart[apart.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        }
        return apart
    }

    /// The text with `mark` for each range, and where an offset of the old one is in it.
    static func replacing(
        _ secrets: [Range<Int>], in bytes: [UInt8]
    ) -> (text: String, offset: (Int) -> Int) {
        var result: [UInt8] = []
        var start = 0
        for range in secrets {
            result += bytes[start..<range.lowerBound]
            result += mark.utf8
            start = range.upperBound
        }
        result += bytes[start...]
        let length = mark.utf8.count
        let offset = { (old: Int) -> Int in
            var shift = 0
            for range in secrets where range.lowerBound < old {
                // Within a secret there is no place: its end stands for it.
                shift += length - (min(max(old, range.upperBound), range.upperBound) - range.lowerBound)
                if old < range.upperBound { return range.upperBound + shift }
            }
            return old + shift
        }
        return (String(decoding: result, as: UTF8.self), offset)
    }

    // MARK: URLs

    private static func urls(in bytes: [UInt8]) -> [Range<Int>] {
        let mark = Array("://".utf8)
        var found: [Range<Int>] = []
        var start = 0
        while let colon = bytes[start...].firstIndex(of: mark[0]) {
            start = colon + 1
            guard bytes[colon...].starts(with: mark) else { continue }
            let end = bytes[colon...].firstIndex { $0 <= 32 || "\"'`".utf8.contains($0) } ?? bytes.count
            let rest = (colon + mark.count)..<end
            guard let user = userOfURL(rest, bytes) else { continue }
            // `ssh://me@host` is how engines are named; a name alone is no secret there.
            let isShell = bytes[..<colon].suffix(3).elementsEqual("ssh".utf8)
            if !isShell || bytes[user].contains(mark[0]) { found.append(user) }
        }
        return found
    }

    /// What stands before the `@` of an authority (RFC 3986 section 3.2.1), also where a slash or so in a password, which
    /// ought to be in percent form, would end the authority.
    private static func userOfURL(_ rest: Range<Int>, _ bytes: [UInt8]) -> Range<Int>? {
        let end = rest.first { "/?#".utf8.contains(bytes[$0]) } ?? rest.upperBound
        let authority = rest.lowerBound..<end
        if let at = authority.last(where: { bytes[$0] == UInt8(ascii: "@") }) { return rest.lowerBound..<at }
        guard let colon = authority.first(where: { bytes[$0] == UInt8(ascii: ":") }),
            bytes[(colon + 1)..<end].contains(where: { !(48...57).contains($0) }),
            let at = rest.last(where: { bytes[$0] == UInt8(ascii: "@") })
        else { return nil }
        return rest.lowerBound..<at
    }

    /// `me:PASSWORD` of `me:PASSWORD@host/…`, and not `app:1.0` of `app:1.0@sha256:…`.
    private static func userOfWord(_ word: Range<Int>, _ bytes: [UInt8]) -> Range<Int>? {
        var start = word.lowerBound
        if bytes[start] == UInt8(ascii: "-"), let equals = word.first(where: { bytes[$0] == UInt8(ascii: "=") }) {
            start = equals + 1
        }
        guard let colon = (start..<word.upperBound).first(where: { bytes[$0] == UInt8(ascii: ":") }), colon > start,
            bytes[start..<colon].allSatisfy(isNameByte)
        else { return nil }
        let end = (colon..<word.upperBound).first { bytes[$0] == UInt8(ascii: "/") } ?? word.upperBound
        let ats = (colon + 2..<max(end, colon + 2)).filter { bytes[$0] == UInt8(ascii: "@") }
        return ats.last { isHost(bytes[($0 + 1)..<word.upperBound]) }.map { start..<$0 }
    }

    /// The values of `--creds`, `--src-creds` and `--dest-creds`.
    private static func credentials(_ words: [Range<Int>], _ bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for (number, word) in words.enumerated() where bytes[word].starts(with: "--".utf8) {
            let equals = word.first { bytes[$0] == UInt8(ascii: "=") }
            guard bytes[word.lowerBound..<(equals ?? word.upperBound)].reversed().starts(with: "creds".utf8.reversed())
            else { continue }
            guard let start = equals.map({ $0 + 1 }) ?? words[(number + 1)...].first?.lowerBound else { continue }
            let value = LoginWords.value(at: start, bytes)
            let colon = value.first { bytes[$0] == UInt8(ascii: ":") }
            found.append((colon.map { $0 + 1 } ?? value.lowerBound)..<value.upperBound)
        }
        return found
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "._~%+$-".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    /// Whether what follows an `@` may be a host, and is no digest, not even the beginning of one.
    private static func isHost(_ rest: ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first, isAlphanumeric(first) || first == UInt8(ascii: "[") else { return false }
        if rest.starts(with: "sha".utf8), rest.dropFirst(3).first.map({ (48...57).contains($0) }) ?? true {
            return false
        }
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return true }
        // A port has five digits at most, a digest some dozens.
        return rest[(colon + 1)...].prefix(while: isAlphanumeric).count < 16
    }
}

/// The words of a line, without the quotes around them; quotes within a line that is a word of another one part it too.
struct WordRanges {
    let all: [Range<Int>]

    init(_ bytes: [UInt8]) {
        var words: [Range<Int>] = []
        var start: Int?
        for (position, byte) in bytes.enumerated() {
            if WordRanges.parts(byte) {
                if let begin = start { words.append(begin..<position) }
                start = nil
            } else if start == nil {
                start = position
            }
        }
        if let begin = start { words.append(begin..<bytes.count) }
        all = words
    }

    static func parts(_ byte: UInt8) -> Bool { byte <= 32 || "|;{}()\"'`<>".utf8.contains(byte) }
}

/// The passwords among the words of a `login`.
struct LoginWords {
    private(set) var passwords: [Range<Int>] = []

    init(_ words: WordRanges, _ bytes: [UInt8]) {
        func text(_ word: Range<Int>) -> String { String(decoding: bytes[word], as: UTF8.self) }
        /// A `login` with a slip in it has a user and a password all the same.
        func firstOfLike() -> Int? {
            let options = words.all.map(text)
            let isLike =
                options.contains { ["-u", "--username", "--user"].contains($0) }
                && options.contains { $0 == "-p" || $0 == "--password" || $0.hasPrefix("--password=") }
            return isLike ? options.startIndex : nil
        }
        guard let login = words.all.firstIndex(where: { text($0) == "login" }) ?? firstOfLike() else { return }
        var wantsValue = false
        var wantsName = false
        for word in words.all[(login + 1)...] where text(word) != "\\" {
            if wantsValue {
                passwords.append(LoginWords.value(at: word.lowerBound, bytes))
                wantsValue = false
                continue
            }
            let option = text(word)
            // `-u me:PASSWORD`, as curl has it.
            let isName = wantsName || option.hasPrefix("-u") || option.hasPrefix("--user")
            wantsName = option == "-u" || option == "--user" || option == "--username"
            if isName, let colon = word.first(where: { bytes[$0] == UInt8(ascii: ":") }) {
                passwords.append(LoginWords.value(at: colon + 1, bytes))
            }
            guard option.hasPrefix("-"), !option.hasPrefix("--password-stdin") else { continue }
            let name = option.prefix { $0 != "=" }
            let begin: Int
            if option.hasPrefix("--") {
                guard name.count > 2, "--password".hasPrefix(name) || name.hasPrefix("--pass") else { continue }
                begin = word.lowerBound + name.utf8.count + (name.count < option.count ? 1 : 0)
                wantsValue = name.count == option.count
            } else {
                // `-p secret`, `-psecret`, and `-p` behind other letters.
                guard let letter = option.firstIndex(of: "p") else { continue }
                let rest = option[option.index(after: letter)...]
                begin = word.upperBound - rest.utf8.count
                wantsValue = rest.isEmpty
            }
            // A quote may open what is glued to it: `-p'my secret'`, `--password="…"`.
            if begin < bytes.count, "\"'".utf8.contains(bytes[begin]) { wantsValue = false }
            if !wantsValue { passwords.append(LoginWords.value(at: begin, bytes)) }
        }
    }

    /// A value from there on: to the closing quote where one stands there or before it, else to the next blank.
    static func value(at start: Int, _ bytes: [UInt8]) -> Range<Int> {
        guard start < bytes.count else { return bytes.count..<bytes.count }
        let quotes = "\"'".utf8
        var begin = start
        if quotes.contains(bytes[begin]) { begin += 1 }
        if begin > 0, quotes.contains(bytes[begin - 1]) {
            let end = bytes[begin...].firstIndex(of: bytes[begin - 1]) ?? bytes.count
            return begin..<end
        }
        let end = bytes[begin...].firstIndex { $0 <= 32 || quotes.contains($0) } ?? bytes.count
        return begin..<end
    }
}
