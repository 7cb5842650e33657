import Glibc
import OCI
import Threads

/// Digests a stream of bytes, on its owner's thread or on one of its own that comes after.
///
/// Belongs to one thread at a time, which must call `stop` before it lets go of what it gave to `updateAside`.
final class StreamDigest: @unchecked Sendable {  // Used with `lock` held, or as said below.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// The other thread's while bytes are pending, the owner's while none are.
    private var hasher: DigestHasher
    /// What the other thread is at and what it has still to do, in this order.
    private var pending: [UnsafeRawBufferPointer] = []
    /// Only the owner changes it.
    private var isStopped = false
    /// Only the owner looks at it: without another thread there is nothing to wait for.
    private var hasThread = false
    private let algorithm: Digest.Algorithm

    init(_ algorithm: Digest.Algorithm) {
        self.algorithm = algorithm
        hasher = DigestHasher(algorithm)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        pthread_cond_destroy(changed)
        lock.deallocate()
        changed.deallocate()
    }

    /// Takes the next bytes on this thread.
    func update(_ bytes: UnsafeRawBufferPointer) {
        wait(untilPending: 0)
        hasher.update(bytes)
    }

    /// Leaves the next bytes to the other thread: they must stay as they are until `wait` shows that it is through.
    /// Where the system has no such thread to give, and after `stop`, this one takes them.
    func updateAside(_ bytes: UnsafeRawBufferPointer) {
        if !hasThread, !isStopped { hasThread = WorkerThread.startDetached { [self] in work() } }
        guard hasThread else { return hasher.update(bytes) }
        pthread_mutex_lock(lock)
        pending.append(bytes)
        pthread_cond_signal(changed)
        pthread_mutex_unlock(lock)
    }

    /// Waits until no more than `count` pieces are left to the other thread.
    func wait(untilPending count: Int) {
        guard hasThread else { return }
        pthread_mutex_lock(lock)
        while pending.count > count { pthread_cond_wait(changed, lock) }
        pthread_mutex_unlock(lock)
    }

    /// The digest of all that was taken; the next bytes begin a new one.
    func finish() -> Digest {
        wait(untilPending: 0)
        var finished = DigestHasher(algorithm)
        swap(&finished, &hasher)
        return finished.finish()
    }

    /// Forgets what was taken.
    func restart() {
        wait(untilPending: 0)
        hasher = DigestHasher(algorithm)
    }

    /// Ends the other thread for good; when this is back it no longer touches what it was given.
    func stop() {
        guard hasThread else { return }
        pthread_mutex_lock(lock)
        while !pending.isEmpty { pthread_cond_wait(changed, lock) }
        isStopped = true
        pthread_cond_signal(changed)
        pthread_mutex_unlock(lock)
        hasThread = false
    }

    // Only one of the two threads waits at any time: the owner for room, or the other for work.
    private func work() {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            while pending.isEmpty, !isStopped { pthread_cond_wait(changed, lock) }
            guard let bytes = pending.first else { return }
            pthread_mutex_unlock(lock)
            hasher.update(bytes)
            pthread_mutex_lock(lock)
            pending.removeFirst()
            pthread_cond_signal(changed)
        }
    }
}
