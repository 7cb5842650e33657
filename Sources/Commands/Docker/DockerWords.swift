import Shell

/// The words of a line, read as Docker's client reads them (spf13/pflag): flags and arguments in any order, shorthands
/// in groups, `--name=value`, `--`.
struct DockerWords: Sendable {
    /// What was given to each flag, in order, by name. Switches are `true` or `false`.
    private(set) var given: [(flag: DockerFlag, value: String)] = []
    var arguments: [String] = []
    private(set) var wantsHelp = false
    /// `-h`, which Docker takes and calls old.
    private(set) var usedOldHelp = false

    /// Why words cannot be read, in the client's words.
    struct Mistake: Error {
        let text: String
    }

    /// - Parameter interspersed: false where the first argument ends the flags, as before a command's name.
    init(_ words: [String], flags: [DockerFlag], interspersed: Bool = true) throws(Mistake) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                arguments.append(word)
                if interspersed { continue }
                arguments += rest
                return
            }
            if word == "--" {
                arguments += rest
                return
            }
            if word.hasPrefix("--") {
                try takeLong(word, &rest, flags)
            } else {
                try takeShort(word, &rest, flags)
            }
        }
    }

    private mutating func takeLong(
        _ word: String, _ rest: inout ArraySlice<String>, _ flags: [DockerFlag]
    ) throws(Mistake) {
        let body = word.dropFirst(2)
        guard let first = body.first, first != "-", first != "=" else {
            throw Mistake(text: "bad flag syntax: \(word)")
        }
        let name = String(body.prefix { $0 != "=" })
        let inline = body.count > name.count ? String(body.dropFirst(name.count + 1)) : nil
        guard let flag = flags.first(where: { $0.name == name }) ?? DockerWords.help(name) else {
            throw Mistake(text: "unknown flag: --\(name)")
        }
        if let inline {
            try set(flag, inline)
        } else if flag.kind == .bool {
            try set(flag, "true")
        } else if let value = rest.popFirst() {
            try set(flag, value)
        } else {
            throw Mistake(text: "flag needs an argument: --\(name)")
        }
    }

    private mutating func takeShort(
        _ word: String, _ rest: inout ArraySlice<String>, _ flags: [DockerFlag]
    ) throws(Mistake) {
        var letters = word.dropFirst()
        while let letter = letters.first {
            let group = letters
            letters.removeFirst()
            guard let flag = flags.first(where: { $0.shorthand == letter }) ?? DockerWords.help(String(letter)) else {
                throw Mistake(text: "unknown shorthand flag: '\(letter)' in -\(group)")
            }
            if letters.first == "=", letters.count > 1 {
                return try set(flag, String(letters.dropFirst()))
            } else if flag.kind == .bool {
                try set(flag, "true")
                if letter == "h", flag.name == "help" { usedOldHelp = true }
            } else if !letters.isEmpty {
                return try set(flag, String(letters))
            } else if let value = rest.popFirst() {
                return try set(flag, value)
            } else {
                throw Mistake(text: "flag needs an argument: '\(letter)' in -\(group)")
            }
        }
    }

    private static let helpFlag = DockerFlag(name: "help", shorthand: "h", kind: .bool, usage: "", isHidden: true)
    private static func help(_ name: String) -> DockerFlag? { ["help", "h"].contains(name) ? helpFlag : nil }

    // MARK: Values

    private mutating func set(_ flag: DockerFlag, _ text: String) throws(Mistake) {
        var value = text
        let problem: String?
        switch flag.kind {
        case .string, .list: problem = nil
        case .strings: problem = nil
        case .bool:
            let isOn = DockerWords.bool(text)
            problem = isOn == nil ? "strconv.ParseBool: parsing \(DockerText.quoted(text)): invalid syntax" : nil
            value = isOn == true ? "true" : "false"
            if flag.name == "help" {
                if problem == nil { wantsHelp = isOn == true }
            }
        case .int:
            problem = DockerWords.integerProblem(text).map {
                "strconv.ParseInt: parsing \(DockerText.quoted(text)): \($0)"
            }
        case .filter:
            if text.isEmpty { return }
            problem = text.contains("=") ? nil : "bad format of filter (expected name=value)"
        }
        if let problem {
            let name = flag.shorthand.map { "-\($0), --\(flag.name)" } ?? "--\(flag.name)"
            throw Mistake(text: "invalid argument \(DockerText.quoted(text)) for \"\(name)\" flag: \(problem)")
        }
        if flag.kind == .strings {
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                given.append((flag, String(part)))
            }
        } else {
            given.append((flag, value))
        }
    }

    /// As Go's `strconv.ParseBool`.
    private static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    private static func integerProblem(_ text: String) -> String? {
        if Int(text) != nil { return nil }
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber ? "value out of range" : "invalid syntax"
    }

    /// Whether a switch is on; off where it was not given.
    func isOn(_ name: String) -> Bool { string(name) == "true" }

    /// Whether `--format` makes JSON of what is shown, or of parts of it.
    var writesJSON: Bool { string("format")?.contains("json") == true }

    /// What was last given to a flag.
    func string(_ name: String) -> String? { given.last { $0.flag.name == name }?.value }

    func int(_ name: String) -> Int? { string(name).flatMap { Int($0) } }

    func list(_ name: String) -> [String] { given.filter { $0.flag.name == name }.map(\.value) }

    func isGiven(_ name: String) -> Bool { given.contains { $0.flag.name == name } }

    /// The line of the dsh command `name` that does the same: the flags that were given but `leavingOut`, and the arguments.
    func plain(_ name: String, leavingOut: Set<String> = []) -> [String] {
        var words = [name]
        for (flag, value) in given where !leavingOut.contains(flag.name) && flag.name != "help" {
            words.append("--\(flag.name)=\(value)")
        }
        return words + (arguments.isEmpty ? [] : ["--"] + arguments)
    }
}

extension DockerText {
    /// As Go's `%q` for what may stand in a message: quotes, backslashes and control characters escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let hex = String(scalar.value, radix: 16)
                    quoted += "\\x" + (hex.count < 2 ? "0" : "") + hex
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }
}
