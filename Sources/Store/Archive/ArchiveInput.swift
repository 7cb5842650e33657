import Glibc
import Layers

/// Where an archive or a layout comes from.
package enum ArchiveSource: Sendable, Hashable {
    /// A file or a named pipe.
    case file(String)
    /// A directory with an OCI image layout in it.
    case directory(String)
    /// An open descriptor, which stays open.
    case descriptor(Int32, name: String)

    /// What to call it in messages.
    package var name: String {
        switch self {
        case .file(let path), .directory(let path): path
        case .descriptor(_, let name): name
        }
    }
}

/// An archive's bytes as they come, from something that may keep its reader waiting.
struct ArchiveInput: ~Copyable {
    private let file: OpenFile

    init(path: String) throws(StoreError) {
        do {
            // Without O_NONBLOCK the opening of a named pipe waits for its writer.
            file = try OpenFile(path, flags: O_RDONLY | O_NONBLOCK)
        } catch {
            throw StoreError(error.isNotFound ? .notFound : .io, error.description)
        }
    }

    /// What comes through an open descriptor, by one of our own, so that closing it leaves the other alone.
    init(descriptor: Int32, name: String) {
        file = OpenFile(adopting: fcntl(descriptor, F_DUPFD_CLOEXEC, 3), path: name)
    }

    /// The bytes of a regular file; 0 for what has no size of its own.
    var size: Int64 {
        var status = stat()
        return fstat(file.descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : 0
    }

    /// The next bytes, in `buffer`; none at the end. Throws `io`, `interrupted`.
    func next(
        _ buffer: UnsafeMutableRawBufferPointer, cancelled: () -> Bool
    ) throws(StoreError) -> UnsafeRawBufferPointer {
        while true {
            if cancelled() { throw .interrupted }
            var wait = pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wait, 1, 50)
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let count = read(file.descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            if errno != EINTR, errno != EAGAIN {
                throw StoreError(.io, SystemError("read", file.path, isReading: true).description)
            }
        }
    }
}
