import OCI
import Registry
import Synchronization
import Threads

/// A blob on its way from one registry to another: downloaded on a thread of its own and handed over in memory, a bounded
/// part at a time.
///
/// Its digest is verified before the last byte is handed over, unless it was begun in the middle: then the registry that
/// it goes to finds out.
final class BlobPipe: UploadSource {
    private let client: RegistryClient
    private let descriptor: Descriptor
    private let repository: Repository
    private let endpoint: RegistryEndpoint?
    private let cancellation: CancellationFlag
    private let state = Mutex(State())

    private struct State {
        var flow: Flow?
        /// Where the next byte that is read belongs.
        var position: Int64 = 0
    }

    /// `client` should have no rate limit of its own: what is uploaded is slowed, and the download waits for it.
    init(
        _ descriptor: Descriptor, from repository: Repository, endpoint: RegistryEndpoint?, client: RegistryClient,
        cancellation: CancellationFlag
    ) {
        self.client = client
        self.descriptor = descriptor
        self.repository = repository
        self.endpoint = endpoint
        self.cancellation = cancellation
    }

    func seek(to offset: Int64) {
        let old = state.withLock { state -> Flow? in
            if state.flow != nil, state.position == offset { return nil }
            defer { state.flow = nil }
            state.position = offset
            return state.flow
        }
        old?.stop()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let (flow, isNew) = state.withLock { state in
            if let flow = state.flow { return (flow, false) }
            let flow = Flow(from: state.position)
            state.flow = flow
            return (flow, true)
        }
        if isNew {
            let handler = cancellation.onCancel { flow.stop() }
            let started = WorkerThread.startDetached { [self] in
                download(flow)
                cancellation.removeHandler(handler)
            }
            guard started else {
                cancellation.removeHandler(handler)
                throw BackendError(.io, "the system has no thread for another download")
            }
        }
        let count = flow.pipe.read(into: buffer)
        if count == 0, let failure = flow.failure.withLock({ $0 }) { throw failure }
        state.withLock { $0.position += Int64(count) }
        return count
    }

    func close() { state.withLock { $0.flow.take() }?.stop() }

    /// One download and what it goes through.
    private final class Flow: Sendable {
        let start: Int64
        let pipe = BytePipe()
        let flag = CancellationFlag()
        let failure = Mutex<RegistryError?>(nil)

        init(from start: Int64) { self.start = start }

        func stop() {
            flag.cancel()
            pipe.close()
        }
    }

    private struct Unwanted: Error {}

    private func download(_ flow: Flow) {
        defer { flow.pipe.finish() }
        let (descriptor, registry) = (descriptor, repository.registry)
        // Bytes that a registry sends again because it does not send parts are passed over.
        var position = flow.start
        var next = flow.start
        var hasher = DigestHasher(descriptor.digest.algorithm)
        var actual: Digest?
        do throws(RegistryError) {
            try client.downloadBlobRetrying(
                descriptor, from: repository, preferring: endpoint, offset: flow.start, cancellation: flow.flag,
                onStart: { next = $0 },
                onBytes: { bytes in
                    let passed = min(Int64(bytes.count), max(0, position - next))
                    next += Int64(bytes.count)
                    let new = UnsafeRawBufferPointer(rebasing: bytes[Int(passed)...])
                    guard !new.isEmpty else { return }
                    position += Int64(new.count)
                    if flow.start == 0 {
                        hasher.update(new)
                        if position == descriptor.size {
                            let found = hasher.finish()
                            hasher = DigestHasher(descriptor.digest.algorithm)
                            actual = found
                            guard found == descriptor.digest else { throw Unwanted() }
                        }
                    }
                    guard flow.pipe.write(new) else { throw Unwanted() }
                })
        } catch {
            // It was tried often enough: the upload is not to begin all over for it.
            var failure = RegistryError(
                error.reason, error.message, hint: error.hint, status: error.status, registry: error.registry,
                cause: error.cause)
            if let actual, actual != descriptor.digest {
                failure = RegistryError(
                    .digestMismatch, "\(registry) serves \(actual) as \(descriptor.digest)",
                    hint: "the registry or something on the way changes content; nothing of it was written",
                    registry: registry)
            }
            flow.failure.withLock { [failure] in $0 = failure }
        }
    }
}
