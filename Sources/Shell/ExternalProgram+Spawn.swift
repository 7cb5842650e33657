import Glibc

extension ExternalProgram {
    /// `posix_spawn` of `sh -c TEXT`, in a process group of its own and with the signals as a login has them. An errno.
    static func spawn(_ text: String, input: Int32?, output: Int32, _ pid: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU] {
            sigaddset(&defaults, signal)
        }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(text), nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, environ)
    }

    /// Makes a process group the terminal's own, so that Ctrl-C and what is typed are for it. False where that fails.
    static func giveTerminal(to group: pid_t) -> Bool {
        guard tcsetpgrp(STDIN_FILENO, group) == 0 else { return false }
        // It may have asked for the terminal before it was its own, and been stopped for that.
        kill(-group, SIGCONT)
        return true
    }
}

/// Both ends of a pipe, closed on exec.
struct Pipe {
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

    func close() {
        Glibc.close(read)
        Glibc.close(write)
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
