import Glibc
import Synchronization
import Threads

/// What a plugin writes to its standard output, a line at a time, read only when asked for: a plugin gets no further
/// ahead of what takes its values than the pipe and one block hold.
final class PluginOutput: Sendable {
    enum Outcome: Sendable, Equatable {
        /// Without its line end.
        case line([UInt8])
        /// No more will come; what there was behind the last line end.
        case end(rest: [UInt8])
        case tooLong
        case timedOut
        /// The process's `interrupt` was called.
        case woken
    }

    private struct State {
        var buffer: [UInt8] = []
        /// Where the next line starts, and up to where no line end was found.
        var start = 0
        var searched = 0
        var isAtEnd = false
    }

    private static let block = 64 << 10
    private let process: PluginProcess
    private let maximumLine: Int
    private let state = Mutex(State())

    init(_ process: PluginProcess, maximumLine: Int) {
        self.process = process
        self.maximumLine = maximumLine
    }

    /// The next line, waited for no longer than `time` (nil: for ever).
    func next(within time: Duration?) async -> Outcome {
        let end = time.map { ContinuousClock.now + $0 }
        while true {
            if let outcome = taken() { return outcome }
            switch readSome() {
            case .some, .end: continue
            case .nothing: break
            }
            let left = end.map { max($0 - ContinuousClock.now, .zero) }
            let process = process
            let isReady = await onOwnThread {
                Descriptors.wait(for: process.output, POLLIN, wake: process.wake, time: left)
            }
            if process.isWoken { return .woken }
            if !isReady { return .timedOut }
        }
    }

    /// A line that is there already, or what ends them.
    private func taken() -> Outcome? {
        state.withLock { state in
            let newline = state.buffer[state.searched...].firstIndex(of: UInt8(ascii: "\n"))
            if let newline {
                var line = state.buffer[state.start..<newline]
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                state.start = newline + 1
                state.searched = newline + 1
                return line.count > maximumLine ? .tooLong : .line(Array(line))
            }
            state.searched = state.buffer.count
            if state.buffer.count - state.start > maximumLine { return .tooLong }
            return state.isAtEnd ? .end(rest: Array(state.buffer[state.start...])) : nil
        }
    }

    private enum ReadOutcome { case some, end, nothing }

    private func readSome() -> ReadOutcome {
        state.withLock { state in
            // What was taken makes room, so that the buffer holds one line and a block at most.
            if state.start > 0 {
                state.buffer.removeSubrange(..<state.start)
                state.searched -= state.start
                state.start = 0
            }
            let used = state.buffer.count
            state.buffer.append(contentsOf: repeatElement(0, count: Self.block))
            let count = state.buffer.withUnsafeMutableBytes { bytes in
                Glibc.read(process.output, bytes.baseAddress.map { $0 + used }, Self.block)
            }
            let failure = errno
            state.buffer.removeLast(Self.block - max(count, 0))
            if count > 0 { return .some }
            if count < 0, failure == EAGAIN || failure == EINTR { return .nothing }
            state.isAtEnd = true
            return .end
        }
    }
}

/// A plugin's standard error, shown line by line as it comes.
final class PluginErrors: Sendable {
    private let lines: LastLine
    private let hasEnded = Signal()

    /// Shows each line on a thread of its own; `show` gets it with the plugin's name before it.
    init(_ process: PluginProcess, maximumLine: Int, show: @escaping @Sendable (String) -> Void) {
        let (last, hasEnded) = (LastLine(), hasEnded)
        lines = last
        let isRunning = WorkerThread.startDetached(name: "plugin errors") {
            var line: [UInt8] = []
            var isCut = false
            func finishLine() {
                let text = String(decoding: line, as: UTF8.self) + (isCut ? " …" : "")
                (line, isCut) = ([], false)
                if text.allSatisfy(\.isWhitespace) { return }
                last.set(text)
                show("\(process.name): \(text)")
            }
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            while true {
                let count = read(process.errors, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                for byte in buffer[..<count] {
                    if byte == UInt8(ascii: "\n") {
                        finishLine()
                    } else if line.count < maximumLine {
                        line.append(byte)
                    } else {
                        isCut = true
                    }
                }
            }
            if !line.isEmpty { finishLine() }
            hasEnded.set()
        }
        if !isRunning { hasEnded.set() }
    }

    /// The last line that it said, once all of it is read or a moment has passed: a process that the plugin left
    /// running may hold the pipe open.
    func lastLine() -> String? {
        hasEnded.wait(for: .milliseconds(300))
        return lines.text
    }

    private final class LastLine: Sendable {
        private let line = Mutex<String?>(nil)
        func set(_ text: String) { line.withLock { $0 = text } }
        var text: String? { line.withLock { $0 } }
    }
}
