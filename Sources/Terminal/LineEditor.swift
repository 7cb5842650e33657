import CEditline
import Glibc

/// Reads statements at a terminal: libedit with UTF-8, history, completion, continuation lines, bracketed paste,
/// Ctrl-C, Ctrl-Z and resizing. For use where standard input is a terminal; one per process, from one thread at a time.
package final class LineEditor {
    /// What the user did.
    package enum Input: Hashable, Sendable {
        /// A whole statement, without its last newline; continuation lines are joined with newlines.
        case line(String)
        /// Ctrl-D on an empty line, or the terminal went away.
        case endOfFile
        /// Ctrl-C: what had been typed is discarded.
        case interrupted
    }

    /// True while a statement typed so far is not whole, so that the editor asks on.
    package var needsMore: (String) -> Bool = { _ in false }
    /// What could stand at a byte offset of the statement typed so far.
    package var complete: (_ text: String, _ byteOffset: Int) -> CompletionResult = { _, _ in .none }
    /// What history keeps of a statement: its text, a text without the secrets in it, or nil for nothing.
    package var historyText: (String) -> String? = { $0 }
    /// Shown before each further line of a statement.
    package var continuationPrompt = "..> "
    /// Why the history file could not be written, from the last statement; the shell goes on without.
    package private(set) var historyFailure: TerminalError?

    private let handle: OpaquePointer
    private let history: HistoryFile?
    private var lastRemembered: String?
    /// The lines of the statement that are already entered, each with its newline.
    private var entered = ""
    private var prompt = ""
    private var completer = CompletionState()

    /// Loads libedit and the history. Throws `.unsupported` where the library or terminal will not do.
    package init(history: HistoryFile? = nil) throws(TerminalError) {
        _ = ceditline_set_utf8_locale()
        var reason: UnsafePointer<CChar>?
        let plain = !TerminalTraits.of(STDIN_FILENO).hasEscapes
        guard let handle = ceditline_open("dsh", Int32(clamping: history?.limit ?? 10_000), plain, &reason) else {
            throw .unsupported(reason.map { String(cString: $0) } ?? "unknown reason")
        }
        self.handle = handle
        self.history = history
        for entry in history?.load() ?? [] {
            ceditline_remember(handle, entry)
            lastRemembered = entry
        }
        ceditline_set_callbacks(
            handle,
            CEditlineCallbacks(
                context: Unmanaged.passUnretained(self).toOpaque(),
                complete: { LineEditor.at($0)?.completeAtCursor() ?? CEditlineActionBeep },
                rows_above: { LineEditor.at($0)?.rowsAboveCursor() ?? 0 }))
    }

    deinit {
        ceditline_close(handle)
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> LineEditor? {
        context.map { Unmanaged<LineEditor>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Reads one statement and adds it to the history. `prompt` may hold escape sequences between two `\u{1}`
    /// (`Style.prompt` makes them). Blocks the calling thread.
    package func readLine(prompt: String) -> Input {
        entered = ""
        var next = prompt
        while true {
            self.prompt = next
            completer.reset()
            var text: UnsafePointer<CChar>?
            let outcome = next.withCString { ceditline_read(handle, $0, &text) }
            switch outcome {
            case CEditlineInterrupted: return .interrupted
            case CEditlineEndOfFile:
                // In the middle of a statement the caller's parser says what is missing.
                return entered.isEmpty ? .endOfFile : finish(String(entered.dropLast()))
            default: break
            }
            var line = text.map { String(cString: $0) } ?? ""
            if line.hasSuffix("\n") { line.removeLast() }
            let statement = entered + line
            guard needsMore(statement) else { return finish(statement) }
            entered = statement + "\n"
            next = continuationPrompt
        }
    }

    /// Ends a `readLine` under way as Ctrl-C would. From any thread or signal handler.
    package static func interrupt() {
        ceditline_interrupt()
    }

    private func finish(_ statement: String) -> Input {
        remember(statement)
        return .line(statement)
    }

    /// Adds a statement to the history as if it had been entered here. Kept out: blank ones, those that start with a
    /// space, repeats of the last one, and what `historyText` drops.
    package func remember(_ statement: String) {
        historyFailure = nil
        guard let first = statement.first, first != " ", statement.contains(where: { !$0.isWhitespace }) else { return }
        guard let kept = historyText(statement), kept != lastRemembered else { return }
        lastRemembered = kept
        ceditline_remember(handle, kept)
        do throws(TerminalError) {
            try history?.append(kept)
        } catch {
            historyFailure = error
        }
    }

    // MARK: - Callbacks of the editor

    private var line: (text: String, cursor: Int) {
        var length = 0
        var cursor = 0
        guard let start = ceditline_text(handle, &length, &cursor) else { return ("", 0) }
        let bytes = UnsafeRawBufferPointer(start: start, count: length)
        return (String(decoding: bytes, as: UTF8.self), cursor)
    }

    private func completeAtCursor() -> CEditlineAction {
        let (text, cursor) = line
        let base = entered.utf8.count
        let result = complete(entered + text, base + cursor)
        let start = min(max(0, result.replaceRange.lowerBound - base), cursor)
        let end = min(max(cursor, result.replaceRange.upperBound - base), text.utf8.count)
        switch completer.step(text: text, cursor: cursor, replacing: start..<end, result: result) {
        case .beep: return CEditlineActionBeep
        case .insert(let replacement):
            ceditline_replace(handle, scalars(text, start, cursor), scalars(text, cursor, end), replacement)
            return CEditlineActionRefresh
        case .list:
            list(result.candidates, text: text, cursor: cursor)
            return CEditlineActionNone
        }
    }

    /// Characters as libedit counts them (code points) between two byte offsets.
    private func scalars(_ text: String, _ start: Int, _ end: Int) -> Int32 {
        Int32(clamping: text.utf8.dropFirst(start).prefix(end - start).count { $0 & 0xC0 != 0x80 })
    }

    private func list(_ candidates: [Candidate], text: String, cursor: Int) {
        let below = rows(of: text[...]) - rows(of: prefix(of: text, cursor))
        write(String(repeating: "\r\n", count: max(0, below) + 1))
        let size = terminalSize
        let lines = CompletionListing.lines(candidates, width: size.columns)
        if candidates.count <= 100 || confirm("Show all \(candidates.count) possibilities in \(lines.count) lines?") {
            page(lines, rows: size.rows)
        }
        ceditline_redraw(handle)
    }

    private func page(_ lines: [String], rows: Int) {
        var shown = 0
        for line in lines {
            if shown > 0 && rows > 2 && shown % (rows - 1) == 0 && !confirm("More?") { return }
            write(line + "\r\n")
            shown += 1
        }
    }

    private func confirm(_ question: String) -> Bool {
        write(question + " (y or n) ")
        let answer = ceditline_next_character(handle)
        write(terminalTraits.hasEscapes ? "\r\u{1B}[K" : "\r\n")
        return [0x79, 0x59, 0x20, 0x09].contains(answer)
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { ceditline_write(handle, $0.baseAddress, $0.count) }
        }
    }

    private var output: Int32 { isatty(STDOUT_FILENO) == 1 ? STDOUT_FILENO : STDERR_FILENO }
    private var terminalSize: TerminalSize { .of(output) }
    private var terminalTraits: TerminalTraits { .of(output) }

    private func rowsAboveCursor() -> Int32 {
        let (text, cursor) = line
        return Int32(clamping: rows(of: prefix(of: text, cursor)))
    }

    private func prefix(of text: String, _ byteCount: Int) -> Substring {
        String(decoding: Array(text.utf8.prefix(byteCount)), as: UTF8.self)[...]
    }

    /// Rows that the prompt and this text fill above the row they end in.
    private func rows(of text: Substring) -> Int {
        let columns = max(1, terminalSize.columns)
        var visible = ""
        for (index, part) in prompt.split(separator: "\u{1}", omittingEmptySubsequences: false).enumerated()
        where index.isMultiple(of: 2) {
            visible += part
        }
        let lines = (visible + text).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.reduce(-1) { $0 + 1 + TextWidth.of(String($1)) / columns }
    }
}
