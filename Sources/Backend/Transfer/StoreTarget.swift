import OCI
import Registry
import Store
import Synchronization
import Threads

/// A name in the local store. As with a pull, what a copy that failed fetched stays for the next attempt, without a name.
final class StoreTarget: ImageTarget {
    private let store: Store
    private let reference: Reference
    private let lease = Mutex<Lease?>(nil)

    /// `reference` has a tag or a digest.
    init(_ reference: Reference, in store: Store) {
        self.store = store
        self.reference = reference
    }

    var place: String { "store:" }

    func name(of root: Descriptor) -> String { "store:" + reference.familiar }

    func current(_ root: Descriptor) async throws(BackendError) -> Digest? {
        if let wanted = reference.digest, wanted != root.digest {
            throw BackendError(
                .digestMismatch, "the image is \(root.digest), and not \(wanted)",
                hint: "leave the digest out of the target: it keeps the source's")
        }
        return try storing { () throws(StoreError) in try store.entry(named: reference)?.digest }
    }

    func hasDocument(_ digest: Digest) async throws(BackendError) -> Bool { store.hasBlob(digest) }

    func hasBlob(_ blob: Descriptor) async throws(BackendError) -> Bool { store.hasBlob(blob.digest, size: blob.size) }

    func begin(_ tree: DocumentTree, flag: CancellationFlag) async throws(BackendError) {
        try storing { () throws(StoreError) in
            let lease = try store.beginLease()
            try lease.protect(tree.needed.map(\.digest))
            self.lease.withLock { $0 = lease }
        }
    }

    func put(
        _ blob: Descriptor, from origin: any ImageOrigin, events: UploadEvents, flag: CancellationFlag
    ) throws(BackendError) -> UploadOutcome {
        let ingest = try storing { () throws(StoreError) in
            try store.beginIngest(blob, cancelled: { flag.isCancelled })
        }
        if ingest.isComplete { return UploadOutcome(how: .exists, sent: 0) }
        if ingest.resumedFrom > 0 {
            do throws(BackendError) { return try fill(ingest, blob, from: origin, events, flag) } catch {
                // What an earlier run had fetched was damaged, and is dropped.
                guard error.code == .digestMismatch else { throw error }
            }
            let anew = try storing { () throws(StoreError) in
                try store.beginIngest(blob, cancelled: { flag.isCancelled })
            }
            if anew.isComplete { return UploadOutcome(how: .exists, sent: 0) }
            return try fill(anew, blob, from: origin, events, flag)
        }
        return try fill(ingest, blob, from: origin, events, flag)
    }

    private func fill(
        _ ingest: Ingest, _ blob: Descriptor, from origin: any ImageOrigin, _ events: UploadEvents,
        _ flag: CancellationFlag
    ) throws(BackendError) -> UploadOutcome {
        let start = ingest.offset
        try origin.read(blob, from: start, flag: flag) { bytes throws(BackendError) in
            try storing { () throws(StoreError) in try ingest.append(bytes) }
            events.onProgress(ingest.offset)
        }
        try storing { () throws(StoreError) in try ingest.commit() }
        return UploadOutcome(how: .uploaded, sent: blob.size - start)
    }

    func put(
        _ tree: DocumentTree, isReferrer: Bool, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> Bool {
        guard let root = tree.root?.descriptor else { return false }
        let (store, reference) = (store, reference)
        return try await onOwnThread { () throws(BackendError) in
            try storing { () throws(StoreError) in
                for document in tree.documents {
                    try store.writeBlob(document.bytes, digest: document.descriptor.digest)
                }
                let changes = try store.setReferences(
                    [ReferenceUpdate(reference: reference, descriptor: root)], cancelled: { flag.isCancelled })
                return changes.contains { $0.previous != root.digest }
            }
        }
    }

    func finish() async throws(BackendError) { release() }

    func abandon() async { release() }

    private func release() { lease.withLock { $0.take() }?.release() }
}
