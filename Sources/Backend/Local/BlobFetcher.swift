import Glibc
import OCI
import Registry
import Store
import Synchronization
import Threads

/// Where an image's blobs are asked for: its repository, first at the mirror that served its manifest.
struct BlobSource: Sendable {
    let repository: Repository
    /// nil where the manifest was in the store.
    let endpoint: RegistryEndpoint?
}

/// Fetches blobs into the store on threads of its own: several at a time, each only once however many images need it.
final class BlobFetcher: Sendable {
    struct Outcome: Sendable {
        /// The blob was there before.
        let existed: Bool
        /// Bytes that came over the network now.
        let downloaded: Int64
    }

    private struct Job: Sendable {
        let descriptor: Descriptor
        let source: BlobSource
        let label: String
    }

    private struct State {
        var queue: [Job] = []
        var threads = 0
        var waiting: [Digest: [CheckedContinuation<Result<Outcome, BackendError>, Never>]] = [:]
        var done: [Digest: Result<Outcome, BackendError>] = [:]
    }

    private let store: Store
    private let registry: RegistryClient
    private let concurrency: Int
    private let cancellation: CancellationFlag
    private let events: any PullEvents
    /// Told of each layer that is in the store.
    private let arrived: @Sendable (Descriptor) -> Void
    private let state = Mutex(State())
    /// How many blobs are on their way right now.
    private let downloads = Atomic<Int>(0)
    private static let reportInterval = Duration.milliseconds(50)
    private let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    init(
        store: Store, registry: RegistryClient, concurrency: Int, cancellation: CancellationFlag,
        events: any PullEvents, arrived: @escaping @Sendable (Descriptor) -> Void
    ) {
        self.store = store
        self.registry = registry
        self.concurrency = concurrency
        self.cancellation = cancellation
        self.events = events
        self.arrived = arrived
    }

    /// Waits until the blob is in the store, whole and verified. Asking twice for one blob fetches it once.
    func fetch(
        _ descriptor: Descriptor, from source: BlobSource, label: String
    ) async throws(BackendError) -> Outcome {
        let job = Job(descriptor: descriptor, source: source, label: label)
        let outcome = await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Result<Outcome, BackendError>? in
                if let result = state.done[descriptor.digest] { return result }
                if state.waiting[descriptor.digest] != nil {
                    state.waiting[descriptor.digest]?.append(continuation)
                    return nil
                }
                state.waiting[descriptor.digest] = [continuation]
                state.queue.append(job)
                return nil
            }
            if let ready { return continuation.resume(returning: ready) }
            report(job, .waiting, 0)
            startThread()
        }
        return try outcome.get()
    }

    /// One more thread, unless there are enough.
    private func startThread() {
        let starts = state.withLock { state in
            guard state.threads < concurrency, !state.queue.isEmpty else { return false }
            state.threads += 1
            return true
        }
        guard starts else { return }
        // No thread to be had: better slowly on this one than not at all.
        if !WorkerThread.startDetached({ [self] in work() }) { work() }
    }

    private func work() {
        while let job = next() {
            let result: Result<Outcome, BackendError>
            do throws(BackendError) {
                result = .success(try run(job))
            } catch {
                report(job, .failed, 0)
                result = .failure(error)
            }
            let continuations = state.withLock { state in
                // A blob that failed may be asked for again, from another repository.
                if case .success = result { state.done[job.descriptor.digest] = result }
                return state.waiting.removeValue(forKey: job.descriptor.digest) ?? []
            }
            for continuation in continuations { continuation.resume(returning: result) }
        }
    }

    private func next() -> Job? {
        state.withLock { state in
            if state.queue.isEmpty {
                state.threads -= 1
                return nil
            }
            return state.queue.removeFirst()
        }
    }

    private func report(_ job: Job, _ event: PullEvent.State, _ bytes: Int64) {
        events.report(
            PullEvent(
                digest: job.descriptor.digest, label: job.label, state: event, bytes: bytes, total: job.descriptor.size)
        )
    }

    private func run(_ job: Job) throws(BackendError) -> Outcome {
        let descriptor = job.descriptor
        let flag = cancellation
        let ingest = try storing { () throws(StoreError) in
            try store.beginIngest(descriptor, cancelled: { flag.isCancelled })
        }
        if ingest.isComplete {
            report(job, .exists, descriptor.size)
            arrived(descriptor)
            return Outcome(existed: true, downloaded: 0)
        }
        let received = try download(job, into: ingest)
        report(job, .done, descriptor.size)
        arrived(descriptor)
        return Outcome(existed: false, downloaded: received)
    }

    /// Downloads what is missing and commits the blob; how many bytes came. What a failed download brought is kept for
    /// the next time, unless it is known to be wrong.
    private func download(_ job: Job, into ingest: Ingest) throws(BackendError) -> Int64 {
        let descriptor = job.descriptor
        var received: Int64 = 0
        var shown = ContinuousClock.now
        var failure: StoreError?
        if ingest.offset > 0 { report(job, .resumed, ingest.offset) }
        do throws(RegistryError) {
            downloads.add(1, ordering: .relaxed)
            defer { downloads.subtract(1, ordering: .relaxed) }
            try registry.downloadBlobRetrying(
                descriptor, from: job.source.repository, preferring: job.source.endpoint, offset: ingest.offset,
                cancellation: cancellation,
                onRetry: { error, _ in report(job, .retrying(error.message), ingest.offset) },
                onStart: { place in
                    if place != ingest.offset { try ingest.restart() }
                    report(job, .downloading, place)
                },
                onBytes: { bytes in
                    // The last blob, mostly the largest, has the processors for itself.
                    let isProcessorFree = downloads.load(ordering: .relaxed) < processors
                    do throws(StoreError) { try ingest.append(bytes, digestingAside: isProcessorFree) } catch {
                        failure = error
                        throw error
                    }
                    received += Int64(bytes.count)
                    // The display draws ten times a second; telling it of every 16 KB would only cost.
                    let now = ContinuousClock.now
                    if now - shown >= BlobFetcher.reportInterval {
                        shown = now
                        report(job, .downloading, ingest.offset)
                    }
                })
        } catch {
            if error.reason == .blobTooLong || error.reason == .blobTooShort { ingest.discard() }
            throw failure.map { BackendError($0) } ?? BackendError(error)
        }
        report(job, .verifying, descriptor.size)
        try storing { () throws(StoreError) in try ingest.commit() }
        return received
    }
}
