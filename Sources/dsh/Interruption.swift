import Glibc
import Synchronization
import Terminal

/// Turns SIGINT and SIGTERM into a cancellation of what runs, and lets the main thread wait for either.
///
/// The handler only writes a byte to a pipe: nothing else is safe there.
enum Interruption {
    private nonisolated(unsafe) static var writeEnd: Int32 = -1
    private nonisolated(unsafe) static var readEnd: Int32 = -1

    /// Takes over the signals, for good; what was done before is ended by them as any program is. Call it on the main
    /// thread: the others have them blocked.
    static func install() {
        guard readEnd < 0 else { return }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        readEnd = ends[0]
        writeEnd = ends[1]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
        for signal in [SIGINT, SIGTERM, SIGHUP] { handle(signal) }
    }

    /// Installs our handler again, after the line editor had its own.
    static func handle(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            var byte = UInt8(truncatingIfNeeded: number)
            let saved = errno
            _ = write(Interruption.writeEnd, &byte, 1)
            errno = saved
        }
        sigemptyset(&action.sa_mask)
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESTART))
        sigaction(number, &action, nil)
    }

    /// Tells the waiting main thread that the work is done.
    static func finished() {
        var byte: UInt8 = 0
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits until the work is done. `onTick` is called every tenth of a second, `onSignal` with each signal; a third one
    /// ends dsh at once. The first signal that came, if any did.
    static func wait(onTick: () -> Void, onSignal: (Int32) -> Void) -> Int32? {
        var first: Int32?
        var count = 0
        OutputFile.isInterrupted.store(false, ordering: .relaxed)
        while true {
            var ready = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            if poll(&ready, 1, 100) == 0 {
                onTick()
                continue
            }
            var byte: UInt8 = 0
            let got = read(readEnd, &byte, 1)
            if got < 0, errno == EINTR { continue }
            if got <= 0 || byte == 0 { return first }
            let number = Int32(byte)
            first = first ?? number
            count += 1
            if count >= 3 { _exit(128 + number) }
            OutputFile.isInterrupted.store(true, ordering: .relaxed)
            onSignal(number)
        }
    }
}
