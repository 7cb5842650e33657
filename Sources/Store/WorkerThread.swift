import Glibc
import Synchronization

/// Threads of our own for work that blocks: Swift's pool has one thread a core and must not wait.
package struct WorkerThread: ~Copyable {
    private let handle: pthread_t

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts `body`; nil where the system has no thread left. It must be joined or detached.
    package init?(_ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }
        guard pthread_create(&thread, &attributes, entry, box.toOpaque()) == 0 else {
            box.release()
            return nil
        }
        handle = thread
    }

    package consuming func join() { pthread_join(handle, nil) }
    package consuming func detach() { pthread_detach(handle) }
}

/// A switch that goes from off to on once.
package final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package var isSet: Bool { flag.load(ordering: .relaxed) }
    package func set() { flag.store(true, ordering: .relaxed) }
}
