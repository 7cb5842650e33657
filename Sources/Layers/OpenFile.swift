import CLinux
import Glibc

/// A system call that failed: what was tried, on what, and errno.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    package let path: String
    package let number: Int32
    /// Whether it was to read only: then what is not permitted is reading.
    package let isReading: Bool

    package init(_ operation: String, _ path: String, _ number: Int32 = errno, isReading: Bool = false) {
        self.operation = operation
        self.path = path
        self.number = number
        self.isReading = isReading
    }

    /// The disk or the quota is full.
    package var isNoSpace: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }
    /// The file system or its permissions do not let this user do it.
    package var isForbidden: Bool { number == EROFS || number == EACCES || number == EPERM }
    package var isNotFound: Bool { number == ENOENT || number == ENOTDIR }

    package var description: String { "cannot \(operation) \(path): \(SystemError.text(of: number))" }

    /// The system's words for an errno value.
    package static func text(of number: Int32) -> String {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            guard let base = buffer.bindMemory(to: CChar.self).baseAddress else { return "error \(number)" }
            return strerror_r(number, base, 256) == 0 ? String(cString: base) : "error \(number)"
        }
    }
}

/// A file descriptor that closes itself. Every descriptor is close-on-exec; interrupted calls are made again.
package struct OpenFile: ~Copyable, Sendable {
    package let descriptor: Int32
    package let path: String

    /// Opens `path` with open(2)'s flags.
    package init(
        _ path: String, flags: Int32, mode: UInt32 = 0o644, operation: String = "open"
    ) throws(SystemError) {
        var opened: Int32
        repeat { opened = dsh_open(path, flags, mode) } while opened < 0 && errno == EINTR
        guard opened >= 0 else {
            throw SystemError(operation, path, isReading: flags & O_ACCMODE == O_RDONLY)
        }
        descriptor = opened
        self.path = path
    }

    /// Takes over a descriptor that somebody else opened.
    package init(adopting descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Reads up to the buffer's length; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return 0 }
        while true {
            let count = Glibc.read(descriptor, base, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw SystemError("read", path, isReading: true) }
        }
    }

    /// Reads from the file's position to its end, piece by piece through `buffer`.
    package func readPieces<Failure: Error>(
        through buffer: UnsafeMutableRawBufferPointer, failure: (SystemError) -> Failure,
        _ each: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        while true {
            let count: Int
            do { count = try read(into: buffer) } catch { throw failure(error) }
            if count == 0 { return }
            try each(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Writes all bytes at the file's position.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            let count = Glibc.write(descriptor, base, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("write", path)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    package func write(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.withBytes { raw throws(SystemError) in try write(raw) }
    }

    /// What fstat(2) says.
    package func status() throws(SystemError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError("look at", path, isReading: true) }
        return FileStatus(status)
    }

    /// The whole file, refused beyond `limit` bytes with EFBIG.
    package func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        let size = Int(clamping: try status().size)
        guard size <= limit else { throw SystemError("read", path, EFBIG, isReading: true) }
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = 0
            do throws(SystemError) {
                while count < size {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    let read = try read(into: rest)
                    if read == 0 { break }
                    count += read
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Data (and the length) durable.
    package func synchronize() throws(SystemError) {
        guard fdatasync(descriptor) == 0 else { throw SystemError("write out", path) }
    }
}

/// What is asked of stat(2).
package struct FileStatus: Sendable, Hashable {
    package let size: Int64
    package let isRegular: Bool
    package let isDirectory: Bool
    package let links: Int
    package let device: UInt64
    package let inode: UInt64
    /// Seconds since 1970, and nanoseconds on top.
    package let modified: Int64
    package let nanoseconds: Int64
    /// The same for the last change of the file or of what stat says of it, which no program can set.
    package let changed: Int64
    package let changedNanoseconds: Int64

    init(_ status: stat) {
        size = Int64(status.st_size)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        links = Int(status.st_nlink)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        modified = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec)
        changedNanoseconds = Int64(status.st_ctim.tv_nsec)
    }

    /// Whether both are of one file, whatever it was called.
    package func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }

    /// What lstat(2) says of `path`; symbolic links are not followed.
    package init(path: String) throws(SystemError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemError("look at", path, isReading: true) }
        self.init(status)
    }
}

extension Array where Element == UInt8 {
    /// `withUnsafeBytes`, with the body's own type of error.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBufferPointer { buffer throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}
