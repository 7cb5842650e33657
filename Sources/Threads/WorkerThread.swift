import CLinux
import Glibc

/// A thread of our own for work that blocks or needs a deep stack: Swift's pool has one thread a core and must not wait.
///
/// Its signals are blocked, but for those that its own faults raise: what comes from outside is for the main thread.
package struct WorkerThread: ~Copyable {
    private let handle: pthread_t

    /// Enough for work that neither recurses nor keeps large values on the stack.
    package static let defaultStackSize = 1 << 20

    /// Starts `body`; nil where the system has no such thread to give. It must be joined or detached.
    ///
    /// `guardSize` is the unusable part at the stack's end, a page where it is nil; `name` is what debuggers show, of
    /// which the first 15 bytes count.
    package init?(
        stackSize: Int = defaultStackSize, guardSize: Int? = nil, name: String? = nil,
        _ body: @escaping @Sendable () -> Void
    ) {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return nil }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        if let guardSize { pthread_attr_setguardsize(&attributes, guardSize) }
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
            if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        }
        // A thread starts with the mask of the one that makes it.
        var blocked = WorkerThread.outsideSignals
        var previous = sigset_t()
        pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        guard pthread_create(&thread, &attributes, entry, start.toOpaque()) == 0 else {
            start.release()
            return nil
        }
        handle = thread
    }

    package consuming func join() { pthread_join(handle, nil) }
    package consuming func detach() { pthread_detach(handle) }

    /// Starts `body` on a thread that nobody waits for; false where there could be none, and `body` was not run.
    package static func startDetached(
        stackSize: Int = defaultStackSize, guardSize: Int? = nil, name: String? = nil,
        _ body: @escaping @Sendable () -> Void
    ) -> Bool {
        guard let thread = WorkerThread(stackSize: stackSize, guardSize: guardSize, name: name, body) else {
            return false
        }
        thread.detach()
        return true
    }

    private static let outsideSignals: sigset_t = {
        var signals = sigset_t()
        sigfillset(&signals)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP] { sigdelset(&signals, fault) }
        return signals
    }()

    private final class Start: Sendable {
        private let name: String?
        private let body: @Sendable () -> Void

        init(name: String?, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            if let name { dsh_name_thread(name) }
            body()
        }
    }
}

/// Runs blocking work on a thread made for it, and waits for what it returns without holding a thread of Swift's pool.
/// Where the system has no thread to give it runs on the caller's: better slowly than not at all.
package func onOwnThread<Value: Sendable, Failure: Error>(
    stackSize: Int = WorkerThread.defaultStackSize, _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
        let work: @Sendable () -> Void = {
            continuation.resume(returning: Result { () throws(Failure) in try body() })
        }
        if !WorkerThread.startDetached(stackSize: stackSize, work) { work() }
    }
    return try outcome.get()
}
