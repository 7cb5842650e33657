import JSON
import Language
import Synchronization

extension Interpreter {
    /// `!text`: a JSON line on the program's stdin for each value piped in; what it writes is one text.
    ///
    /// It is started when the first value comes, so that a stage before that fails at once starts nothing; when it
    /// reads no more, the stages before are stopped.
    func external(_ call: ExternalCall, after before: ArraySlice<Stage>, emit: @escaping Emit) async throws {
        let program = try await programText(call)
        let started = StartedProgram(program, input: before.isEmpty ? .inherited : .piped)
        let output: [UInt8]
        let cut: ShellError?
        do {
            (output, cut) = try await withTaskCancellationHandler {
                try await self.output(of: started, fedFrom: before)
            } onCancel: {
                started.end()
            }
            try Task.checkCancellation()
        } catch let error as ShellError {
            throw Task.isCancelled ? CancellationError() : error.at(call.span)
        }
        // A program that says nothing gives no value.
        if !output.isEmpty {
            let text = output.last == UInt8(ascii: "\n") ? output.dropLast() : output[...]
            try await emit(.string(String(decoding: text, as: UTF8.self)))
        }
        if let cut { throw cut }
    }

    /// Runs a program beside `body`, which reads what it writes. A program that fails by itself is what failed, whatever
    /// `body` made of what it got; one that `body` left alone before its end has not failed.
    func withBytes(
        of call: ExternalCall, after before: ArraySlice<Stage>,
        _ body: @escaping @Sendable (ByteInput) async throws -> Void
    ) async throws {
        let started = StartedProgram(
            try await programText(call), input: before.isEmpty ? .inherited : .piped, output: .piped)
        do {
            try await withTaskCancellationHandler {
                let program = try started.program()
                async let fed = before.isEmpty ? nil : feedFailure(program, started, from: before)
                let failure: (any Error)?
                do {
                    try await body(ByteInput(descriptor: program.piped, name: "the archive piped in"))
                    failure = nil
                } catch { failure = error }
                let isAtEnd = await program.closeOutput(draining: failure == nil)
                if let failure = await fed {
                    _ = try? await program.output()
                    throw failure
                }
                do throws(ShellError) { _ = try await program.output() } catch {
                    if isAtEnd || error.code == .interrupted { throw error.at(call.span) }
                }
                if let failure { throw failure }
            } onCancel: {
                started.end()
            }
        } catch let error as ShellError {
            throw Task.isCancelled ? CancellationError() : error
        }
    }

    /// The same as `feedFailure`; a failure ends the program, which somebody reads from.
    private func feedFailure(
        _ program: ExternalProgram, _ started: StartedProgram, from before: ArraySlice<Stage>
    ) async -> (any Error)? {
        guard let failure = await feedFailure(started, from: before) else { return nil }
        started.end()
        program.closeInput()
        return failure
    }

    /// What it wrote, and what cut the stages before short when it read no more, where that left work undone.
    private func output(
        of started: StartedProgram, fedFrom before: ArraySlice<Stage>
    ) async throws -> ([UInt8], cut: ShellError?) {
        var cut: ShellError?
        if !before.isEmpty, let failure = await feedFailure(started, from: before) {
            cut = (failure as? ShellError).flatMap { $0.code == .incomplete ? $0 : nil }
            guard cut != nil else {
                await started.abandon()
                throw failure
            }
            try started.program().closeInput()
        }
        let program = try started.program()
        return (try await program.output(), cut)
    }

    /// What went wrong while the program was fed; nil for nothing.
    private func feedFailure(_ started: StartedProgram, from before: ArraySlice<Stage>) async -> (any Error)? {
        do {
            try await feed(started, from: before)
            return nil
        } catch { return error }
    }

    private func feed(_ started: StartedProgram, from before: ArraySlice<Stage>) async throws {
        do {
            let view = ResultView(nil, takesText: true)
            try await produce(before, view: view) { value in
                if view.shape?.isRemembered == true { return }
                var line: [UInt8] = []
                if view.shape?.kind == .verbatim, let text = value.stringValue {
                    line += text.utf8
                } else {
                    value.write(into: &line, style: .compact)
                    line.append(UInt8(ascii: "\n"))
                }
                let program = try started.program()
                if await program.write(line) == false { throw StageStopped() }
            }
        } catch is StageStopped {}
        try started.program().closeInput()
    }

    private func programText(_ call: ExternalCall) async throws -> String {
        var text = ""
        for part in call.parts {
            switch part {
            case .text(let piece): text += piece
            case .interpolation(let filter, let insideQuotes):
                let words = try await values(of: [.filter(filter)]).map { $0.stringValue ?? $0.compact }
                let quoted = words.map(Interpreter.shellQuoted).joined(separator: " ")
                text += insideQuotes ? "\"\(quoted)\"" : quoted
            }
        }
        return text
    }

    /// A text as one word for `sh`, and for dsh.
    package static func shellQuoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

/// A program that is started when it is first asked for, and not at all once it was told to end.
private final class StartedProgram: Sendable {
    private struct State {
        var program: ExternalProgram?
        var hasToEnd = false
    }

    private let text: String
    private let input: ExternalProgram.Input
    private let output: ExternalProgram.Output
    private let state = Mutex(State())

    init(_ text: String, input: ExternalProgram.Input, output: ExternalProgram.Output = .gathered) {
        self.text = text
        self.input = input
        self.output = output
    }

    /// Throws `CancellationError` where it was told to end before it was started.
    func program() throws -> ExternalProgram {
        try state.withLock { state in
            if let program = state.program { return program }
            if state.hasToEnd { throw CancellationError() }
            let program = try ExternalProgram(text, input: input, output: output)
            state.program = program
            return program
        }
    }

    func end() {
        state.withLock { state in
            state.hasToEnd = true
            return state.program
        }?.end()
    }

    /// Ends the program, where it was started, and waits until it is gone.
    func abandon() async {
        end()
        guard let program = state.withLock({ $0.program }) else { return }
        program.closeInput()
        _ = try? await program.output()
    }
}

extension Stage {
    /// The program that it is; nil for any other stage.
    var program: ExternalCall? { if case .external(let call) = self { call } else { nil } }
}

extension CommandCall {
    /// Why a command that takes `input` cannot stand behind another stage, and what to do; nil where it can. `hasProgram`: that
    /// stage is a program, whose bytes it reads.
    func refusal(of input: PipeInput, hasProgram: Bool) -> (message: String, hint: String)? {
        switch input {
        case .nothing: ("\(name.text) takes nothing from the pipe", "put it first")
        case .bytes where !hasProgram:
            (
                "\(name.text) reads the bytes of an archive, and no values",
                "as in `!cat FILE | \(name.text)`; or name the file"
            )
        case .bytes, .references, .values: nil
        }
    }
}
