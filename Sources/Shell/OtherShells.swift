/// Words that people type by the habit of another shell, and what says the same here.
enum OtherShells {
    /// What to write instead of `line`, which begins with a word that is no command here: `grep -i alpine`, `head -1`. nil for
    /// words that belong to no other shell. `result`: what the command in front gives, where that is known.
    static func hint(_ line: String, behind result: ResultShape? = nil) -> String? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let name = words.first else { return nil }
        let text = line.split(whereSeparator: \.isNewline).first.map(trimmed) ?? name
        let arguments = words.dropFirst()
        // The last one that is no option.
        let operand = arguments.last { !$0.hasPrefix("-") }.map(unquoted)
        let program = "`!\(text)` runs the program"
        switch name {
        case "grep", "egrep", "fgrep", "rg", "ack":
            return "\(program); of values, `\(search(for: operand ?? "…", in: result))`"
        case "head":
            let count = count(arguments) ?? "10"
            return "`.[:\(count)]` gives the first \(count) of an array, `take \(count)` of many values; " + program
        case "tail":
            let count = count(arguments) ?? "10"
            return "`.[-\(count):]` gives the last \(count) of an array; \(program)"
        case "wc": return "`length` counts what is in an array; \(program)"
        case "xargs":
            let command = arguments.drop { $0.hasPrefix("-") || Int($0) != nil }.joined(separator: " ")
            return "commands take images from the pipe: `| \(command.isEmpty ? "rmi" : command)`; "
                + "`each { … }` does any work with each value"
        case "awk", "gawk", "mawk", "cut":
            return "\(program); a field of values is `map(.Repository)`"
        case "sed", "tr": return "\(program); in values, `map(.Tag | sub(\"^v\"; \"\"))`"
        case "sort":
            return "`sort_by(.Size)` sorts an array by a field, `table … --sort Size` for the eye; \(program)"
        case "uniq": return "`unique` or `unique_by(.Repository)`; \(program)"
        case "tee": return "`write \(operand ?? "FILE")` writes values to a file; \(program)"
        case "cat": return "`read \(operand ?? "FILE")` gives a file's content; \(program)"
        case "where": return "`map(select(.Size > 1e9))` chooses from an array, `select(…)` from many values"
        case "less", "more", "column", "nl", "ls", "rm", "mv", "cp", "mkdir", "curl", "wget", "sudo", "bash", "sh",
            "python3", "python", "perl", "vi", "vim", "nano", "git", "podman", "skopeo", "crane", "kubectl", "find",
            "make", "ssh", "tar", "touch", "chmod", "gzip", "gunzip", "kill", "man", "ps", "seq", "stat", "top",
            "clear", "uname", "whoami":
            return program
        case "export", "alias", "unset", "function":
            return name == "export" || name == "unset"
                ? "`let NAME = …` sets a variable; `!\(text)` has a process of its own"
                : "`def NAME() { … }` makes a command"
        default: return nil
        }
    }

    /// jq that finds a text in what a command gives: in the field that it is most likely looked for in, or anywhere in a record
    /// that is a document.
    private static func search(for text: String, in result: ResultShape?) -> String {
        let test = "test(\"\(text)\")"
        guard let result, !result.fields.isEmpty, !result.fields.contains(where: { $0.name == "Repository" }) else {
            return "map(select(.Repository | \(test)))"
        }
        if result.fields.contains(where: { $0.kind == .object }) { return ".. | strings | select(\(test))" }
        let texts = result.fields.filter { $0.kind == .text }
        let field = texts.first { $0.column != nil } ?? texts.first
        let choice = "select(.\(field?.name ?? result.fields[0].name) | \(test))"
        return result.kind == .array ? "map(\(choice))" : choice
    }

    /// What to write instead of `name = value`, `$name=value` at the head of a filter; nil for any other text.
    static func assignment(_ text: String) -> String? {
        let text = text.drop(while: \.isWhitespace)
        let name = text.drop { $0 == "$" }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let rest = text.drop { $0 == "$" }.dropFirst(name.count).drop { $0 == " " }
        guard text.first == "$" || text.first == name.first, !name.isEmpty, rest.first == "=", !rest.hasPrefix("==")
        else {
            return nil
        }
        return "`let \(name) = …` sets a variable"
    }

    /// `-1`, `-n 1`, `-n1`, `-c 5`.
    private static func count(_ arguments: ArraySlice<String>) -> String? {
        for word in arguments {
            let digits = word.drop { "-nc=".contains($0) }
            if !digits.isEmpty, digits.count < 10, digits.allSatisfy(\.isNumber) { return String(digits) }
        }
        return nil
    }

    private static func unquoted(_ word: String) -> String { String(word.filter { !"'\"\\".contains($0) }) }

    private static func trimmed(_ line: Substring) -> String {
        var line = line
        while line.last?.isWhitespace == true { line.removeLast() }
        return line.count > 60 ? line.prefix(60) + "…" : String(line)
    }
}
