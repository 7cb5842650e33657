import OCI
import Registry
import Threads

/// Where one image is copied to, under one name. `ImageOrigin` is its counterpart.
protocol ImageTarget: AnyObject, Sendable {
    /// Tells this place from others: a blob that several images of a command share is put there once.
    var place: String { get }
    /// It holds images for one platform each, and no index.
    var holdsOnePlatform: Bool { get }
    /// What has a name or a digest there has all that it is made of: nothing below it has to be looked at.
    var vouchesForParts: Bool { get }
    /// Blobs come one after the other, in an order that nothing else decides.
    var isSequential: Bool { get }

    /// What the image will be called there, as records show it.
    func name(of root: Descriptor) -> String

    /// The digest that the name has there now; nil where it has none. Throws `digest_mismatch` where the name is of another
    /// digest than `root`'s.
    func current(_ root: Descriptor) async throws(BackendError) -> Digest?

    func hasDocument(_ digest: Digest) async throws(BackendError) -> Bool

    func hasBlob(_ blob: Descriptor) async throws(BackendError) -> Bool

    /// Which of these repositories a blob that is not there would be mounted from; nil where its bytes would be sent.
    func mountSource(of blob: Descriptor, among repositories: [Repository]) async throws(BackendError) -> Repository?

    /// The tree as this place can hold it; nil where it takes every tree as it is.
    func fitted(
        _ tree: DocumentTree, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> DocumentTree?

    /// Nothing was written so far, and now it will be: what `tree` is made of.
    func begin(_ tree: DocumentTree, flag: CancellationFlag) async throws(BackendError)

    /// Puts a blob there, unless it is there. Called on a thread that may wait.
    func put(
        _ blob: Descriptor, from origin: any ImageOrigin, events: UploadEvents, flag: CancellationFlag
    ) throws(BackendError) -> UploadOutcome

    /// Puts the manifests of a tree there, all of whose blobs are there, the root last; it gets the name, or where
    /// `isReferrer` none. Returns whether anything changed.
    func put(
        _ tree: DocumentTree, isReferrer: Bool, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> Bool

    /// All is there.
    func finish() async throws(BackendError)

    /// Nothing of it is to stay that would not have come about otherwise.
    func abandon() async
}

extension ImageTarget {
    var holdsOnePlatform: Bool { false }
    var vouchesForParts: Bool { false }
    var isSequential: Bool { false }

    func mountSource(of blob: Descriptor, among repositories: [Repository]) async throws(BackendError) -> Repository? {
        nil
    }

    func fitted(
        _ tree: DocumentTree, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> DocumentTree? { nil }

    func begin(_ tree: DocumentTree, flag: CancellationFlag) async throws(BackendError) {}
    func finish() async throws(BackendError) {}
    func abandon() async {}
}

extension ImageOrigin {
    /// Hands out a blob piece by piece, on this thread. `offset` is where to begin.
    ///
    /// Throws what reading throws, in its own words, what `take` throws, `interrupted`.
    func read(
        _ blob: Descriptor, from offset: Int64 = 0, flag: CancellationFlag,
        _ take: (UnsafeRawBufferPointer) throws(BackendError) -> Void
    ) throws(BackendError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        do {
            let source = try self.blob(blob, cancellation: flag)
            defer { source.close() }
            try source.seek(to: offset)
            while true {
                if flag.isCancelled { throw BackendError.interrupted }
                let count = try source.read(into: buffer)
                if count == 0 { return }
                try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        } catch { throw BackendError(transfer: error) }
    }
}
