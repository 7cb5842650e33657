import Glibc
import Language
import Shell
import Terminal

/// The interactive prompt.
struct Prompt {
    private let doors: Doors
    private let skipsStartFile: Bool

    init(_ doors: Doors, _ invocation: Invocation) {
        self.doors = doors
        skipsStartFile = invocation.skipsStartFile
    }

    /// Reads and runs lines until the end; the exit status.
    func run() -> Int32 {
        doors.session.remembersResults = true
        let locations = Locations(doors.session.environment)
        if !skipsStartFile, access(locations.startFile, F_OK) == 0 { runStartFile(locations.startFile) }
        doors.chooseFormat()
        let editor: LineEditor
        do {
            editor = try LineEditor(history: HistoryFile(path: locations.history))
        } catch {
            StandardStreams.note("error[\(error.code)]: \(error.message)\n")
            return 1
        }
        let session = doors.session
        let completion = PromptCompletion(session: session)
        editor.needsMore = { text in
            Parser.isIncomplete(Source(name: "<prompt>", text: text), isCommand: session.isCommand)
        }
        editor.historyText = HistoryText.of
        editor.complete = { text, offset in completion.complete(text, at: offset) }
        return readLines(editor)
    }

    private func readLines(_ editor: LineEditor) -> Int32 {
        var toldHistory = false
        while true {
            switch editor.readLine(prompt: prompt) {
            case .endOfFile:
                try? StandardStreams.print("\n")
                return 0
            case .interrupted: continue
            case .line(let text):
                if let failure = editor.historyFailure, !toldHistory {
                    toldHistory = true
                    StandardStreams.note("note: the history is not saved: \(failure.message)\n")
                }
                guard text.contains(where: { !$0.isWhitespace }) else { continue }
                Interruption.handle(SIGINT)
                let outcome = doors.evaluate(Source(name: "<prompt>", text: text))
                if case .exit(let status) = outcome {
                    _ = doors.finish(outcome)
                    return status
                }
                _ = doors.finish(outcome)
            }
        }
    }

    private var prompt: String {
        let session = doors.session
        let text = session.settings.prompt(
            directory: (try? session.directory.current()) ?? "?", home: session.environment["HOME"] ?? "")
        return Style.prompt(
            SafeText.line(text), style: Style.bold + Style.cyan,
            hasColor: session.settings.traits(of: STDOUT_FILENO).hasColor)
    }

    /// A mistake in the start file is told and does not keep the prompt from coming up.
    private func runStartFile(_ path: String) {
        do {
            _ = doors.finish(doors.evaluate(try SourceFile.read(path)))
        } catch {
            StandardStreams.note("error[io]: \(error.message)\n")
        }
    }
}
