import Terminal

/// What dsh was asked to do, read from its arguments.
///
/// By hand and not with a parser library: everything after a script's name belongs to the script, and `--version` is
/// measured against programs that start in a few milliseconds.
struct Invocation {
    enum Door: Equatable {
        /// The prompt.
        case prompt
        /// `-c TEXT`
        case text(String)
        /// A file, or `-` for standard input.
        case script(String)
        /// `--check FILE…`
        case check([String])
        /// `--fmt [--write] FILE…`
        case format([String], writes: Bool)
        case version
        case help
        /// `--completions SHELL`
        case completions(String)
    }

    var door = Door.prompt
    /// What the script or the text gets as `$args`.
    var arguments: [String] = []
    /// `-o FORMAT`; nil: a table on a terminal, JSON elsewhere.
    var format: OutputFormat?
    /// `--norc`
    var skipsStartFile = false

    /// Throws a `UsageMistake` for what is no option of dsh's.
    init(_ words: [String]) throws(UsageMistake) {
        var rest = words[...]
        while let word = rest.first, word.hasPrefix("-"), word != "-" {
            rest = rest.dropFirst()
            switch word {
            case "-c", "--command":
                guard let text = rest.popFirst() else {
                    throw UsageMistake("-c needs a text to run", hint: "as in dsh -c 'images | length'")
                }
                door = .text(text)
                if rest.first == "--" { rest = rest.dropFirst() }
                arguments = Array(rest)
                return
            case "-o", "--output":
                guard let name = rest.popFirst() else {
                    throw UsageMistake("-o needs a format", hint: Invocation.formats)
                }
                format = try Invocation.format(name)
            case "-r", "--raw": format = .raw
            case "--norc": skipsStartFile = true
            case "--check":
                door = .check(Array(rest))
                if rest.isEmpty { throw UsageMistake("--check needs at least one file", hint: nil) }
                return
            case "--fmt":
                door = try Invocation.format(Array(rest))
                return
            case "--completions":
                guard let shell = rest.popFirst(), ShellCompletions.shells.contains(shell) else {
                    throw UsageMistake(
                        "--completions needs a shell",
                        hint: "shells: \(ShellCompletions.shells.joined(separator: ", "))")
                }
                door = .completions(shell)
            case "--version", "-V": door = .version
            case "--help", "-h": door = .help
            case "--":
                guard let file = rest.popFirst() else { return }
                door = .script(file)
                arguments = Array(rest)
                return
            case _ where word.hasPrefix("--output="):
                format = try Invocation.format(String(word.dropFirst("--output=".count)))
            default: throw UsageMistake("dsh has no option \(word)", hint: "dsh --help lists its options")
            }
        }
        if let file = rest.popFirst() {
            door = .script(file)
            arguments = Array(rest)
        }
    }

    private static func format(_ words: [String]) throws(UsageMistake) -> Door {
        let files = words.filter { $0 == "-" || !$0.hasPrefix("-") }
        let writes = words.contains("--write")
        if let other = words.first(where: { $0 != "-" && $0 != "--write" && $0.hasPrefix("-") }) {
            throw UsageMistake(
                "--fmt has no option \(other)", hint: "there is --write, which puts the layout into the files")
        }
        if files.isEmpty { throw UsageMistake("--fmt needs at least one file", hint: "- is standard input") }
        if writes, files.contains("-") { throw UsageMistake("--write needs files: - is standard input", hint: nil) }
        return .format(files, writes: writes)
    }

    static let formatNames = OutputFormat.allCases.map(\.rawValue)
    private static let formats = "formats: " + formatNames.joined(separator: ", ")

    private static func format(_ name: String) throws(UsageMistake) -> OutputFormat {
        guard let format = OutputFormat(rawValue: name) else {
            throw UsageMistake("unknown output format \(name)", hint: formats)
        }
        return format
    }

    static let help = """
        dsh — a shell for container images

        usage: dsh [options]                      the prompt
               dsh [options] -c TEXT [ARG…]       one line; ARGs are $args
               dsh [options] SCRIPT [ARG…]        a saved script; - reads it from standard input
               dsh --check SCRIPT…                look for mistakes, run nothing
               dsh --fmt [--write] SCRIPT…        print scripts in one layout, or put it into the files

        options:
          -o, --output FORMAT   table, json, jsonl, raw or yaml (default: table on a terminal, else json)
          -r, --raw             the same as -o raw: texts without quotes
          --norc                do not read the start file at the prompt
          --completions SHELL   completion for bash, zsh or fish
          --version             dsh's version
          -h, --help            this text

        environment:
          DSH_STORE                   the store (default: $XDG_DATA_HOME/dsh/store)
          CONTAINERS_REGISTRIES_CONF  registries.conf to use: mirrors, insecure and blocked registries
          DOCKER_CONFIG               directory of config.json with credentials
          DOCKER_DEFAULT_PLATFORM     platform to pull, as linux/arm64
          NO_COLOR                    no colours

        Inside: `help` lists the commands, `help COMMAND` tells all about one, `help language` the language.
        """
}

/// Arguments that dsh does not understand: exit status 2.
struct UsageMistake: Error {
    let message: String
    let hint: String?

    init(_ message: String, hint: String?) {
        self.message = message
        self.hint = hint
    }
}
