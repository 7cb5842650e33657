/// What the history keeps of a line.
enum HistoryText {
    /// The line; nil for one that has a password among the words of a `login`, whichever way it is quoted.
    static func of(_ line: String) -> String? {
        let words = line.split { $0.isWhitespace || "|;{}()".contains($0) }
        guard let login = words.firstIndex(where: { $0 == "login" || $0 == "'login'" || $0 == "\"login\"" }) else {
            return line
        }
        let hasPassword = words[login...].contains { word in
            let bare = word.drop { "'\"\\".contains($0) }
            if bare.hasPrefix("--password-stdin") { return false }
            if bare.hasPrefix("--") { return bare.hasPrefix("--password") || bare.hasPrefix("--pass") }
            // `-p secret`, `-psecret`, and `-p` behind other letters.
            return bare.hasPrefix("-") && bare.contains("p")
        }
        return hasPassword ? nil : line
    }
}
