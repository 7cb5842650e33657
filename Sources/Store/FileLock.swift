import CLinux
import Glibc
import Layers

/// An exclusive flock(2) on a file, given up with its owner or its process.
struct FileLock: ~Copyable {
    let file: OpenFile

    /// Opens (and makes) the file at `path` and waits for its lock, at most `seconds`, asking `cancelled` meanwhile.
    ///
    /// Throws `timeout` where another process or thread keeps it, `interrupted`, `io`.
    static func acquire(
        _ path: String, seconds: Double, cancelled: () -> Bool = { false }
    ) throws(StoreError) -> FileLock {
        let file: OpenFile
        do {
            file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, operation: "lock")
        } catch { throw StoreError(error) }
        let deadline = Clock.now + seconds
        var pause = 0.002
        while true {
            if try tryLock(file) { return FileLock(file: file) }
            if cancelled() { throw .interrupted }
            guard Clock.now < deadline else {
                throw StoreError(
                    .timeout, "the store is busy: another dsh has held \(path) for \(Int(seconds)) seconds",
                    hint: "wait for it to end and run it again")
            }
            Clock.pause(pause)
            pause = min(pause * 1.5, 0.05)
        }
    }

    /// Takes the lock on an open file if nobody has it.
    static func tryLock(_ file: borrowing OpenFile) throws(StoreError) -> Bool {
        while dsh_flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw StoreError(SystemError("lock", file.path))
            }
        }
        return true
    }
}

/// Monotonic time and short waits.
enum Clock {
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func pause(_ seconds: Double) {
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
        nanosleep(&time, nil)
    }
}
