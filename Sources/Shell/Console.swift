/// The person at the terminal, as commands may reach them: results go another way.
package protocol Console: Sendable {
    /// Shows lines at once, on standard error.
    func tell(_ text: String)

    /// Writes text on standard error as it stands, without a line's end of its own.
    func write(_ text: String)

    /// Whether standard output is a terminal.
    var showsOutput: Bool { get }

    /// Characters of a line of the terminal that dsh reads from; nil where it reads from none.
    var inputWidth: Int? { get }

    /// Shows `question` at the terminal and waits for a line; nil at the end of input. Throws `unsupported` where there
    /// is no terminal to ask at.
    func ask(_ question: String) async throws -> String?

    /// The same for what nobody may see: nothing that is typed is shown, nor kept anywhere.
    func askSecret(_ question: String) async throws -> String?
}

/// Nobody: what is told is dropped, and there is no one to ask.
package struct NoConsole: Console {
    package init() {}

    package func tell(_ text: String) {}

    package func write(_ text: String) {}

    package var showsOutput: Bool { false }

    package var inputWidth: Int? { nil }

    package func ask(_ question: String) async throws -> String? {
        throw ShellError(.unsupported, "there is no terminal to ask at")
    }

    package func askSecret(_ question: String) async throws -> String? { try await ask(question) }
}
