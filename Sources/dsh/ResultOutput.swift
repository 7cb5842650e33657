import Glibc
import JSON
import Shell
import Synchronization
import Terminal
import Threads

/// Writes results to standard output as the format says. What comes fast goes out in large writes; what comes slowly
/// is written when it has waited for a few `tick`s.
final class ResultOutput: Sendable {
    private let settings: Settings
    private let state = Mutex(State())
    /// Lines on the same terminal that make room before anything is written.
    private let lines = Mutex<[StatusLine]>([])

    private struct State: ~Copyable {
        var renderer: Renderer?
        /// What the renderer was made for; a result of another shape gets another.
        var appearance: Appearance?
        /// For how many ticks something has waited.
        var waitingTicks = 0
        var isFlushing = false
        /// How many displays have the terminal for themselves.
        var holds = 0
        /// Why a late write failed, for the next call.
        var failure: TerminalError?
    }

    private struct Appearance: Equatable {
        var format: OutputFormat?
        var colour: String
        var isText: Bool
        var columns: [String]?
        var table: TableRequest?
        var nested: NestedRows?
    }

    /// Ticks after which objects that wait are taken for rows of a table, though more may come or none.
    private static let ticksToSettle = 4

    init(settings: Settings) { self.settings = settings }

    /// Throws `broken_pipe` when nobody reads any more.
    func write(_ value: JSONValue, shape: ResultShape?) throws(ShellError) {
        if shape?.isRemembered == true { return }
        let outcome = state.withLock { state -> Result<Void, TerminalError> in
            do throws(TerminalError) {
                if let failure = state.failure { throw failure }
                if let shape, shape.replaces, TerminalTraits.of(STDOUT_FILENO).hasEscapes {
                    try state.renderer?.finish()
                    try OutputFile.write(Array(frame(value, shape).utf8), to: STDOUT_FILENO)
                    return .success(())
                }
                if shape?.kind == .verbatim, let text = value.stringValue {
                    try state.renderer?.finish()
                    state.renderer = nil
                    let shown = isatty(STDOUT_FILENO) == 1 ? SafeText.block(text) : text
                    try OutputFile.write(Array(shown.utf8), to: STDOUT_FILENO)
                    return .success(())
                }
                let appearance = Appearance(
                    format: settings.format, colour: settings["colour"], isText: isText(shape),
                    columns: isText(shape) ? nil : shape?.fields.map { $0.column ?? "" }, table: shape?.table,
                    nested: shape?.nested)
                if state.renderer == nil || state.appearance != appearance {
                    try state.renderer?.finish()
                    state.renderer = Renderer(to: STDOUT_FILENO, options(shape)) { [weak self] in self?.clearLines() }
                    state.appearance = appearance
                }
                try state.renderer?.write(value)
                return .success(())
            } catch { return .failure(error) }
        }
        do throws(ShellError) { try ResultOutput.check(outcome) } catch {
            throw shape?.kind == .verbatim ? ResultOutput.inItsWords(error) : error
        }
    }

    /// A failed write as the program says it whose text was written, one of Go's.
    private static func inItsWords(_ error: ShellError) -> ShellError {
        guard error.code == .noSpace || error.code == .io else { return error }
        var error = error
        let reason = error.code == .noSpace ? "no space left on device" : "input/output error"
        error.verbatim = ShellError.Verbatim(text: "write /dev/stdout: \(reason)\n", exitStatus: 1)
        return error
    }

    /// Writes out what is held back.
    func finish() throws(ShellError) {
        let outcome = state.withLock { state -> Result<Void, TerminalError> in
            do throws(TerminalError) {
                defer {
                    state.renderer = nil
                    state.appearance = nil
                    state.failure = nil
                    state.waitingTicks = 0
                }
                if let failure = state.failure { throw failure }
                try state.renderer?.finish()
                return .success(())
            } catch { return .failure(error) }
        }
        try ResultOutput.check(outcome)
    }

    /// To be called ten times a second while work goes on. Never waits: where something must be written, a thread does it,
    /// since a terminal or a pipe may take nothing for long.
    func tick() {
        let starts = state.withLockIfAvailable { state in
            guard state.renderer?.hasWaiting == true, !state.isFlushing, state.holds == 0 else { return false }
            state.waitingTicks += 1
            state.isFlushing = true
            return true
        }
        guard starts == true else { return }
        if !WorkerThread.startDetached({ [self] in flushWaiting() }) { state.withLock { $0.isFlushing = false } }
    }

    /// Keeps back what waits while something else draws on the terminal, until `release`.
    func hold() { state.withLock { $0.holds += 1 } }

    func release() { state.withLock { $0.holds -= 1 } }

    /// Takes `line` off the screen whenever results are written to it, until `forget`.
    func makeRoom(of line: StatusLine) { lines.withLock { $0.append(line) } }

    func forget(_ line: StatusLine) { lines.withLock { $0.removeAll { $0 === line } } }

    private func clearLines() {
        for line in lines.withLock({ $0 }) { line.hide() }
    }

    private func flushWaiting() {
        state.withLock { state in
            state.isFlushing = false
            do throws(TerminalError) {
                if state.waitingTicks >= ResultOutput.ticksToSettle {
                    try state.renderer?.settle()
                } else {
                    try state.renderer?.flush()
                }
            } catch { state.failure = error }
            if state.renderer?.hasWaiting != true { state.waitingTicks = 0 }
        }
    }

    private static func check(_ outcome: Result<Void, TerminalError>) throws(ShellError) {
        guard case .failure(let error) = outcome else { return }
        if error == .brokenPipe { throw ShellError(.brokenPipe, "nobody reads the output any more") }
        throw ShellError(ShellError.Code(rawValue: error.code), error.message, hint: error.hint)
    }

    /// Texts such as help are shown as they are, unless a format was asked for.
    private func isText(_ shape: ResultShape?) -> Bool { shape?.kind == .text && settings.format == nil }

    private func options(_ shape: ResultShape?) -> RenderingOptions {
        let isTable = shape?.table != nil || isatty(STDOUT_FILENO) == 1
        let columns = shape?.columns ?? []
        var options = Renderer.options(
            for: STDOUT_FILENO, format: settings.format ?? (isText(shape) ? .raw : isTable ? .table : .json),
            columns: columns.isEmpty ? nil : columns, kinds: ResultOutput.kinds)
        options.traits = settings.traits(of: STDOUT_FILENO)
        options.width = shape?.table?.width ?? options.width
        options.widths = shape?.table?.widths ?? [:]
        options.nested = shape?.nested.map { ($0.field, $0.label) }
        return options
    }

    /// One value as a screen of its own: what does not fit is counted.
    private func frame(_ value: JSONValue, _ shape: ResultShape) -> String {
        var lines = Rendering.text(of: [value], options(shape)).split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        let room = max(2, TerminalSize.of(STDOUT_FILENO).rows - 1)
        if lines.count > room {
            let hidden = lines.count - room + 1
            lines = lines.prefix(room - 1) + ["… \(hidden) more lines"]
        }
        // From the top, each line cleared behind its text and then what is below: nothing flickers.
        return "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }

    /// What the usual fields are, so that they look right after a filter, too.
    fileprivate static let kinds: [String: Column.Kind] = [
        "Size": .bytes, "SharedSize": .bytes, "UniqueSize": .bytes, "Downloaded": .bytes, "Reclaimed": .bytes,
        "ContentSize": .bytes,
        "Reference": .reference, "Repository": .reference, "Source": .reference,
        "Created": .time, "LastPulled": .time, "Id": .digest, "Digest": .digest, "Layer": .digest,
    ]
}

extension ResultShape {
    /// The columns that the command declared, in its order; later ones go first where room is short.
    fileprivate var columns: [Column] {
        fields.enumerated().compactMap { index, field in
            guard let title = field.column else { return nil }
            let kind = field.kind == .text ? ResultOutput.kinds[field.name] : nil
            return Column(field.name, title: title, kind: kind ?? Column.Kind(field.kind), priority: 100 - index)
        }
    }
}

extension Column.Kind {
    fileprivate init(_ kind: Field.Kind) {
        switch kind {
        case .bytes: self = .bytes
        case .time: self = .time
        case .digest: self = .digest
        case .number: self = .count
        case .boolean: self = .flag
        case .list, .map, .object: self = .list
        case .text: self = .text
        }
    }
}
