import Shell

/// The question that Docker's client asks before it removes many things (docker/cli `internal/prompt`).
enum DockerConfirmation {
    private static let maximumBytes = 1 << 16

    /// Writes the question on standard output and reads a line of standard input, whatever that is: only `y` is yes.
    static func asks(_ question: String, _ call: DockerCall) async throws -> Bool {
        let text = question + " [y/N] "
        let answer: String
        if call.session.console.inputWidth != nil {
            answer = try await call.session.console.ask(text) ?? ""
        } else {
            try await call.out(text)
            answer = try await InputFile("-").line(limit: maximumBytes)
        }
        return answer.lowercased().filter { !$0.isWhitespace } == "y"
    }
}
