import Glibc
import Processes
import Threads

/// A credential helper's process: one action as its argument, what it needs on its standard input, its answer on its
/// standard output. Nothing secret is ever an argument, which every user of the machine can read.
struct HelperProcess {
    struct Answer: Sendable {
        /// The exit status, nil where a signal ended it.
        let status: Int32?
        let output: [UInt8]
        let errors: [UInt8]
    }

    enum Failure: Error, Sendable {
        /// It could not be started; an errno.
        case start(Int32)
        case tooMuchInput
        case tooMuchOutput
        case timeout
        case interrupted
    }

    let path: String
    let environment: [String: String]
    /// How long it may take: it may ask somebody to unlock a key ring.
    let seconds: Double

    private static let maximumOutput = 1 << 20
    private static let maximumErrors = 8 << 10
    /// Less than any pipe holds, so that it can be written before the helper runs.
    private static let maximumInput = 32 << 10

    /// Runs it to its end on the calling thread; never call it from a task.
    func run(_ action: String, input: [UInt8], cancellation: CancellationFlag) throws(Failure) -> Answer {
        guard input.count <= HelperProcess.maximumInput else { throw .tooMuchInput }
        guard let streams = Streams() else { throw .start(errno) }
        defer { streams.closeOwn() }
        let written = input.withUnsafeBytes { write(streams.feed, $0.baseAddress, $0.count) }
        close(streams.feed)
        guard written == input.count else {
            streams.closeTheirs()
            throw .start(EIO)
        }
        let program = ChildProgram(
            path: path, arguments: [path, action], environment: environment, streams: streams.theirs)
        let started = Result { () throws(ChildProgram.StartFailure) in try program.start() }
        streams.closeTheirs()
        let pid: pid_t
        do throws(ChildProgram.StartFailure) { pid = try started.get() } catch { throw .start(error.code) }
        let group = pid
        // Its whole group: what it started in turn holds its output open.
        let handler = cancellation.onCancel { kill(-group, SIGKILL) }
        defer { cancellation.removeHandler(handler) }
        return try gather(pid, streams, cancellation)
    }

    private func gather(
        _ pid: pid_t, _ streams: borrowing Streams, _ cancellation: CancellationFlag
    ) throws(Failure) -> Answer {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var status: Int32 = 0
        var hasEnded = false
        func stop() {
            kill(-pid, SIGKILL)
            while !hasEnded, waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        while true {
            let left = hasEnded ? 0 : 20
            var waits = [streams.output, streams.errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&waits, 2, Int32(left))
            let (more, isOpen) = HelperProcess.read(streams.output, into: &output)
            _ = HelperProcess.read(streams.errors, into: &errors)
            errors = Array(errors.prefix(HelperProcess.maximumErrors))
            guard output.count <= HelperProcess.maximumOutput else {
                stop()
                throw .tooMuchOutput
            }
            // What a helper leaves running in the background may keep the pipe open for ever.
            if hasEnded, !more { break }
            if !hasEnded, waitpid(pid, &status, WNOHANG) == pid { hasEnded = true }
            if !hasEnded, !isOpen, left > 0 { usleep(1000) }
            if !hasEnded, ContinuousClock.now >= deadline {
                stop()
                throw .timeout
            }
        }
        if cancellation.isCancelled { throw .interrupted }
        return Answer(status: status & 0x7f == 0 ? (status >> 8) & 0xff : nil, output: output, errors: errors)
    }

    /// Reads what is there: whether anything was, and whether more may come.
    private static func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> (more: Bool, isOpen: Bool) {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 { bytes += buffer[..<count] }
        return (count > 0, count != 0)
    }
}

/// The pipes of one helper's three streams.
private struct Streams: ~Copyable {
    /// Ours: where its input is written, and where its output and its messages are read.
    let feed: Int32
    let output: Int32
    let errors: Int32
    /// Its own ends, in the order of their numbers there.
    let theirs: [Int32]

    init?() {
        guard let pipes = Pipe.several(3) else { return nil }
        (feed, output, errors) = (pipes[0].write, pipes[1].read, pipes[2].read)
        theirs = [pipes[0].read, pipes[1].write, pipes[2].write]
        for end in [output, errors] { Pipe.setNonBlocking(end) }
    }

    func closeTheirs() { for end in theirs { close(end) } }

    func closeOwn() { for end in [output, errors] { close(end) } }
}
