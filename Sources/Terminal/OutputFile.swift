import Glibc

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

    /// Writes every byte: partial writes go on, interrupted ones are repeated, a full non-blocking pipe is waited for.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(TerminalError) {
        var start = 0
        while start < bytes.count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: start), bytes.count - start)
            }
            if written >= 0 {
                start += written
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            default: throw TerminalError.write(errno: errno)
            }
        }
    }

    /// Turns a write to a closed pipe into an error instead of the end of the process. For the executable's start.
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
