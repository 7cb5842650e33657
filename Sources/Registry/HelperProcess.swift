import CLinux
import Glibc
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
        var pid: pid_t = 0
        let code = written == input.count ? spawn(action, streams, &pid) : EIO
        streams.closeTheirs()
        guard code == 0 else { throw .start(code) }
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

    private func spawn(_ action: String, _ streams: borrowing Streams, _ pid: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.theirs.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
        }
        _ = dsh_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGQUIT, SIGHUP] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = [strdup(path), strdup(action), nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        // A file that was just written may still be open for writing in a child that another thread is starting.
        for _ in 0..<20 {
            let code = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
            if code != ETXTBSY { return code }
            usleep(5_000)
        }
        return ETXTBSY
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
        var ends: [[Int32]] = []
        for _ in 0..<3 {
            var pair: [Int32] = [-1, -1]
            guard dsh_pipe(&pair) == 0 else {
                let code = errno
                for end in ends.joined() { close(end) }
                errno = code
                return nil
            }
            ends.append(pair)
        }
        (feed, output, errors) = (ends[0][1], ends[1][0], ends[2][0])
        theirs = [ends[0][0], ends[1][1], ends[2][1]]
        for end in [output, errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    func closeTheirs() { for end in theirs { close(end) } }

    func closeOwn() { for end in [output, errors] { close(end) } }
}
