import JSON
import Language
import Synchronization
import Threads

/// One call of an executable plugin, from its start to its end.
final class PluginCall: Sendable {
    let plugin: ProgramPlugin
    let process: PluginProcess
    private let output: PluginOutput
    private let errors: PluginErrors
    private let display: any PluginDisplay
    /// Lines to the plugin, one after the other.
    private let outbox = PluginOutbox()
    private let state = Mutex(State())

    private struct State {
        var lineCount = 0
        /// When something last moved between us and the plugin.
        var lastMove = ContinuousClock.now
        /// The stage before has not given its next value yet: the plugin may well be waiting for it.
        var isAwaitingInput = false
        var inputFailure: (any Error)?
    }

    private var limits: PluginLimits { plugin.limits }
    private var name: String { plugin.metadata.name }

    /// Starts the plugin. Throws `external` where it cannot be.
    init(_ plugin: ProgramPlugin, display: any PluginDisplay) throws(ShellError) {
        self.plugin = plugin
        self.display = display
        process = try PluginProcess(plugin.file.path, "run", name: plugin.metadata.name)
        output = PluginOutput(process, maximumLine: plugin.limits.line)
        errors = PluginErrors(process, maximumLine: plugin.limits.errorLine) { [display] line in display.note(line) }
    }

    /// Says hello, makes the call with `message`, gives the plugin the values of `input`, and hands on its own.
    ///
    /// Throws what the plugin said was wrong, what is wrong with the plugin (`external`), what the stages before or
    /// after threw, or the cancellation. However it ends, the plugin has ended by then.
    func run(
        _ message: JSONObject, input: ValueStream?, emit: @escaping Emit,
        answer: @escaping @Sendable (PluginRequest) async throws -> [JSONValue]
    ) async throws {
        try await conversation {
            try await greet()
            try await send(.object(message))
            guard let input else {
                try await send(["type": "end"])
                return try await receive(emit, answer)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.feed(input) }
                // Neither a full pipe nor a stage that has no value yet may hold the end up.
                defer {
                    process.interrupt()
                    input.stop()
                }
                try await receive(emit, answer)
            }
        }
    }

    /// Asks for completions. Throws as `run` does.
    func candidates(_ message: JSONObject) async throws -> [PluginCandidate] {
        let found = Mutex<[PluginCandidate]>([])
        try await conversation {
            try await greet()
            try await send(.object(message))
            guard case .candidates(let list)? = try await next(within: limits.completion) else {
                throw ShellError.plugin(name, "did not answer with candidates")
            }
            found.withLock { $0 = Array(list.prefix(limits.candidates)) }
        }
        return found.withLock { $0 }
    }

    // MARK: Start and end

    private func conversation(_ body: @Sendable () async throws -> Void) async throws {
        let process = process
        do {
            try await withTaskCancellationHandler {
                try await body()
            } onCancel: {
                process.interrupt()
            }
            await end(farewell: nil, patience: limits.exit)
        } catch {
            await end(farewell: PluginOutbox.line(["type": "cancel"]), patience: limits.cancel)
            // What ended it was the cancellation, whatever the plugin said in its last moments.
            if error is ShellError { try Task.checkCancellation() }
            throw error
        }
    }

    private func end(farewell: [UInt8]?, patience: Duration) async {
        let (process, limits, errors) = (process, limits, errors)
        await onOwnThread {
            process.end(farewell: farewell, patience: patience, limits)
            // What it said last is shown before what comes next.
            _ = errors.lastLine()
        }
        display.hide()
    }

    private func greet() async throws {
        try await send([
            "type": "hello", "protocol": .number(Double(PluginMetadata.protocolVersion)),
            "dsh": .string(plugin.version), "features": ["run", "progress"],
        ])
        guard let first = try await next(within: limits.hello) else { throw await unexpectedEnd() }
        guard case .hello(let version) = first else { throw ShellError.plugin(name, "did not say hello first") }
        guard version == PluginMetadata.protocolVersion else { throw ShellError.pluginProtocol(name, version) }
    }

    // MARK: To the plugin

    private func send(_ message: JSONValue) async throws {
        let line = PluginOutbox.line(message)
        guard line.count <= limits.line else {
            throw ShellError(
                .usage, "a value of \(line.count >> 10) KiB is too large for the plugin \(name)",
                hint: "a line of the protocol holds \(limits.line >> 10) KiB at most; pipe smaller values",
                command: name)
        }
        switch await outbox.send(line, to: process) {
        case .written: state.withLock { $0.lastMove = .now }
        // Why it reads no more shows in what it wrote, or in how it ended: `receive` tells.
        case .closed: break
        case .woken: try Task.checkCancellation()
        }
    }

    /// Gives the plugin what is piped in, each value when it has read those before, as far as the pipe is full.
    private func feed(_ input: ValueStream) async {
        do {
            while let value = try await nextInput(input) {
                if process.isWoken { return }
                try await send(["type": "input", "value": value])
            }
            if !process.isWoken { try await send(["type": "end"]) }
        } catch {
            state.withLock { $0.inputFailure = error }
            process.interrupt()
        }
    }

    private func nextInput(_ input: ValueStream) async throws -> JSONValue? {
        state.withLock { $0.isAwaitingInput = true }
        defer {
            state.withLock {
                $0.isAwaitingInput = false
                $0.lastMove = .now
            }
        }
        return try await input.next()
    }

    // MARK: From the plugin

    private func receive(
        _ emit: Emit, _ answer: @escaping @Sendable (PluginRequest) async throws -> [JSONValue]
    ) async throws {
        while true {
            guard let message = try await next(within: nil) else { throw await unexpectedEnd() }
            switch message {
            case .value(let value):
                display.hide()
                try await emit(value)
            case .progress(let progress): display.show(progress)
            case .log(let level, let text):
                for line in text.split(whereSeparator: \.isNewline) {
                    display.note("\(name): \(level == "info" ? "" : level.prefix(20) + ": ")\(line)")
                }
            case .error(let error): throw error
            case .done: return
            case .run(let request): try await reply(to: request, answer)
            case .hello: throw ShellError.plugin(name, "said hello twice")
            case .candidates: throw ShellError.plugin(name, "offered completions in a call")
            }
        }
    }

    private func reply(
        to request: PluginRequest, _ answer: @escaping @Sendable (PluginRequest) async throws -> [JSONValue]
    ) async throws {
        var message: JSONObject = ["type": "result", "id": request.id]
        do {
            message["values"] = .array(try await answer(request))
            guard PluginOutbox.line(.object(message)).count <= limits.line else {
                throw ShellError(.usage, "the result is too large", hint: "ask for less of it at a time")
            }
        } catch let error as ShellError where error.code != .interrupted {
            message["values"] = nil
            message["error"] = error.json
        }
        try await send(.object(message))
    }

    /// The next message; nil at the end of the output. `time` nil: as long as the plugin may be silent, not counting
    /// what it waits for its input.
    private func next(within time: Duration?) async throws -> PluginMessage? {
        state.withLock { $0.lastMove = .now }
        while true {
            let outcome = await output.next(within: time ?? plugin.metadata.silence)
            try Task.checkCancellation()
            if let failure = state.withLock({ $0.inputFailure }) { throw failure }
            switch outcome {
            case .line(let line):
                if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { continue }
                let number = state.withLock { state in
                    state.lineCount += 1
                    return state.lineCount
                }
                return try PluginMessage(line, from: name, number: number)
            case .end(let rest):
                if rest.isEmpty { return nil }
                throw await unexpectedEnd(" in the middle of a line")
            case .tooLong:
                throw ShellError.plugin(name, "wrote a line of more than \(limits.line >> 10) KiB")
            case .timedOut:
                let isPlausible = state.withLock { state in
                    time == nil
                        && (state.isAwaitingInput || ContinuousClock.now - state.lastMove < plugin.metadata.silence)
                }
                if isPlausible { continue }
                throw silence(time ?? plugin.metadata.silence, isHello: time != nil)
            case .woken: return nil
            }
        }
    }

    private func silence(_ time: Duration, isHello: Bool) -> ShellError {
        let seconds = Double(time.milliseconds) / 1000
        let shown = seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
        return ShellError.plugin(
            name, isHello ? "did not answer within \(shown) s of its start" : "has said nothing for \(shown) s",
            hint: isHello
                ? "it must say hello first; `help plugins` tells how"
                : "a plugin that works for long says so with progress messages, or names a longer `silence` in its metadata"
        )
    }

    /// Its output ended before `done`: how the process ended, and what it said last, tell why.
    private func unexpectedEnd(_ place: String = "") async -> ShellError {
        let (process, limits, errors) = (process, limits, errors)
        let (ending, lastLine) = await onOwnThread {
            (process.end(farewell: nil, patience: limits.exit, limits), errors.lastLine())
        }
        let how =
            switch ending {
            case _ where process.wasStopped: "closed its output\(place) without saying that it was done"
            case .status(0): "ended\(place) without saying that it was done"
            case .status(let status): "ended\(place) with exit status \(status)"
            case .signal(let number): "was ended\(place) by \(PluginProcess.signalName(number))"
            case .lost: "hangs and cannot be ended"
            }
        return ShellError.plugin(name, how, hint: lastLine.map { "it said: \($0)" })
    }
}

/// Lines to a plugin, which values and answers share: each is written whole before the next.
final class PluginOutbox: Sendable {
    private struct State {
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// A message with its line end.
    static func line(_ message: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        message.write(into: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    func send(_ line: [UInt8], to process: PluginProcess) async -> PluginProcess.WriteOutcome {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isBusy {
                    state.waiting.append(continuation)
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFree { continuation.resume() }
        }
        let outcome = await process.write(line)
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            // Handed on busy to who waits longest.
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.isBusy = false
            return nil
        }?.resume()
        return outcome
    }
}

extension PluginProcess {
    static func signalName(_ number: Int32) -> String {
        let names: [Int32: String] = [
            1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
            11: "SIGSEGV", 13: "SIGPIPE", 15: "SIGTERM",
        ]
        return names[number] ?? "signal \(number)"
    }
}
