import Glibc
import Processes
import Synchronization
import Threads

/// A program that runs: `sh -c TEXT` in a process group of its own. Its stderr is ours.
final class ExternalProgram: Sendable {
    enum Input: Sendable {
        /// What dsh itself reads; the terminal with it, where dsh has one.
        case inherited
        /// What `write` is given.
        case piped
    }

    enum Output: Sendable {
        /// Held for `output`.
        case gathered
        /// To be read from `piped`.
        case piped
    }

    /// More output than this ends the program: a result is held in memory.
    static let maximumOutput = 256 << 20
    /// How long a program that was told to end may take before it is killed.
    static let grace = Duration.seconds(2)

    private let text: String
    private let pid: pid_t
    /// Whether the terminal was given to it, so that Ctrl-C is its own.
    private let hasTerminal: Bool
    private let feed: Mutex<Int32?>
    /// What it writes, where nothing gathers that; -1 elsewhere.
    let piped: Int32
    private let isPipeOpen: Mutex<Bool>
    private let state = Mutex(State())
    private let hasEnded = CancellationFlag()

    private struct State {
        var result: Result<[UInt8], ShellError>?
        var waiting: CheckedContinuation<Result<[UInt8], ShellError>, Never>?
        /// As `waitpid` tells it.
        var status: Int32 = 0
        var wantedTerminal = false
    }

    /// Starts the program. Throws `ShellError` (`external`, `io`) where it cannot be started.
    init(_ text: String, input: Input, output kind: Output = .gathered) throws(ShellError) {
        self.text = text
        guard let pipes = Pipe.several(input == .piped ? 2 : 1) else {
            throw ShellError(.io, "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        let output = pipes[0]
        let feed = pipes.count > 1 ? pipes[1] : nil
        let givesTerminal = input == .inherited && isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp()
        let program = ChildProgram(
            path: "/bin/sh", arguments: ["sh", "-c", text], streams: [feed?.read, output.write, nil],
            closesOthers: false)
        let started = Result { () throws(ChildProgram.StartFailure) in try program.start() }
        Glibc.close(output.write)
        if let feed { Glibc.close(feed.read) }
        let pid: pid_t
        do throws(ChildProgram.StartFailure) { pid = try started.get() } catch {
            Glibc.close(output.read)
            if let feed { Glibc.close(feed.write) }
            throw ShellError(.external, "cannot start sh: \(error.message)")
        }
        self.pid = pid
        hasTerminal = givesTerminal && ExternalProgram.giveTerminal(to: pid)
        if let feed { Pipe.setNonBlocking(feed.write) }
        self.feed = Mutex(feed?.write)
        piped = kind == .piped ? output.read : -1
        isPipeOpen = Mutex(kind == .piped)
        let work: @Sendable () -> Void = { [self] in
            if kind == .piped {
                watch()
                ended([], isTooLong: false)
            } else {
                collect(output.read)
            }
        }
        if !WorkerThread.startDetached(work) { work() }
    }

    deinit {
        closeInput()
        if isPipeOpen.withLock({ $0 }) { Glibc.close(piped) }
    }

    /// More than this behind what was read is not waited for.
    private static let maximumRest = 1 << 20

    /// Nobody reads `piped` from here on: a program that still writes is ended by that. True where it was at its end, before
    /// or behind a little that was left, which `draining` waits for.
    func closeOutput(draining: Bool) async -> Bool {
        let descriptor = piped
        let isAtEnd = await onOwnThread {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            var count = 0
            while count < ExternalProgram.maximumRest {
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let ready = poll(&wait, 1, draining ? -1 : 0)
                if ready < 0, errno == EINTR { continue }
                if ready <= 0 { return false }
                let length = Glibc.read(descriptor, &buffer, buffer.count)
                if length < 0, errno == EINTR { continue }
                if length <= 0 { return true }
                if !draining { return false }
                count += length
            }
            return false
        }
        isPipeOpen.withLock { isOpen in
            if isOpen { Glibc.close(descriptor) }
            isOpen = false
        }
        return isAtEnd
    }

    /// Writes to its stdin, as fast as it reads. False where it reads no more.
    func write(_ bytes: [UInt8]) async -> Bool {
        guard let descriptor = feed.withLock({ $0 }) else { return false }
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                start += count
            } else if errno == EAGAIN {
                await onOwnThread {
                    var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&waited, 1, -1)
                }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Its stdin ends here.
    func closeInput() {
        feed.withLock { descriptor in
            if let descriptor { Glibc.close(descriptor) }
            descriptor = nil
        }
    }

    /// What it wrote, once it has ended. Throws `ShellError`: `external` where it failed, `interrupted` where Ctrl-C at
    /// the terminal ended it. To be asked once.
    func output() async throws(ShellError) -> [UInt8] {
        let result = await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
        return try result.get()
    }

    /// Tells its whole group to end, and kills what has not after a while. Does not wait.
    func end() {
        guard !hasEnded.isCancelled else { return }
        kill(-pid, SIGTERM)
        kill(-pid, SIGCONT)
        let (hasEnded, pid) = (hasEnded, pid)
        _ = WorkerThread.startDetached {
            if !hasEnded.wait(for: ExternalProgram.grace) { kill(-pid, SIGKILL) }
        }
    }

    // MARK: The thread that gathers the output

    private func collect(_ descriptor: Int32) {
        // Beside reading: a program that was stopped would never come to the end of its output.
        let watcher = WorkerThread { [self] in watch() }
        let (bytes, isTooLong) = ExternalProgram.readAll(descriptor, limit: ExternalProgram.maximumOutput)
        if isTooLong { end() }
        Glibc.close(descriptor)
        if let watcher { watcher.join() } else { watch() }
        ended(bytes, isTooLong: isTooLong)
    }

    private func ended(_ bytes: [UInt8], isTooLong: Bool) {
        hasEnded.cancel()
        let result = result(bytes, isTooLong: isTooLong)
        state.withLock { state in
            state.result = result
            return state.waiting.take()
        }?.resume(returning: result)
    }

    /// Everything up to the end, or `limit` bytes and true.
    private static func readAll(_ descriptor: Int32, limit: Int) -> (bytes: [UInt8], isTooLong: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return (bytes, false) }
            bytes += buffer[..<count]
        }
        return (bytes, true)
    }

    /// Makes a process group the terminal's own, so that Ctrl-C and what is typed are for it. False where that fails.
    private static func giveTerminal(to group: pid_t) -> Bool {
        guard tcsetpgrp(STDIN_FILENO, group) == 0 else { return false }
        // It may have asked for the terminal before it was its own, and been stopped for that.
        kill(-group, SIGCONT)
        return true
    }

    /// Waits for its end. There is no job control: a program that Ctrl-Z stops goes on, and one that is stopped because
    /// it wants a terminal that it does not have is killed.
    private func watch() {
        var status: Int32 = 0
        while waitpid(pid, &status, WUNTRACED) != -1 || errno == EINTR {
            guard status & 0xff == 0x7f else { break }
            let signal = (status >> 8) & 0xff
            if signal == SIGTTIN || signal == SIGTTOU {
                state.withLock { $0.wantedTerminal = true }
                kill(-pid, SIGKILL)
            } else {
                kill(-pid, SIGCONT)
            }
        }
        if hasTerminal { tcsetpgrp(STDIN_FILENO, getpgrp()) }
        state.withLock { $0.status = status }
    }

    private func result(_ bytes: [UInt8], isTooLong: Bool) -> Result<[UInt8], ShellError> {
        let name = "!\(text.prefix(60))"
        let (status, wantedTerminal) = state.withLock { ($0.status, $0.wantedTerminal) }
        if isTooLong {
            let limit = ExternalProgram.maximumOutput >> 20
            return .failure(ShellError(.external, "\(name) wrote more than \(limit) MiB"))
        }
        if wantedTerminal {
            return .failure(
                ShellError(
                    .external, "\(name) wants the terminal, which it cannot have here",
                    hint: "give it something to read: `\"\" | \(name)`"))
        }
        let signal = status & 0x7f
        if signal == SIGINT, hasTerminal { return .failure(ShellError(.interrupted, "interrupted")) }
        if signal != 0 { return .failure(ShellError(.external, "\(name) was ended by signal \(signal)")) }
        let code = (status >> 8) & 0xff
        if code != 0 { return .failure(ShellError(.external, "\(name) failed with exit status \(code)")) }
        return .success(bytes)
    }
}
