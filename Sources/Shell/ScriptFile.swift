import Glibc
package import Language

/// Script files: where `source` finds them, and how they are read.
package enum ScriptFile {
    /// A script larger than this is none.
    static let maximumBytes = 64 << 20

    /// Reads a script, or standard input for `-`. Throws `ShellError` with the system's error text: `not_found` where
    /// there is no such file, else `io`; `interrupted` where the task is cancelled while a named pipe has nothing to read.
    package static func read(_ path: String) throws(ShellError) -> Source {
        try read(path, name: path == "-" ? "<stdin>" : path)
    }

    /// The same; errors call the file `name`.
    static func read(_ path: String, name: String) throws(ShellError) -> Source {
        let descriptor =
            path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(name) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            // What has to be waited for is waited for here: read(2) would not see that it is cancelled.
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&wait, 1, 50) <= 0 {
                if Task.isCancelled { throw ShellError(.interrupted, "interrupted") }
                continue
            }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw unreadable(name) }
            if count == 0 { break }
            bytes += buffer[..<count]
            if bytes.count > maximumBytes { throw ShellError(.io, "\(name) is too large for a script") }
        }
        return Source(name: name, path: path == "-" ? nil : absolute(path), bytes: bytes)
    }

    private static func unreadable(_ name: String) -> ShellError {
        ShellError(errno == ENOENT ? .notFound : .io, "cannot read \(name): \(String(cString: strerror(errno)))")
    }

    private static func absolute(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// Where `source` finds what it names, and what errors call it: relative to the file that the statement stands in,
    /// and to the working directory where that is no file; `~/` is the home directory.
    static func place(
        _ path: String, from source: Source, home: String?
    ) -> (path: String, name: String) {
        if path.hasPrefix("~/"), let home { return (home + path.dropFirst(1), path) }
        guard !path.hasPrefix("/"), let file = source.path else { return (path, path) }
        return (directory(of: file) + path, directory(of: source.name) + path)
    }

    /// With the `/` at its end; empty for a bare file name.
    private static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }
}
