/// Go's way to write a flag with a value: `--quiet=true`, `-H=false`. ArgumentParser's flags take none.
package enum FlagWords {
    /// The words with every `--flag=true` as `--flag`. `--flag=false` becomes `--no-flag` where the command has that, and
    /// else goes: flags are off without being named. Options with values and words after `--` are left alone.
    package static func rewritten(_ words: [String], for type: any Command.Type) -> [String] {
        let end = words.firstIndex(of: "--") ?? words.endIndex
        guard words[..<end].contains(where: { parts(of: $0) != nil }) else { return words }
        let flags = CommandOptions(type).options.filter { $0.value == nil }
        return words[..<end].compactMap { word in
            guard let (name, isOn) = parts(of: word), let flag = flags.first(where: { $0.names.contains(name) }) else {
                return word
            }
            if isOn { return name }
            let opposite = "--no-" + (flag.names.last ?? name).drop { $0 == "-" }
            return flags.contains { $0.names.contains(opposite) } ? opposite : nil
        } + words[end...]
    }

    /// A flag's name and its value as Go's `strconv.ParseBool` reads it; nil for any other word.
    private static func parts(of word: String) -> (name: String, isOn: Bool)? {
        guard word.hasPrefix("-"), let equals = word.firstIndex(of: "=") else { return nil }
        let name = String(word[..<equals])
        switch word[word.index(after: equals)...] {
        case "1", "t", "T", "true", "TRUE", "True": return (name, true)
        case "0", "f", "F", "false", "FALSE", "False": return (name, false)
        default: return nil
        }
    }
}
