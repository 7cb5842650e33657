/// The texts that Docker's client makes of a command's declaration (docker/cli `cli/cobra.go`, spf13/pflag).
enum DockerHelp {
    /// What `docker COMMAND --help` prints, for a command called by `path`.
    static func text(of command: DockerCommand, path: String, width: Int) -> String {
        var text = "Usage:  docker \(path) \(command.usage)".trimmingEnd + "\n\n\(command.summary)\n"
        if let aliases = command.aliases { text += "\nAliases:\n  \(aliases)\n" }
        let options = flags(command.flags, width: width - 1)
        if !options.isEmpty { text += "\nOptions:\n\(options)" }
        return text
    }

    /// What follows the first line of an error about a command's words.
    static func advice(usage: String?, path: String, verb: String = "Run") -> String {
        let name = path.isEmpty ? "docker" : "docker \(path)"
        return "\n" + (usage.map { "Usage:  \($0)\n\n" } ?? "") + "\(verb) '\(name) --help' for more information\n"
    }

    /// The flags in columns, by name; the texts behind them are broken at `width`.
    static func flags(_ flags: [DockerFlag], width: Int) -> String {
        let rows = flags.filter { !$0.isHidden }.sorted { $0.name < $1.name }.map { flag in
            let short = flag.shorthand.map { "  -\($0), " } ?? "      "
            let type = flag.typeName.isEmpty ? "" : " " + flag.typeName
            return (head: short + "--" + flag.name + type, text: usage(of: flag))
        }
        let column = (rows.map(\.head.count).max() ?? 0) + 3
        return rows.map { head, text in
            let gap = String(repeating: " ", count: column - head.count)
            return head + gap + wrapped(text, indent: column, width: width) + "\n"
        }.joined()
    }

    private static func usage(of flag: DockerFlag) -> String {
        guard let value = flag.shownDefault else { return flag.usage }
        return flag.usage + (flag.kind == .string ? " (default \"\(value)\")" : " (default \(value))")
    }

    /// pflag's wrapping: a line that is at most five characters too long stays whole.
    private static func wrapped(_ text: String, indent: Int, width: Int) -> String {
        let slack = 5
        var indent = indent
        var room = width - indent
        var result = ""
        let margin = { "\n" + String(repeating: " ", count: indent) }
        if room < 24 {
            indent = 16
            room = width - indent
            result += margin()
        }
        if room < 24 { return text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: result) }
        var rest = Array(text.utf8)[...]
        var pieces: [String] = []
        repeat {
            let piece = piece(of: &rest, room: room - slack, slack: slack)
            let lines = piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            pieces.append(lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: margin()))
        } while !rest.isEmpty
        return result + pieces.joined(separator: margin())
    }

    private static func piece(
        of rest: inout ArraySlice<UInt8>, room: Int, slack: Int
    ) -> ArraySlice<UInt8> {
        if room + slack > rest.count {
            defer { rest = [] }
            return rest
        }
        let head = rest.prefix(room)
        let blank = head.lastIndex { [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n")].contains($0) }
        guard var end = blank, end > rest.startIndex else {
            defer { rest = [] }
            return rest
        }
        if let line = head.lastIndex(of: UInt8(ascii: "\n")), line > rest.startIndex, line < end { end = line }
        let piece = rest[..<end]
        rest = rest[(end + 1)...]
        return piece
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
