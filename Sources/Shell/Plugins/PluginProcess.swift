import Glibc
import Processes
import Synchronization
import Threads

/// A plugin's process, with pipes for its three standard streams and a process group of its own: a Ctrl-C reaches dsh,
/// which then ends the plugin in its own way.
final class PluginProcess: Sendable {
    let name: String
    /// Ours of its standard output and error.
    let output: Int32
    let errors: Int32
    private let process: pid_t
    private let input: Mutex<Input>
    private let ending = Mutex<Ending?>(nil)
    /// Whether it had to be told to end: then how it ended says nothing about it.
    private let isStopped = Mutex(false)
    /// Read by waits that a cancellation must end.
    let wake: Int32
    private let wakeEnd: Int32

    private struct Input {
        /// Ours of its standard input; -1 once it is closed.
        var descriptor: Int32
        /// A part of a line is written: what came now would be read as the rest of it.
        var isMidLine = false
    }

    enum Ending: Sendable, Hashable {
        case status(Int32)
        case signal(Int32)
        /// It did not even end by SIGKILL: it hangs in the kernel.
        case lost
    }

    /// Starts `path` with one argument: what is secret goes through the pipe. Throws `external` where it cannot be.
    init(_ path: String, _ argument: String, name: String) throws(ShellError) {
        guard let pipes = Pipe.several(4) else {
            throw ShellError(.io, "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        let (input, output, errors, wake) = (pipes[0], pipes[1], pipes[2], pipes[3])
        let theirs = [input.read, output.write, errors.write]
        let started = Result { () throws(ChildProgram.StartFailure) in
            try ChildProgram(path: path, arguments: [path, argument], streams: theirs).start()
        }
        for end in theirs { close(end) }
        let process: pid_t
        do throws(ChildProgram.StartFailure) { process = try started.get() } catch {
            for end in [input.write, output.read, errors.read, wake.read, wake.write] { close(end) }
            throw Self.startFailure(error, path, name)
        }
        self.name = name
        self.process = process
        self.input = Mutex(Input(descriptor: input.write))
        self.output = output.read
        self.errors = errors.read
        self.wake = wake.read
        wakeEnd = wake.write
        Pipe.setNonBlocking(input.write)
        Pipe.setNonBlocking(output.read)
        Pipe.setNonBlocking(wake.write)
    }

    deinit {
        closeInput()
        for end in [output, errors, wake, wakeEnd] { close(end) }
    }

    private static func startFailure(
        _ failure: ChildProgram.StartFailure, _ path: String, _ name: String
    ) -> ShellError {
        let hint: String? =
            switch failure.code {
            case ENOENT: "its first line names an interpreter that is not there"
            case ENOEXEC: "it is no program: a script's first line names its interpreter, as in #!/usr/bin/env python3"
            default: nil
            }
        return ShellError.plugin(name, "cannot be started: \(failure.message): \(path)", hint: hint)
    }

    // MARK: Its input

    enum WriteOutcome { case written, closed, woken }

    /// Writes all of a line, as fast as the plugin reads; an end of the plugin or a wake ends the wait for it.
    ///
    /// One line at a time: the caller keeps lines from mixing.
    func write(_ line: [UInt8]) async -> WriteOutcome {
        var start = 0
        while start < line.count {
            let count = writeSome(line, from: start)
            if let count, count >= 0 {
                start += count
                continue
            }
            guard count != nil, errno == EAGAIN || errno == EINTR else { return .closed }
            let descriptor = input.withLock { $0.descriptor }
            let wake = wake
            await onOwnThread { _ = Descriptors.wait(for: descriptor, POLLOUT, wake: wake, time: nil) }
            if isWoken { return .woken }
        }
        return .written
    }

    /// nil where the pipe is closed already, or a line is only half written.
    private func writeSome(_ bytes: [UInt8], from start: Int) -> Int? {
        input.withLock { input in
            guard input.descriptor >= 0, start > 0 || !input.isMidLine else { return nil }
            let count = Descriptors.write(bytes, from: start, to: input.descriptor)
            if count > 0 { input.isMidLine = start + count < bytes.count }
            return count
        }
    }

    /// The plugin reads the end of its input.
    func closeInput() {
        input.withLock { input in
            if input.descriptor >= 0 { close(input.descriptor) }
            input.descriptor = -1
        }
    }

    // MARK: Waking

    /// Ends every wait on the plugin, now and from now on.
    func interrupt() { _ = Descriptors.write([1], from: 0, to: wakeEnd) }

    var isWoken: Bool {
        var polled = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }

    // MARK: Its end

    /// Ends the plugin and returns how it ended; blocks for no longer than `limits` say in sum.
    ///
    /// With a `farewell` it is sent that line first and given time to end by itself; then its group gets SIGTERM, then
    /// SIGKILL. What it still writes is read and dropped, so that it is not stuck on a full pipe. Whatever it started
    /// and left behind in its group ends with it.
    @discardableResult
    func end(farewell: [UInt8]?, patience: Duration, _ limits: PluginLimits) -> Ending {
        if let ending = ending.withLock({ $0 }) { return ending }
        if let farewell { _ = writeSome(farewell, from: 0) }
        closeInput()
        if !hasEnded(within: patience) {
            isStopped.withLock { $0 = true }
            signal(SIGTERM)
            signal(SIGCONT)
            if !hasEnded(within: limits.terminate) {
                signal(SIGKILL)
                if !hasEnded(within: limits.terminate) { return settle(.lost) }
            }
        }
        // Its process is a zombie, so that no other group can have its number.
        signal(SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1, errno == EINTR {}
        let number = status & 0x7f
        return settle(number == 0 ? .status((status >> 8) & 0xff) : .signal(number))
    }

    /// Whether `end` had to end it by a signal.
    var wasStopped: Bool { isStopped.withLock { $0 } }

    private func settle(_ ending: Ending) -> Ending {
        self.ending.withLock { $0 = ending }
        return ending
    }

    private func signal(_ number: Int32) { kill(-process, number) }

    private func hasEnded(within time: Duration) -> Bool {
        let end = ContinuousClock.now + time
        var pause: useconds_t = 200
        while true {
            var information = siginfo_t()
            let status = waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
            // It fails where somebody else has taken the child: then it is gone, too.
            if status != 0 && errno != EINTR || information.si_signo != 0 { return true }
            if ContinuousClock.now >= end { return false }
            drain()
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
    }

    /// Takes what is there to be read, some of it: a plugin that never stops writing must not hold us.
    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        for _ in 0..<64 where read(output, &buffer, buffer.count) <= 0 { return }
    }
}
