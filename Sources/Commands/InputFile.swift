import Glibc
import JSON
import Shell

/// Bytes from a file, a named pipe or standard input, a piece at a time. What has to be waited for does not hold up
/// anything else that runs, and can be interrupted.
final class InputFile {
    /// What to call it in messages.
    let name: String
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Opens `path`; `-` is standard input. Throws `not_found` or `io`.
    init(_ path: String) throws(ShellError) {
        name = path == "-" ? "standard input" : path
        // Without O_NONBLOCK the opening of a named pipe waits for its writer.
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw InputFile.failure(name, errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// The next line without its end, and not a byte behind it: what follows is for whoever reads next. Cut off after `limit`
    /// bytes; what there is where the input ends.
    func line(limit: Int) async throws -> String {
        var bytes: [UInt8] = []
        while bytes.count < limit, let byte = try await next(atMost: 1).first, byte != UInt8(ascii: "\n") {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The next bytes, whatever there are; none at the end.
    func next(atMost limit: Int = .max) async throws -> ArraySlice<UInt8> {
        var pause = 1
        while true {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // A regular file is always ready; a pipe without a writer is not, and standard input's mode is not ours to change.
            if poll(&wait, 1, 0) == 0 {
                try await Task.sleep(for: .milliseconds(pause))
                pause = min(pause * 2, 20)
                continue
            }
            let count = read(descriptor, &buffer, min(limit, buffer.count))
            if count >= 0 { return buffer[..<count] }
            if errno != EINTR && errno != EAGAIN { throw InputFile.failure(name, errno) }
            try Task.checkCancellation()
        }
    }

    /// All of it. Throws `io` where it is longer than `limit` bytes.
    func all(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try await next()
            if piece.isEmpty { return bytes }
            bytes += piece
            if bytes.count > limit {
                throw ShellError(
                    .io, "\(name) is longer than \(limit >> 20) MiB",
                    hint: "a file of lines can be read one by one: --as jsonl, --as lines")
            }
        }
    }

    /// Each line without its end, as it comes; the last may lack the end. Throws `io` where one is longer than `limit`
    /// bytes. `body` gets the line's number, from 1.
    func lines(limit: Int, _ body: (Int, ArraySlice<UInt8>) async throws -> Void) async throws {
        var rest: [UInt8] = []
        var number = 0
        while true {
            let piece = try await next()
            var start = piece.startIndex
            while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                if rest.isEmpty {
                    try await body(number, InputFile.withoutReturn(piece[start..<end]))
                } else {
                    let line = rest + piece[start..<end]
                    rest = []
                    try await body(number, InputFile.withoutReturn(line[...]))
                }
                start = end + 1
            }
            rest += piece[start...]
            if rest.count > limit {
                throw ShellError(.io, "line \(number + 1) of \(name) is longer than \(limit >> 20) MiB")
            }
            if piece.isEmpty {
                if !rest.isEmpty { try await body(number + 1, InputFile.withoutReturn(rest[...])) }
                return
            }
        }
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    private static func failure(_ name: String, _ code: Int32) -> ShellError {
        ShellError(code == ENOENT ? .notFound : .io, "cannot read \(name): \(String(cString: strerror(code)))")
    }
}
