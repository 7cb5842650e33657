import Glibc

/// A one-way switch that threads can wait for.
package final class Signal: @unchecked Sendable {  // `isSet` is used with `lock` held.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isSet = false

    package init() {
        pthread_mutex_init(lock, nil)
        // The clock that nobody sets: a wait lasts as long as it says.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    package func set() {
        pthread_mutex_lock(lock)
        isSet = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// Blocks this thread until `set` was called.
    package func wait() {
        pthread_mutex_lock(lock)
        while !isSet { pthread_cond_wait(changed, lock) }
        pthread_mutex_unlock(lock)
    }

    /// The same for at most that time; returns whether `set` was called.
    @discardableResult
    package func wait(for time: Duration) -> Bool {
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        let (seconds, attoseconds) = max(time, .zero).components
        let nanoseconds = until.tv_nsec + Int(attoseconds / 1_000_000_000)
        // Some ten thousand years are for ever, and the sum stays within the clock's range.
        until.tv_sec += Int(min(seconds, 1 << 38)) + nanoseconds / 1_000_000_000
        until.tv_nsec = nanoseconds % 1_000_000_000
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !isSet {
            if pthread_cond_timedwait(changed, lock, &until) == ETIMEDOUT { break }
        }
        return isSet
    }
}
