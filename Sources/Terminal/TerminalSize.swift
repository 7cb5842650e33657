import Glibc

/// Columns and rows of a terminal.
package struct TerminalSize: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// What the terminal behind the descriptor says, else `COLUMNS` and `LINES`, else 80 by 24.
    package static func of(_ descriptor: Int32) -> TerminalSize {
        var size = winsize()
        let answered = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        let columns = answered && size.ws_col > 0 ? Int(size.ws_col) : number("COLUMNS") ?? 80
        let rows = answered && size.ws_row > 0 ? Int(size.ws_row) : number("LINES") ?? 24
        return TerminalSize(columns: columns, rows: rows)
    }

    private static func number(_ name: String) -> Int? {
        guard let text = getenv(name), let value = Int(String(cString: text)), (1...10_000).contains(value) else {
            return nil
        }
        return value
    }
}

/// What an output can show, decided once per descriptor.
package struct TerminalTraits: Hashable, Sendable {
    package var isTerminal: Bool
    /// False for `TERM=dumb` or none: no cursor movement, no escape sequences at all.
    package var hasEscapes: Bool
    /// Escape sequences are understood and `NO_COLOR` is unset or empty.
    package var hasColor: Bool

    package init(isTerminal: Bool, hasEscapes: Bool, hasColor: Bool) {
        self.isTerminal = isTerminal
        self.hasEscapes = hasEscapes
        self.hasColor = hasColor
    }

    /// A file or a pipe.
    package static let file = TerminalTraits(isTerminal: false, hasEscapes: false, hasColor: false)

    package static func of(_ descriptor: Int32) -> TerminalTraits {
        guard isatty(descriptor) == 1 else { return .file }
        let kind = getenv("TERM").map { String(cString: $0) } ?? ""
        let hasEscapes = !kind.isEmpty && kind != "dumb"
        let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return TerminalTraits(isTerminal: true, hasEscapes: hasEscapes, hasColor: hasEscapes && !noColor)
    }
}
