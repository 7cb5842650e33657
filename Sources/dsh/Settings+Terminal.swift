import Glibc
import Shell
import Terminal

extension Settings {
    /// The format that was chosen; nil: a table on a terminal, JSON elsewhere.
    var format: OutputFormat? { OutputFormat(rawValue: self["output"]) }

    /// What a descriptor can show, with the colours that were chosen.
    func traits(of descriptor: Int32) -> TerminalTraits {
        var traits = TerminalTraits.of(descriptor)
        switch self["colour"] {
        case "always": traits.hasColor = true
        case "never": traits.hasColor = false
        default: break
        }
        return traits
    }

    /// The prompt's text, its `%` forms filled in.
    func prompt(directory: String, home: String) -> String {
        var text = ""
        var isForm = false
        for character in self["prompt"] {
            switch (isForm, character) {
            case (false, "%"): isForm = true
            case (false, _): text.append(character)
            case (true, "d"):
                let isInHome = !home.isEmpty && (directory == home || directory.hasPrefix(home + "/"))
                text += isInHome ? "~" + directory.dropFirst(home.count) : directory
                isForm = false
            case (true, "%"):
                text.append("%")
                isForm = false
            case (true, _):
                text += "%\(character)"
                isForm = false
            }
        }
        return isForm ? text + "%" : text
    }
}
