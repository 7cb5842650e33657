import CLinux
import Glibc
import Layers
package import OCI
import Synchronization
import Threads

/// Works out layer facts while a pull goes on, on one thread that runs only when nothing else wants the processor or
/// the disk. A pull feeds it every layer that is in the store.
package final class LayerFactsQueue: Sendable {
    private let store: Store
    private let stopFlag = CancellationFlag()
    private let state: Mutex<State>

    private struct State {
        var waiting: [Descriptor] = []
        var isRunning = false
    }

    package init(store: Store) {
        self.store = store
        state = Mutex(State())
    }

    deinit { stopFlag.cancel() }

    /// Adds a layer whose blob is in the store. Never waits.
    package func add(_ layer: Descriptor) {
        guard !stopFlag.isCancelled else { return }
        let starts = state.withLock { state in
            state.waiting.append(layer)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard starts else { return }
        // The thread holds the queue's parts, not the queue, so that dropping the queue ends it.
        let run = Run(queue: self)
        if !WorkerThread.startDetached({ run.work() }) { state.withLock { $0.isRunning = false } }
    }

    /// Stops within a few milliseconds of processor time and forgets what waits; the rest is worked out when needed.
    /// Does not wait for the thread: with its priority it may get no turn for long.
    package func stop() {
        stopFlag.cancel()
        state.withLock { $0.waiting.removeAll() }
    }

    /// How many layers wait or are being read.
    package var pending: Int { state.withLock { $0.waiting.count + ($0.isRunning ? 1 : 0) } }

    private final class Run: Sendable {
        private let store: Store
        private let stop: CancellationFlag
        private let next: @Sendable () -> Descriptor?

        init(queue: LayerFactsQueue) {
            store = queue.store
            stop = queue.stopFlag
            next = { [weak queue] in
                queue?.state.withLock { state in
                    if state.waiting.isEmpty {
                        state.isRunning = false
                        return nil
                    }
                    return state.waiting.removeFirst()
                }
            }
        }

        func work() {
            dsh_idle_priority()
            while !stop.isCancelled, let layer = next() {
                // What fails here fails again, with its error, for whoever needs the facts.
                _ = try? store.layerFacts(for: layer, cancelled: { [stop] in stop.isCancelled })
            }
        }
    }
}
