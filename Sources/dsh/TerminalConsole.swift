import Glibc
import Shell
import Terminal

/// The person at the terminal: told things on standard error, asked on the terminal itself, so that standard input may
/// be a file.
struct TerminalConsole: Console {
    private static let longestAnswer = 4096

    func tell(_ text: String) { StandardStreams.note(SafeText.block(text) + "\n") }

    func write(_ text: String) {
        StandardStreams.note(isatty(STDERR_FILENO) == 1 ? SafeText.block(text) : text)
    }

    var showsOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    var inputWidth: Int? { isatty(STDIN_FILENO) == 1 ? TerminalSize.of(STDIN_FILENO).columns : nil }

    func ask(_ question: String) async throws -> String? {
        try await ask(question, isSecret: false)
    }

    func askSecret(_ question: String) async throws -> String? {
        try await ask(question, isSecret: true)
    }

    private func ask(_ question: String, isSecret: Bool) async throws -> String? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        defer { if terminal >= 0 { close(terminal) } }
        // A program in the background must not read: it would be stopped.
        guard terminal >= 0, tcgetpgrp(terminal) == getpgrp() else {
            throw ShellError(.unsupported, "there is no terminal to ask at")
        }
        let silence = isSecret ? EchoOff(terminal) : nil
        guard !isSecret || silence != nil else {
            throw ShellError(.unsupported, "the terminal cannot hide what is typed")
        }
        // However the wait ends, by Ctrl-C too, the terminal shows again what is typed.
        defer { silence?.end() }
        try? OutputFile.write(Array(SafeText.block(question).utf8), to: terminal)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            var wait = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
            if poll(&wait, 1, 0) == 0 {
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            let count = read(terminal, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                // Ctrl-D ends no line on the screen.
                try? OutputFile.write([UInt8(ascii: "\n")], to: terminal)
                return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self)
            }
            answer += buffer[..<count]
            if let end = answer.firstIndex(of: UInt8(ascii: "\n")) {
                return String(decoding: answer[..<end], as: UTF8.self)
            }
            if answer.count > TerminalConsole.longestAnswer { return String(decoding: answer, as: UTF8.self) }
        }
    }
}

/// A terminal that does not show what is typed.
private struct EchoOff {
    private let terminal: Int32
    private let before: termios

    /// nil where the terminal's mode cannot be told: nothing is asked there in secret.
    init?(_ terminal: Int32) {
        var mode = termios()
        guard tcgetattr(terminal, &mode) == 0 else { return nil }
        before = mode
        self.terminal = terminal
        mode.c_lflag &= ~tcflag_t(ECHO)
        // The end of the line is shown, as what comes next belongs on the next one.
        mode.c_lflag |= tcflag_t(ECHONL | ICANON | ISIG)
        guard tcsetattr(terminal, TCSAFLUSH, &mode) == 0 else { return nil }
    }

    func end() {
        var mode = before
        tcsetattr(terminal, TCSAFLUSH, &mode)
    }
}
