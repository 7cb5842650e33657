/// The person at the terminal, as commands may reach them: results go another way.
package protocol Console: Sendable {
    /// Shows lines at once, on standard error.
    func tell(_ text: String)

    /// Shows `question` at the terminal and waits for a line; nil at the end of input. Throws `unsupported` where there
    /// is no terminal to ask at.
    func ask(_ question: String) async throws -> String?
}

/// Nobody: what is told is dropped, and there is no one to ask.
package struct NoConsole: Console {
    package init() {}

    package func tell(_ text: String) {}

    package func ask(_ question: String) async throws -> String? {
        throw ShellError(.unsupported, "there is no terminal to ask at")
    }
}
