import CJq
import Glibc
import Synchronization
import Threads

/// A task executor of one thread with a big stack: libjq recurses through nested values in C, and needs it.
///
/// Tasks given it as their executor preference run on that thread, one at a time, in order. Blocking it blocks them. The thread
/// ends when the executor is let go and its queue is empty.
package final class EvaluationThread: TaskExecutor {
    /// Address space, not memory: pages count once they are touched.
    package static let defaultStackSize = 512 << 20

    private let queue = JobQueue()

    /// Starts the thread; where a stack of that size is refused, with an eighth of it, and so on.
    package init(stackSize: Int = defaultStackSize) {
        let queue = queue
        var size = stackSize
        while !startJQThread(stackSize: size, { queue.run() }), size > 1 << 20 { size /= 8 }
    }

    deinit { queue.close() }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job), executor: asUnownedTaskExecutor())
    }
}

/// Jobs in order, and a condition to wait for them.
private final class JobQueue: @unchecked Sendable {  // Every member is used with `lock` held.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [(job: UnownedJob, executor: UnownedTaskExecutor)] = []
    private var isClosed = false

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    func append(_ job: UnownedJob, executor: UnownedTaskExecutor) {
        pthread_mutex_lock(lock)
        jobs.append((job, executor))
        pthread_cond_signal(changed)
        pthread_mutex_unlock(lock)
    }

    func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_signal(changed)
        pthread_mutex_unlock(lock)
    }

    func run() {
        while let batch = next() {
            for (job, executor) in batch { job.runSynchronously(on: executor) }
        }
    }

    private func next() -> [(job: UnownedJob, executor: UnownedTaskExecutor)]? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while jobs.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(changed, lock)
        }
        defer { jobs = [] }
        return jobs
    }
}

/// A detached thread that libjq may run on; false where there could be none.
func startJQThread(stackSize: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
    cjq_prepare_heaps()
    // Room for the pages that CJq lends to libc at the end of the stack.
    return WorkerThread.startDetached(stackSize: stackSize, guardSize: 256 << 10, body)
}
