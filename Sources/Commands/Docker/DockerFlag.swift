/// A flag of one of Docker's commands, as its help shows it.
struct DockerFlag: Sendable {
    enum Kind: Sendable, Equatable {
        /// Takes a value only behind `=`.
        case bool
        case string
        case int
        /// May be given several times; the name is what help calls it.
        case list(String)
        /// Several times, `name=value` each.
        case filter
        /// Several times, or several with commas between them.
        case strings
    }

    let name: String
    let shorthand: Character?
    let kind: Kind
    let usage: String
    /// What help shows as the value where none is given; nil for the kind's own zero, which it does not show.
    var shownDefault: String?
    /// Known, but not in help.
    var isHidden = false
    /// What completion offers as values; it knows those of `--filter`, `--platform` and `--format` itself.
    var choices: [String] = []

    /// `name` with its value as help names it: `--format string`.
    var typeName: String {
        switch kind {
        case .bool: ""
        case .string: "string"
        case .int: "int"
        case .list(let name): name
        case .filter: "filter"
        case .strings: "strings"
        }
    }

    static func bool(_ name: String, _ shorthand: Character? = nil, _ usage: String, isOn: Bool = false) -> DockerFlag {
        DockerFlag(name: name, shorthand: shorthand, kind: .bool, usage: usage, shownDefault: isOn ? "true" : nil)
    }

    static func string(
        _ name: String, _ shorthand: Character? = nil, _ usage: String, choices: [String] = []
    ) -> DockerFlag {
        DockerFlag(name: name, shorthand: shorthand, kind: .string, usage: usage, choices: choices)
    }

    static func int(_ name: String, _ shorthand: Character? = nil, _ usage: String) -> DockerFlag {
        DockerFlag(name: name, shorthand: shorthand, kind: .int, usage: usage)
    }

    static func list(
        _ name: String, _ shorthand: Character? = nil, type: String = "list", _ usage: String
    ) -> DockerFlag {
        DockerFlag(name: name, shorthand: shorthand, kind: .list(type), usage: usage)
    }

    /// `--filter`: `keys` are what completion offers.
    static func filter(_ shorthand: Character? = nil, _ usage: String, keys: [String]) -> DockerFlag {
        DockerFlag(name: "filter", shorthand: shorthand, kind: .filter, usage: usage, choices: keys.map { $0 + "=" })
    }

    static func strings(_ name: String, _ usage: String) -> DockerFlag {
        DockerFlag(name: name, shorthand: nil, kind: .strings, usage: usage)
    }

    /// `--format` where rows are listed: completion offers the placeholders of `columns`.
    static func listFormat(
        _ columns: [(placeholder: String, title: String)], usage: String = DockerFlag.listFormat
    ) -> DockerFlag {
        .string("format", nil, usage, choices: columns.map(\.placeholder))
    }

    /// What Docker says of `--format` where rows are listed, and where one document is shown.
    static let listFormat = """
        Format output using a custom template:
        'table':            Print output in table format with column headers (default)
        'table TEMPLATE':   Print output in table format using the given Go template
        'json':             Print in JSON format
        'TEMPLATE':         Print output using the given Go template.
        Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
        """
    static let documentFormat = """
        Format output using a custom template:
        'json':             Print in JSON format
        'TEMPLATE':         Print output using the given Go template.
        Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
        """
}

/// How many arguments a command takes.
enum DockerArity: Sendable, Equatable {
    case none
    case exactly(Int)
    case atLeast(Int)
    case atMost(Int)
    case between(Int, Int)
    case any

    /// What is wrong with `count` arguments in the client's words, and how it begins its last line; nil where nothing is.
    func complaint(_ count: Int) -> (text: String, advice: String)? {
        func arguments(_ number: Int) -> String { number == 1 ? "1 argument" : "\(number) arguments" }
        switch self {
        case .none: return count == 0 ? nil : ("accepts no arguments", "Run")
        case .exactly(let wanted): return count == wanted ? nil : ("requires \(arguments(wanted))", "Run")
        case .atLeast(let wanted): return count >= wanted ? nil : ("requires at least \(arguments(wanted))", "See")
        // "SRun" is what Docker 28.2 prints.
        case .between(let least, let most):
            let wants = "requires at least \(least) and at most \(arguments(most))"
            return (least...max(least, most)).contains(count) ? nil : (wants, "Run")
        case .atMost(let wanted): return count <= wanted ? nil : ("requires at most \(arguments(wanted))", "SRun")
        case .any: return nil
        }
    }
}
