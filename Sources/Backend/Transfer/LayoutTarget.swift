import Glibc
import OCI
import Registry
import Store
import Threads

/// An OCI image layout in a directory, which images are added to.
///
/// Anybody may have written there before: what it has already counts once it was read and its digest found right, each blob
/// once in a run, and what is damaged is put there anew.
final class LayoutTarget: ImageTarget {
    private let addition: LayoutAddition
    private let layoutName: LayoutName
    private let shown: String
    private let path: String
    private let checks: BlobChecks
    private let flag: CancellationFlag
    let place: String

    /// `shown` is what records call it, `checks` what the command's images share. Throws `usage` where `path` is a file.
    init(
        path: String, name: LayoutName, shown: String, checks: BlobChecks, flag: CancellationFlag
    ) throws(BackendError) {
        addition = try storing { () throws(StoreError) in try LayoutAddition(path: path) }
        layoutName = name
        self.shown = shown
        self.path = path
        self.checks = checks
        self.flag = flag
        // One directory may be called in several ways.
        var whole = path
        if let resolved = realpath(path, nil) {
            whole = String(cString: resolved)
            free(resolved)
        }
        place = "oci:" + whole
    }

    func name(of root: Descriptor) -> String { shown }

    func current(_ root: Descriptor) async throws(BackendError) -> Digest? {
        let entries = try inLayout(path) { () throws(StoreError) in try addition.store.entries() }
        let named = entries.filter { layoutName.isEmpty ? $0.digest == root.digest : $0.layoutName == layoutName }
        return named.first?.digest
    }

    func hasDocument(_ digest: Digest) async throws(BackendError) -> Bool { addition.holdsDocument(digest) }

    func hasBlob(_ blob: Descriptor) async throws(BackendError) -> Bool {
        guard addition.store.hasBlob(blob.digest, size: blob.size) else { return false }
        return try await checks.reading { [self] () throws(BackendError) in
            try await onOwnThread { [self] () throws(BackendError) in try holds(blob, flag) }
        }
    }

    private func holds(_ blob: Descriptor, _ flag: CancellationFlag) throws(BackendError) -> Bool {
        let key = UploadFlights.Key(digest: blob.digest, place: place)
        if checks.isSound(key) { return addition.store.hasBlob(blob.digest, size: blob.size) }
        let isSound = try storing { () throws(StoreError) in
            try addition.holds(blob, cancelled: { flag.isCancelled })
        }
        if isSound { checks.add(key) }
        return isSound
    }

    func begin(_ tree: DocumentTree, flag: CancellationFlag) async throws(BackendError) {
        let addition = addition
        try await onOwnThread { [path] () throws(BackendError) in
            try inLayout(path) { () throws(StoreError) in
                try addition.begin(needing: tree.needed.map(\.digest), cancelled: { flag.isCancelled })
            }
        }
    }

    func put(
        _ blob: Descriptor, from origin: any ImageOrigin, events: UploadEvents, flag: CancellationFlag
    ) throws(BackendError) -> UploadOutcome {
        if try holds(blob, flag) { return UploadOutcome(how: .exists, sent: 0) }
        let file = try inLayout(path) { () throws(StoreError) in
            try addition.blob(blob, cancelled: { flag.isCancelled })
        }
        var count: Int64 = 0
        try origin.read(blob, flag: flag) { bytes throws(BackendError) in
            try storing { () throws(StoreError) in try file.append(bytes) }
            count += Int64(bytes.count)
            events.onProgress(count)
        }
        // What is wrong with it is not this layout's fault.
        try storing { () throws(StoreError) in try file.verify() }
        try inLayout(path) { () throws(StoreError) in
            try addition.end(file, blob.digest, cancelled: { flag.isCancelled })
        }
        checks.add(UploadFlights.Key(digest: blob.digest, place: place))
        return UploadOutcome(how: .uploaded, sent: blob.size)
    }

    /// So often what another took away is put back before it is an error.
    private static let attempts = 5

    func put(
        _ tree: DocumentTree, isReferrer: Bool, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> Bool {
        guard let root = tree.root else { return false }
        return try await onOwnThread { [self] () throws(BackendError) in
            var isWritten = false
            for attempt in 1... {
                try inLayout(path) { () throws(StoreError) in
                    for document in tree.documents
                    where try addition.write(
                        document.bytes, document.descriptor, cancelled: { flag.isCancelled })
                    { isWritten = true }
                }
                let placing = try inLayout(path) { () throws(StoreError) in
                    try addition.place(
                        root.descriptor, as: isReferrer ? LayoutName() : layoutName, needing: tree.needed,
                        cancelled: { flag.isCancelled })
                }
                guard case .missing(let digests) = placing else { return isWritten || placing == .changed }
                guard attempt < LayoutTarget.attempts else {
                    throw BackendError(.conflict, "another program takes blobs out of \(shown) meanwhile")
                }
                try inLayout(path) { () throws(StoreError) in
                    try addition.begin(needing: tree.needed.map(\.digest), cancelled: { flag.isCancelled })
                }
                for blob in tree.blobs where digests.contains(blob.digest) {
                    _ = try put(blob, from: origin, events: UploadEvents(), flag: flag)
                }
            }
            return false
        }
    }

    func finish() async throws(BackendError) { addition.finish() }

    func abandon() async {
        let addition = addition
        await onOwnThread { addition.discard() }
    }
}
