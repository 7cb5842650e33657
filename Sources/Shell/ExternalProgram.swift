import Glibc
import Synchronization
import Threads

/// Runs `sh -c TEXT`: bytes in on its stdin, its stdout back. Its stderr is ours.
struct ExternalProgram: Sendable {
    /// More output than this ends the program: a result is held in memory.
    static let maximumOutput = 256 << 20

    let text: String
    /// nil: the program reads what dsh itself reads.
    let input: [UInt8]?

    /// What the program wrote. Throws `ShellError` (`external`) when it fails, and ends it when the task is cancelled.
    func run() async throws -> [UInt8] {
        let process = Mutex<pid_t?>(nil)
        let outcome = await withTaskCancellationHandler {
            await onOwnThread { Result { () throws(ShellError) in try runBlocking(process) } }
        } onCancel: {
            // Its whole group: sh's children too.
            process.withLock { if let pid = $0 { kill(-pid, SIGTERM) } }
        }
        try Task.checkCancellation()
        return try outcome.get()
    }

    private func runBlocking(_ process: borrowing Mutex<pid_t?>) throws(ShellError) -> [UInt8] {
        let output = try Pipe()
        let feed = input == nil ? nil : try Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        if let feed { posix_spawn_file_actions_adddup2(&actions, feed.read, 0) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGQUIT] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var pid: pid_t = 0
        let status = withArguments(["sh", "-c", text]) {
            posix_spawn(&pid, "/bin/sh", &actions, &attributes, $0, environ)
        }
        close(output.write)
        if let feed { close(feed.read) }
        guard status == 0 else {
            close(output.read)
            if let feed { close(feed.write) }
            throw ShellError(.external, "cannot start sh: \(String(cString: strerror(status)))")
        }
        process.withLock { $0 = pid }
        if let feed, let input {
            // Without a thread for it the program would wait for input for ever.
            if !WorkerThread.startDetached({ Pipe.write(input, to: feed.write) }) { close(feed.write) }
        }
        let (bytes, isTooLong) = Pipe.readAll(output.read, limit: ExternalProgram.maximumOutput)
        if isTooLong { kill(-pid, SIGTERM) }
        close(output.read)
        var code: Int32 = 0
        while waitpid(pid, &code, 0) == -1, errno == EINTR {}
        process.withLock { $0 = nil }
        if isTooLong {
            throw ShellError(
                .external, "!\(text.prefix(60)) wrote more than \(ExternalProgram.maximumOutput >> 20) MiB")
        }
        if let failure = describe(code) { throw ShellError(.external, "!\(text.prefix(60)) \(failure)") }
        return bytes
    }

    private func describe(_ status: Int32) -> String? {
        let signal = status & 0x7f
        if signal != 0 { return "was ended by signal \(signal)" }
        let code = (status >> 8) & 0xff
        return code == 0 ? nil : "failed with exit status \(code)"
    }

    private func withArguments(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers = texts.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return EINVAL }
            return body(base)
        }
    }
}

/// Both ends of a pipe, closed on exec.
private struct Pipe {
    let read: Int32
    let write: Int32

    init() throws(ShellError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ShellError(.io, "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        read = ends[0]
        write = ends[1]
    }

    /// Writes all of `bytes`, unless the reader goes away, and closes.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty, let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress {
                let count = Glibc.write(descriptor, base, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    break
                }
                rest = rest.dropFirst(count)
            }
        }
        close(descriptor)
    }

    /// Everything up to the end, or `limit` bytes and true.
    static func readAll(_ descriptor: Int32, limit: Int) -> (bytes: [UInt8], isTooLong: Bool) {
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
}
