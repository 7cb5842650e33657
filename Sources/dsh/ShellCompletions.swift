/// Completion of dsh's own command line for bash, zsh and fish: what `completions/` holds.
///
/// They know dsh's options and script files; commands and references inside are completed at dsh's prompt.
enum ShellCompletions {
    static let shells = ["bash", "zsh", "fish"]

    /// The script for one of `shells`; nil for another.
    static func script(for shell: String) -> String? {
        switch shell {
        case "bash": bash
        case "zsh": zsh
        case "fish": fish
        default: nil
        }
    }

    private struct Option {
        let short: String?
        let long: String
        let summary: String
        var values: [String] = []
        var takesFile = false
    }

    private static let options = [
        Option(short: "c", long: "command", summary: "run one line", values: [""]),
        Option(short: "o", long: "output", summary: "output format", values: Invocation.formatNames),
        Option(short: "r", long: "raw", summary: "texts without quotes"),
        Option(short: nil, long: "norc", summary: "do not read the start file"),
        Option(short: nil, long: "check", summary: "look for mistakes, run nothing", takesFile: true),
        Option(short: nil, long: "fmt", summary: "print scripts in one layout", takesFile: true),
        Option(short: nil, long: "write", summary: "with --fmt: put the layout into the files"),
        Option(short: nil, long: "version", summary: "show the version"),
        Option(short: "h", long: "help", summary: "show help"),
    ]

    private static var bash: String {
        let words = options.flatMap { option in (option.short.map { ["-" + $0] } ?? []) + ["--" + option.long] }
        return """
            # bash completion for dsh: source it, or put it where your system keeps such files.
            _dsh() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
                COMPREPLY=()
                case $previous in
                    -o|--output) mapfile -t COMPREPLY < <(compgen -W '\(Invocation.formatNames.joined(separator: " "))' -- "$current"); return ;;
                    -c|--command) return ;;
                esac
                if [[ $current == -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W '\(words.joined(separator: " "))' -- "$current")
                else
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -X '!*.dsh' -- "$current"; compgen -d -- "$current")
                fi
            }
            complete -F _dsh dsh
            """
    }

    private static var zsh: String {
        let lines = options.map { option in
            let names =
                option.short.map { "(-\($0) --\(option.long))'{-\($0),--\(option.long)}'" } ?? "--\(option.long)"
            let value =
                option.long == "command"
                ? ":line:"
                : option.values.isEmpty ? "" : ":\(option.long):(\(option.values.joined(separator: " ")))"
            return "    '\(names)[\(option.summary)]\(value)' \\"
        }
        return """
            #compdef dsh
            # zsh completion for dsh: put it as _dsh in a directory of $fpath.
            _arguments \\
            \(lines.joined(separator: "\n"))
                '1:script:_files -g "*.dsh"' \\
                '*:argument:_files'
            """
    }

    private static var fish: String {
        let lines = options.map { option in
            let short = option.short.map { " -s \($0)" } ?? ""
            let values =
                option.long == "command"
                ? " -x"
                : option.values.isEmpty ? "" : " -x -a '\(option.values.joined(separator: " "))'"
            return "complete -c dsh\(short) -l \(option.long)\(values) -d '\(option.summary)'"
        }
        return """
            # fish completion for dsh: put it in ~/.config/fish/completions.
            \(lines.joined(separator: "\n"))
            complete -c dsh -a '(__fish_complete_suffix .dsh)'
            """
    }
}
