import Glibc

/// A bounded queue of bytes between two threads that may wait: whoever is faster waits for the other.
package final class BytePipe: @unchecked Sendable {  // Everything that changes is used with `lock` held.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let ring: UnsafeMutableRawBufferPointer
    private var start = 0
    private var count = 0
    private var isFinished = false
    private var isClosed = false

    package init(capacity: Int = 512 << 10) {
        ring = .allocate(byteCount: max(1, capacity), alignment: 16)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        lock.deallocate()
        changed.deallocate()
        ring.deallocate()
    }

    /// Puts all bytes in, waiting for room; false where nobody reads any more.
    package func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !rest.isEmpty {
            while count == ring.count, !isClosed { pthread_cond_wait(changed, lock) }
            guard !isClosed else { return false }
            let end = (start + count) % ring.count
            let length = min(rest.count, ring.count - count, ring.count - end)
            UnsafeMutableRawBufferPointer(rebasing: ring[end..<end + length])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<length]))
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
            count += length
            pthread_cond_broadcast(changed)
        }
        return !isClosed
    }

    /// Takes what is there, at most the buffer's length, waiting for the first byte; 0 after `finish` or `close`.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while count == 0, !isFinished, !isClosed { pthread_cond_wait(changed, lock) }
        guard !isClosed, !buffer.isEmpty else { return 0 }
        let length = min(buffer.count, count, ring.count - start)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: ring[start..<start + length]))
        start = (start + length) % ring.count
        count -= length
        pthread_cond_broadcast(changed)
        return length
    }

    /// No more bytes come.
    package func finish() {
        pthread_mutex_lock(lock)
        isFinished = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// Nobody waits here any more, and what is in it is lost.
    package func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }
}
