import Glibc

/// The entered statements, kept in a file that several shells share. Each entry is a line, with `\n` and `\\` for the
/// newlines and backslashes in it. Every change happens under a lock beside the file: an entry is appended as soon as
/// it is entered, so shells that end in any order lose nothing, and a file that has grown well past its bound is
/// written anew under a temporary name and renamed.
package struct HistoryFile: Sendable {
    package let path: String
    package let limit: Int
    /// How far the file may grow past the bound before it is rewritten.
    private var slack: Int { max(16, limit / 10) }

    package init(path: String, limit: Int = 10_000) {
        self.path = path
        self.limit = limit
    }

    /// The entries, oldest first, at most `limit`; none where there is no file.
    package func load() -> [String] {
        Self.entries(in: (try? Self.read(path)) ?? []).suffix(limit).map(Self.decode)
    }

    /// Adds one entry, whoever else writes at the same time.
    package func append(_ entry: String) throws(TerminalError) {
        try makeDirectory()
        let lock = takeLock()
        defer { if lock >= 0 { close(lock) } }
        let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("open the history file") }
        defer { close(file) }
        fchmod(file, 0o600)
        var line = Self.encode(entry)
        // A line that a crash cut short must not swallow this one.
        let size = lseek(file, 0, SEEK_END)
        var last = UInt8(ascii: "\n")
        if size > 0 { _ = pread(file, &last, 1, size - 1) }
        if last != UInt8(ascii: "\n") { line.insert(UInt8(ascii: "\n"), at: 0) }
        try OutputFile.write(line, to: file)
        // Bounding needs the lock: without it another shell could be appending to what is replaced. It reads the whole
        // file, so it is tried only now and then.
        let step = slack * 4
        if lock >= 0 && (Int(size) + line.count) / step != Int(size) / step { try bound() }
    }

    private func bound() throws(TerminalError) {
        var info = stat()
        guard stat(path, &info) == 0 else { return }
        // No entry is shorter than a byte and its newline, so most appends need not look at the file.
        guard info.st_size >= 2 * (limit + slack) else { return }
        let entries = Self.entries(in: try Self.read(path))
        guard entries.count > limit + slack else { return }
        let temporary = path + ".\(getpid()).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create \(temporary)") }
        defer { close(file) }
        do throws(TerminalError) {
            var text: [UInt8] = []
            for entry in entries.suffix(limit) {
                text += entry
                text.append(UInt8(ascii: "\n"))
            }
            try OutputFile.write(text, to: file)
        } catch {
            unlink(temporary)
            throw error
        }
        guard fsync(file) == 0, rename(temporary, path) == 0 else {
            let error = failure("replace the history file")
            unlink(temporary)
            throw error
        }
    }

    /// Waits a quarter of a second for the lock: a stopped shell that holds it must not hold up this one. Without it
    /// an append is still one write at the end of the file.
    private func takeLock() -> Int32 {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { return -1 }
        for _ in 0..<50 {
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { return lock }
            usleep(5_000)
        }
        close(lock)
        return -1
    }

    private func makeDirectory() throws(TerminalError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        var end = path.startIndex
        while end != slash {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? slash
            let directory = String(path[..<end])
            if mkdir(directory, 0o700) != 0 && errno != EEXIST {
                // An existing parent may refuse with another error (read-only, no permission).
                var info = stat()
                if stat(directory, &info) != 0 { throw failure("create \(directory)") }
            }
        }
    }

    private func failure(_ operation: String) -> TerminalError {
        errno == ENOSPC || errno == EDQUOT ? .noSpace : .system(operation: "cannot \(operation)", errno: errno)
    }

    // MARK: - Text

    private static func read(_ path: String) throws(TerminalError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(operation: "cannot read the history file", errno: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw .system(operation: "cannot read the history file", errno: errno)
            }
        }
    }

    private static func entries(in bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"))
    }

    private static func encode(_ entry: String) -> [UInt8] {
        var line: [UInt8] = []
        for byte in entry.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): line += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\\"): line += [byte, byte]
            case 0: break
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func decode(_ line: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(line.count)
        var isEscaped = false
        for byte in line {
            if isEscaped {
                bytes.append(byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
