import JSON
import Language

/// What `--help` shows of a `def` or of a script with `params`: made from the declaration and its comments.
struct ParameterHelp {
    let name: String
    let documentation: String?
    let parameters: [Parameter]

    var text: String {
        var lines = documentation.map { [$0, ""] } ?? []
        lines.append(ParameterHelp.usage(of: parameters, command: name))
        let rows = parameters.map(ParameterHelp.row)
        if rows.contains(where: { !$0.right.isEmpty }) {
            let width = rows.map(\.left.count).max() ?? 0
            lines.append("")
            lines += rows.map { row in
                let gap = String(repeating: " ", count: width - row.left.count + 2)
                return row.right.isEmpty ? "  \(row.left)" : "  \(row.left)\(gap)\(row.right)"
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A parameter with what its comment and its default say.
    private static func row(_ parameter: Parameter) -> (left: String, right: String) {
        let name = parameter.name.text
        let left =
            switch parameter.kind {
            case .positional: name
            case .rest: name + "…"
            case .flag: "--" + name
            case .option: "--\(name) VALUE"
            }
        let preset = parameter.defaultValue.map { "(default: \($0.span.text))" }
        let parts = [parameter.documentation, preset].compactMap { $0 }
        return (left, parts.joined(separator: " "))
    }

    /// `usage: NAME a [b] [rest…] [--flag] [--option VALUE]`.
    static func usage(of parameters: [Parameter], command: String) -> String {
        let words = parameters.map { parameter in
            let name = parameter.name.text
            switch parameter.kind {
            case .positional: return parameter.defaultValue == nil ? name : "[\(name)]"
            case .rest: return "[\(name)…]"
            case .flag: return "[--\(name)]"
            case .option: return "[--\(name) VALUE]"
            }
        }
        return (["usage: \(command)"] + words).joined(separator: " ")
    }

    /// Whether `--help` is asked for: it stands bare before any `--`, and no parameter has its name.
    static func isWanted(_ words: [String?], _ parameters: [Parameter]) -> Bool {
        let options = words.prefix { $0 != "--" }
        return options.contains("--help") && !parameters.contains { $0.name.text == "help" }
    }
}
