// A prompt with nothing behind it: the terminal tests run it under a pseudo terminal and look at what it reports.
// Arguments: the history file, or "-" for none.
import Glibc
import Terminal

func report(_ text: String) {
    try? OutputFile.write(Array((text + "\n").utf8), to: STDOUT_FILENO)
}

/// Makes the terminal narrower while the next line is being read, as a user drags a window.
func narrowSoon() {
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { _ in
            usleep(500_000)
            var size = winsize(ws_row: 20, ws_col: 30, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(STDIN_FILENO, UInt(TIOCSWINSZ), &size)
            return nil
        }, nil)
}

let images = ["nginx:1.25", "nginx:alpine", "nginx-unit", "node:20", "日本語", "überimage"]

func complete(_ text: String, _ offset: Int) -> CompletionResult {
    let bytes = Array(text.utf8.prefix(offset))
    let start = (bytes.lastIndex { $0 == 0x20 || $0 == 0x0A } ?? -1) + 1
    let word = String(decoding: bytes[start...], as: UTF8.self)
    let end = offset + text.utf8.dropFirst(offset).prefix { $0 != 0x20 && $0 != 0x0A }.count
    let many = (0..<150).map { "many-\($0)" }
    let candidates = (images + many).filter { $0.hasPrefix(word) }.map {
        Candidate($0, description: $0.hasPrefix("n") ? "an image" : "")
    }
    return CompletionResult(replaceRange: start..<end, candidates: candidates)
}

let arguments = CommandLine.arguments
let history = arguments.count > 1 && arguments[1] != "-" ? HistoryFile(path: arguments[1], limit: 50) : nil
do throws(TerminalError) {
    let editor = try LineEditor(history: history)
    editor.complete = complete
    editor.needsMore = { text in text.hasSuffix("|") || text.count { $0 == "{" } > text.count { $0 == "}" } }
    editor.historyText = { $0.contains("password") ? nil : $0 }
    let prompt = Style.prompt("dsh>", style: Style.cyan, hasColor: TerminalTraits.of(STDOUT_FILENO).hasColor)
    reading: while true {
        switch editor.readLine(prompt: prompt) {
        case .line("exit"): break reading
        case .line("narrow"): narrowSoon()
        case .line(let text): report("<\(SafeText.line(text))>")
        case .endOfFile:
            report("<end>")
            break reading
        case .interrupted: report("<interrupted>")
        }
    }
} catch {
    report("<\(error.message)>")
}
