import Glibc

/// Calls on file descriptors that plugins' pipes need.
enum Descriptors {
    /// Writes some of the bytes from `start` on, without the signal that a pipe with no reader sends. Returns what
    /// write(2) does; `errno` says why it is negative.
    static func write(_ bytes: [UInt8], from start: Int, to descriptor: Int32) -> Int {
        var pipeSignal = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
        let count = bytes.withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress.map { $0 + start }, $0.count - start)
        }
        let failure = errno
        if count < 0, failure == EPIPE, sigismember(&before, SIGPIPE) == 0 {
            // It waits for this thread now; taken, it harms nobody.
            var atOnce = timespec()
            sigtimedwait(&pipeSignal, nil, &atOnce)
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = failure
        return count
    }

    /// Writes all to a file; false where that failed.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = write(bytes, from: start, to: descriptor)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }

    /// Blocks until the descriptor is ready for `events`, `wake` can be read, or the time is over (nil: for ever).
    /// Returns true where one of the two is ready.
    static func wait(for descriptor: Int32, _ events: Int32, wake: Int32, time: Duration?) -> Bool {
        let end = time.map { ContinuousClock.now + $0 }
        while true {
            var polled = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            ]
            let left = end.map { $0 - ContinuousClock.now }
            let milliseconds = left.map { Int32(min(max($0.milliseconds, 0), 3_600_000)) } ?? -1
            let count = poll(&polled, 2, milliseconds)
            if count > 0 { return true }
            if count < 0, errno != EINTR { return true }
            if count == 0, let end, end <= ContinuousClock.now { return false }
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
