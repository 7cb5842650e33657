import Glibc
import JSON
import Shell
import Synchronization
import Terminal

/// Writes results to standard output as the format says, each as soon as it comes.
final class ResultOutput: Sendable {
    /// nil: a table on a terminal, JSON elsewhere.
    private let format: OutputFormat?
    private let state = Mutex(State())

    private struct State: ~Copyable {
        var renderer: Renderer?
        /// What the renderer was made for; a result of another shape gets another.
        var fields: [String]?
        var isText = false
        var wroteAny = false
    }

    init(format: OutputFormat?) { self.format = format }

    /// Throws `broken_pipe` when nobody reads any more.
    func write(_ value: JSONValue, shape: ResultShape?) throws(ShellError) {
        let outcome = state.withLock { state -> Result<Void, TerminalError> in
            do throws(TerminalError) {
                // Texts such as help are shown as they are, unless a format was asked for.
                let isText = shape?.kind == .text && format == nil
                let fields = isText ? nil : shape?.fields.map { $0.column ?? "" }
                if state.renderer == nil || state.fields != fields || state.isText != isText {
                    try state.renderer?.finish()
                    state.renderer = Renderer(to: STDOUT_FILENO, isText ? textOptions : options(shape))
                    state.fields = fields
                    state.isText = isText
                }
                try state.renderer?.write(value)
                return .success(())
            } catch { return .failure(error) }
        }
        try ResultOutput.check(outcome)
    }

    /// Writes out what is held back.
    func finish() throws(ShellError) {
        let outcome = state.withLock { state -> Result<Void, TerminalError> in
            do throws(TerminalError) {
                try state.renderer?.finish()
                state.renderer = nil
                state.fields = nil
                return .success(())
            } catch { return .failure(error) }
        }
        try ResultOutput.check(outcome)
    }

    private static func check(_ outcome: Result<Void, TerminalError>) throws(ShellError) {
        guard case .failure(let error) = outcome else { return }
        if error == .brokenPipe { throw ShellError(.brokenPipe, "nobody reads the output any more") }
        throw ShellError(ShellError.Code(rawValue: error.code), error.message, hint: error.hint)
    }

    private var textOptions: RenderingOptions { Renderer.options(for: STDOUT_FILENO, format: .raw) }

    private func options(_ shape: ResultShape?) -> RenderingOptions {
        let chosen = format ?? (isatty(STDOUT_FILENO) == 1 ? .table : .json)
        guard chosen == .table else { return Renderer.options(for: STDOUT_FILENO, format: chosen) }
        let columns = shape?.columns ?? []
        var options = Renderer.options(
            for: STDOUT_FILENO, format: chosen, columns: columns.isEmpty ? nil : columns, kinds: ResultOutput.kinds)
        options.nested = shape?.nested.map { ($0.field, $0.label) }
        return options
    }

    /// What the usual fields are, so that they look right after a filter, too.
    private static let kinds: [String: Column.Kind] = [
        "Size": .bytes, "SharedSize": .bytes, "UniqueSize": .bytes, "Downloaded": .bytes, "Reclaimed": .bytes,
        "ContentSize": .bytes,
        "Created": .time, "LastPulled": .time, "Id": .digest, "Digest": .digest, "Layer": .digest,
    ]
}

extension ResultShape {
    /// The columns that the command declared, in its order; later ones go first where room is short.
    fileprivate var columns: [Column] {
        fields.enumerated().compactMap { index, field in
            guard let title = field.column else { return nil }
            return Column(field.name, title: title, kind: Column.Kind(field.kind), priority: 100 - index)
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
