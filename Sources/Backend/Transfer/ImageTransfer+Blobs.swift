import OCI
import Registry
import Synchronization
import Threads

extension ImageTransfer {
    /// What `send` would do with each blob.
    func plan(
        _ blobs: [Descriptor], from origin: any ImageOrigin, to target: any ImageTarget
    ) async throws(BackendError) -> [TransferResult.Blob] {
        try await forEach(blobs, atOnce: true) { blob throws(BackendError) in
            if blob.mediaType.isForeignLayer { return status(blob, "foreign") }
            if try await target.hasBlob(blob) { return status(blob, "exists") }
            if let other = try await target.mountSource(of: blob, among: origin.repositories(with: blob.digest)) {
                return status(blob, "mountable", other.path)
            }
            try origin.expect(blob)
            return status(blob, "missing")
        }
    }

    /// Puts blobs into the target; how many bytes were sent, and what became of each.
    func send(
        _ blobs: [Descriptor], from origin: any ImageOrigin, to target: any ImageTarget
    ) async throws(BackendError) -> (sent: Int64, blobs: [TransferResult.Blob]) {
        // In an order of their own, so that equal images give equal archives.
        let ordered = target.isSequential ? blobs.sorted { $0.digest < $1.digest } : blobs
        let outcomes = try await forEach(ordered, atOnce: !target.isSequential) { blob throws(BackendError) in
            if blob.mediaType.isForeignLayer { return (Int64(0), status(blob, "foreign")) }
            let outcome = try await uploads.value(UploadFlights.Key(digest: blob.digest, place: target.place)) {
                () async throws(BackendError) in
                try await put(blob, from: origin, to: target)
            }
            return (outcome.sent, status(blob, outcome.how.rawValue, outcome.mountedFrom))
        }
        return (outcomes.reduce(0) { $0 + $1.0 }, outcomes.map(\.1))
    }

    private func put(
        _ blob: Descriptor, from origin: any ImageOrigin, to target: any ImageTarget
    ) async throws(BackendError) -> UploadOutcome {
        let (flag, events) = (flag, events)
        let label = blob.mediaType.isLayer ? blob.digest.short : "config"
        @Sendable func report(_ state: PullEvent.State, _ bytes: Int64) {
            events.report(PullEvent(digest: blob.digest, label: label, state: state, bytes: bytes, total: blob.size))
        }
        report(.waiting, 0)
        do throws(BackendError) {
            let outcome = try await slots.run { () async throws(BackendError) in
                try await onOwnThread { () throws(BackendError) in
                    if flag.isCancelled { throw .interrupted }
                    let shown = Mutex<Int64>(0)
                    let heard = UploadEvents(
                        onProgress: { bytes in
                            // The display draws ten times a second; telling it of every piece would only cost.
                            let isDue = shown.withLock { shown in
                                guard bytes < shown || bytes - shown >= 1 << 20 else { return false }
                                shown = bytes
                                return true
                            }
                            if isDue { report(.uploading, bytes) }
                        },
                        onRetry: { error in report(.retrying(error.message), 0) })
                    do throws(BackendError) {
                        return try target.put(blob, from: origin, events: heard, flag: flag)
                    } catch { throw origin.explained(error, of: blob, flag: flag) }
                }
            }
            report(outcome.how == .uploaded ? .done : .exists, blob.size)
            return outcome
        } catch {
            report(.failed, 0)
            throw error
        }
    }

    private func status(_ blob: Descriptor, _ status: String, _ from: String? = nil) -> TransferResult.Blob {
        TransferResult.Blob(digest: blob.digest, size: blob.size, status: status, mountedFrom: from)
    }

    /// Work for every descriptor, side by side or one after the other, results in their order; the first failure is thrown
    /// when all that was begun has ended.
    func forEach<Value: Sendable>(
        _ blobs: [Descriptor], atOnce: Bool,
        _ work: @escaping @Sendable (Descriptor) async throws(BackendError) -> Value
    ) async throws(BackendError) -> [Value] {
        var values: [Value] = []
        guard atOnce else {
            for blob in blobs { values.append(try await work(blob)) }
            return values
        }
        let results = await withTaskGroup(of: (Int, Result<Value, BackendError>).self) { group in
            for (place, blob) in blobs.enumerated() {
                group.addTask {
                    do throws(BackendError) { return (place, .success(try await work(blob))) } catch {
                        return (place, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for place in blobs.indices {
            if let result = results[place] { values.append(try result.get()) }
        }
        return values
    }
}
