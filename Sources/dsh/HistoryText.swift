import Language

/// What the history keeps of a line. As in other shells a line that begins with a blank is not kept, whatever it says.
enum HistoryText {
    /// The line; nil for one in which a secret is written: a password among the words of a `login`, whichever way it is
    /// quoted, a URL with one in it, or what is echoed or stands as a text before a `--password-stdin`.
    static func of(_ line: String) -> String? {
        if SecretMask.finds(in: line) { return nil }
        guard line.contains("--password-stdin") else { return line }
        let words = line.split { $0.isWhitespace || "|;{}()!\"'".contains($0) }
        let isTold = line.contains("<<<") || words.contains { ["echo", "printf", "write"].contains($0) }
        // A text of its own: `"s3cret" | login …`.
        let begins = line.first { !$0.isWhitespace }
        return isTold || begins == "\"" || begins == "'" ? nil : line
    }
}
