import Glibc
import Shell

/// A file that is written whole or not at all: under a name of its own beside the other, until it takes its place.
///
/// What is appended, and what is no regular file (a device, a named pipe), is written where it is.
final class OutputFile {
    enum Mode { case create, replace, append }

    let path: String
    private let mode: Mode
    /// Where it is written until `commit`; nil where it is written in place.
    private var temporary: String?
    private var descriptor: Int32 = -1
    private var buffer: [UInt8] = []

    /// Opens it for writing; a named pipe is waited for until somebody reads it. Throws `conflict` where `mode` is `create`
    /// and the file is there, `io` where it cannot be written, `CancellationError`.
    init(_ path: String, _ mode: Mode) async throws {
        self.mode = mode
        let old = try OutputFile.status(path)
        if mode == .create, old != nil, old.map(OutputFile.isRegular) == true { throw OutputFile.conflict(path) }
        // Through a link to the file it names: the link stays one.
        self.path = old.flatMap { _ in OutputFile.resolved(path) } ?? path
        if mode == .append || old.map(OutputFile.isRegular) == false {
            let flags = O_WRONLY | O_CLOEXEC | O_CREAT | O_NONBLOCK | (mode == .append ? O_APPEND : 0)
            descriptor = open(self.path, flags, 0o666)
            // A named pipe that nobody has open for reading.
            while descriptor < 0, errno == ENXIO, old.map(OutputFile.isPipe) == true {
                try await Task.sleep(for: .milliseconds(20))
                descriptor = open(self.path, flags, 0o666)
            }
        } else {
            let directory = self.path.lastIndex(of: "/").map { String(self.path[...$0]) } ?? ""
            let name = "\(directory).dsh-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).new"
            descriptor = open(name, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0o666)
            if descriptor >= 0 {
                temporary = name
                if let old { OutputFile.keep(old, descriptor) }
            }
        }
        guard descriptor >= 0 else { throw OutputFile.failure(path, errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        discard()
    }

    /// Deletes what is not the file yet. For owners whose last reference a thread may still have when dsh ends.
    func discard() {
        if let temporary { unlink(temporary) }
        temporary = nil
    }

    /// What is at `path` now; nil where there is nothing. Throws where that cannot be told, or is a directory.
    static func status(_ path: String) throws(ShellError) -> stat? {
        var status = stat()
        if stat(path, &status) != 0 {
            if errno == ENOENT { return nil }
            throw failure(path, errno)
        }
        if status.st_mode & S_IFMT == S_IFDIR { throw failure(path, EISDIR) }
        return status
    }

    static func isRegular(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

    private static func isPipe(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFIFO }

    /// The file is there, and nothing said that it may be replaced.
    static func conflict(_ path: String) -> ShellError {
        ShellError(.conflict, "\(path) exists already", hint: "--force replaces it, --append adds to it")
    }

    func write(_ bytes: [UInt8]) async throws {
        buffer += bytes
        if buffer.count >= 64 << 10 { try await flush() }
    }

    /// Writes at once, and waits for whoever reads a pipe: for a thread of its own. Not to be mixed with the other `write`.
    ///
    /// `cancelled` is asked while it waits. Throws `no_space`, `io`, `interrupted`.
    func writeWaiting(_ bytes: UnsafeRawBufferPointer, cancelled: () -> Bool) throws(ShellError) {
        var start = 0
        while start < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
            if count >= 0 {
                start += count
            } else if errno == EAGAIN {
                if cancelled() { throw ShellError(.interrupted, "interrupted") }
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, 100)
            } else if errno != EINTR {
                throw OutputFile.failure(path, errno)
            }
        }
    }

    private func flush() async throws {
        var start = 0
        while start < buffer.count {
            let count = buffer.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // Whoever reads the pipe is not done with what it has.
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            guard count >= 0 else { throw OutputFile.failure(path, errno) }
            start += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes what was written the file: on disk first, then under its name, at once.
    func commit() async throws {
        try await flush()
        guard let temporary else { return }
        guard fsync(descriptor) == 0 else { throw OutputFile.failure(path, errno) }
        // A link fails where the name was taken meanwhile; not every file system has links.
        if mode == .create, link(temporary, path) == 0 { return }
        if mode == .create, errno == EEXIST { throw OutputFile.conflict(path) }
        guard rename(temporary, path) == 0 else { throw OutputFile.failure(path, errno) }
        self.temporary = nil
    }

    /// The new file gets the old one's owner, where that may be, and its mode.
    private static func keep(_ old: stat, _ descriptor: Int32) {
        _ = fchown(descriptor, old.st_uid, old.st_gid)
        fchmod(descriptor, old.st_mode & 0o7777)
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    private static func failure(_ path: String, _ code: Int32) -> ShellError {
        let kind: ShellError.Code =
            switch code {
            case ENOENT: .notFound
            case ENOSPC, EDQUOT: .noSpace
            default: .io
            }
        return ShellError(kind, "cannot write \(path): \(String(cString: strerror(code)))")
    }
}
