/// One instruction of a Dockerfile: its name and what follows. Syntax: the Dockerfile reference, and BuildKit's
/// `frontend/dockerfile/parser` where that is silent.
struct DockerfileInstruction {
    /// In upper case.
    let name: String
    /// The flags taken off `text`, by name.
    private(set) var flags: [String: String] = [:]
    /// What follows the name and the flags, without blanks at its ends.
    private(set) var text: String

    /// The instructions in `lines`: comments and empty lines are left out, and `\` at a line's end goes on to the next.
    static func read(_ lines: [String]) -> [DockerfileInstruction] {
        var instructions: [DockerfileInstruction] = []
        var unfinished = ""
        func add(_ line: String) {
            if let instruction = DockerfileInstruction(line) { instructions.append(instruction) }
        }
        for line in lines.flatMap({ $0.split(separator: "\n", omittingEmptySubsequences: false) }) {
            let isNext = !unfinished.isEmpty
            let trimmed = line.trimmingBlanks
            if trimmed.hasPrefix("#") || isNext && trimmed.isEmpty { continue }
            let end = trimmed.hasSuffix("\\")
            if end {
                // What stands before the backslash stays, blanks and all.
                unfinished += (isNext ? line : line.drop { $0.isBlank }).trimmingBlanksAtEnd.dropLast()
                continue
            }
            add(unfinished + (isNext ? String(line) : trimmed))
            unfinished = ""
        }
        add(unfinished)
        return instructions
    }

    private init?(_ line: String) {
        let line = line[...].trimmingBlanks
        if line.isEmpty { return nil }
        let word = line.prefix { !$0.isBlank }
        name = word.uppercased()
        text = line.dropFirst(word.count).trimmingBlanks
    }

    /// Takes `--flag=value` words off the beginning of the text; `--` ends them. Throws for one that is not in `known`,
    /// for one without a value and for one given twice.
    mutating func takeFlags(known: [String]) throws(BackendError) {
        while text.hasPrefix("--") {
            let word = text.prefix { !$0.isBlank }
            text = text.dropFirst(word.count).trimmingBlanks
            if word == "--" { return }
            let flag = String(word.dropFirst(2).prefix { $0 != "=" })
            guard known.contains(flag) else {
                throw BackendError(
                    .usage, "Unknown flag: \(flag)",
                    hint: known.isEmpty ? nil : "\(name) knows \(known.map { "--" + $0 }.joined(separator: ", "))")
            }
            if flags[flag] != nil { throw BackendError(.usage, "Duplicate flag specified: \(flag)") }
            guard word.contains("=") else { throw BackendError(.usage, "Missing a value on flag: \(flag)") }
            flags[flag] = String(word.dropFirst(flag.count + 3))
        }
    }
}

extension Character {
    /// A space or a tab, or what a foreign line end leaves.
    fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\r" }
}

extension StringProtocol {
    fileprivate var trimmingBlanksAtEnd: String {
        var text = String(self)
        while let last = text.last, last.isBlank { text.removeLast() }
        return text
    }

    fileprivate var trimmingBlanks: String { String(drop { $0.isBlank }).trimmingBlanksAtEnd }
}
