import Glibc
package import Synchronization

/// A file descriptor written to through one buffer. The descriptor stays its owner's; nothing is written on deinit, so
/// call `flush()`. A closed pipe shows as `.brokenPipe` only where SIGPIPE is ignored (`ignoreBrokenPipes()`).
package struct OutputFile: ~Copyable {
    package let descriptor: Int32
    /// Bytes that wait for `flush()`; append here freely, then call `flushIfLarge()`.
    package var buffer: [UInt8] = []
    private static let largeSize = 64 << 10
    private let beforeWriting: @Sendable () -> Void

    /// `beforeWriting` is called whenever something is about to be written: what stands on the same terminal may have to
    /// make room.
    package init(_ descriptor: Int32, beforeWriting: @escaping @Sendable () -> Void = {}) {
        self.descriptor = descriptor
        self.beforeWriting = beforeWriting
    }

    package mutating func write(_ text: String) throws(TerminalError) {
        buffer.append(contentsOf: text.utf8)
        try flushIfLarge()
    }

    package mutating func flushIfLarge() throws(TerminalError) {
        if buffer.count >= Self.largeSize { try flush() }
    }

    /// Writes all that waits. On an error the rest is dropped: there is nobody left to write it to.
    package mutating func flush() throws(TerminalError) {
        defer { buffer.removeAll(keepingCapacity: true) }
        if !buffer.isEmpty { beforeWriting() }
        try Self.write(buffer, to: descriptor)
    }

    /// Set while a signal is being obeyed: from then on no write waits for a reader that takes nothing.
    package static let isInterrupted = Atomic<Bool>(false)

    /// What a pipe or a terminal takes without waiting once poll(2) says that there is room: POSIX's PIPE_BUF on Linux.
    private static let pieceSize = 4096

    /// Writes every byte: partial writes go on, interrupted ones are repeated, a full pipe or a stopped terminal is
    /// waited for. Throws `.interrupted` where it would have to wait and `isInterrupted` is set.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(TerminalError) {
        try write(bytes, to: descriptor) { isInterrupted.load(ordering: .relaxed) }
    }

    /// The same for bytes that are not in an array.
    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(TerminalError) {
        try write(bytes, to: descriptor) { isInterrupted.load(ordering: .relaxed) }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, unless isInterrupted: () -> Bool) throws(TerminalError) {
        let outcome = bytes.withUnsafeBytes { raw in
            Result { () throws(TerminalError) in try write(raw, to: descriptor, unless: isInterrupted) }
        }
        try outcome.get()
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, unless isInterrupted: () -> Bool
    ) throws(TerminalError) {
        var status = stat()
        // A regular file never waits for anybody; what cannot be looked at fails in the write.
        let waits = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
        var start = 0
        while start < bytes.count {
            if waits { try waitForRoom(descriptor, unless: isInterrupted) }
            let count = waits ? min(pieceSize, bytes.count - start) : bytes.count - start
            let written = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), count)
            if written >= 0 {
                start += written
            } else if errno != EINTR && errno != EAGAIN {
                throw TerminalError.write(errno: errno)
            }
        }
    }

    /// Waits in the kernel, not in write(2): that would go on waiting, whatever the user says.
    private static func waitForRoom(_ descriptor: Int32, unless isInterrupted: () -> Bool) throws(TerminalError) {
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while poll(&room, 1, isInterrupted() ? 0 : 50) <= 0 {
            if isInterrupted() { throw .interrupted }
        }
    }

    /// Turns a write to a closed pipe into an error instead of the end of the process. For the executable's start.
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
