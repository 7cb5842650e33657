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
            answer = try await line()
        }
        return answer.lowercased().filter { !$0.isWhitespace } == "y"
    }

    private static func line() async throws -> String {
        let input = try InputFile("-")
        var bytes: [UInt8] = []
        while bytes.count <= maximumBytes {
            let piece = try await input.next()
            bytes += piece
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            if piece.isEmpty { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
