import Glibc
import Layers
package import OCI

/// A blob on its way into the store, under `ingest/` until it is whole, verified and durable.
///
/// Belongs to one thread at a time. Dropping it keeps what came so far, for the next `beginIngest` of the same blob,
/// in this process or another.
package final class Ingest {
    package let digest: Digest
    /// How many bytes the blob has, as its descriptor says.
    package let size: Int64
    /// The blob is in the store; there is nothing to append.
    package private(set) var isComplete: Bool
    /// Bytes from an earlier run that were taken over: the download goes on at `offset`.
    package private(set) var resumedFrom: Int64 = 0

    private let layout: StoreLayout
    private var partial: PartialFile?

    init(complete descriptor: Descriptor, layout: StoreLayout) {
        digest = descriptor.digest
        size = descriptor.size
        self.layout = layout
        isComplete = true
    }

    init(_ descriptor: Descriptor, layout: StoreLayout, partial: consuming PartialFile) {
        digest = descriptor.digest
        size = descriptor.size
        self.layout = layout
        resumedFrom = partial.size
        isComplete = false
        self.partial = consume partial
    }

    deinit {
        // What is in the buffer is worth keeping; the lock goes with the file.
        try? partial?.flush()
        partial?.releaseReserve()
    }

    /// How many bytes are here; the next to append is at this offset.
    package var offset: Int64 { isComplete ? size : partial?.size ?? 0 }

    /// Takes the next bytes. With `digestingAside` they are digested on a thread of the ingest's own: faster where a
    /// processor has nothing else to do, dearer where none has. It may change from call to call.
    ///
    /// Throws `corrupt` (and drops the partial) beyond the descriptor's size, `no_space`, `io`.
    package func append(_ bytes: UnsafeRawBufferPointer, digestingAside: Bool = false) throws(StoreError) {
        guard partial != nil else { throw closed }
        guard Int64(bytes.count) <= size - offset else {
            discard()
            throw StoreError(.corrupt, "the blob \(digest) is longer than the \(size) bytes its descriptor says")
        }
        do throws(SystemError) { try partial?.append(bytes, digestingAside: digestingAside) } catch {
            // What is whole in the file stays for the next run; this one cannot tell where it stands.
            partial?.keepWhole()
            partial = nil
            throw StoreError(error)
        }
    }

    /// Forgets what is here: for a server that sends the whole blob where the rest was asked for.
    package func restart() throws(StoreError) {
        guard partial != nil else { throw closed }
        resumedFrom = 0
        do throws(SystemError) { try partial?.restart() } catch { throw StoreError(error) }
    }

    /// Verifies size and digest, makes the blob durable and gives it its name.
    ///
    /// Throws `corrupt` where bytes are missing (the partial stays), `digest_mismatch` (the partial is dropped; after
    /// a resumed download starting anew may help), `no_space`, `io`.
    package func commit() throws(StoreError) {
        if isComplete { return }
        guard partial != nil else { throw closed }
        guard offset == size else {
            throw StoreError(.corrupt, "the blob \(digest) ended after \(offset) of \(size) bytes")
        }
        do throws(SystemError) {
            try partial?.flush()
        } catch { throw StoreError(error) }
        let actual = partial?.digest()
        guard actual == digest else {
            let resumed = resumedFrom > 0
            discard()
            throw StoreError(
                .digestMismatch, "the blob \(digest) has another digest: \(actual.map(\.description) ?? "none")",
                hint: resumed ? "what an earlier run had fetched was damaged and is dropped; run it again" : nil)
        }
        do throws(SystemError) {
            try partial?.file.synchronize()
            try Directory.create(layout.blobDirectory(digest.algorithm))
            try Directory.rename(layout.partial(digest), to: layout.blob(digest))
            try Directory.synchronize(layout.blobDirectory(digest.algorithm))
        } catch { throw StoreError(error) }
        isComplete = true
        partial = nil
    }

    /// Gives up and deletes what came so far.
    package func discard() {
        guard partial != nil else { return }
        unlink(layout.partial(digest))
        partial = nil
    }

    private var closed: StoreError { StoreError(.conflict, "the blob \(digest) takes no more bytes") }
}

extension Store {
    /// Starts or goes on with fetching a blob.
    ///
    /// Where another process or thread fetches the same blob, waits (asking `cancelled` every 50 ms) until it is done,
    /// and then finds the blob complete, or gave up, and then goes on with what it left. What is here already is
    /// digested on the way. Throws `interrupted`, `corrupt` for a negative size, `no_space`, `io`.
    package func beginIngest(
        _ descriptor: Descriptor, cancelled: () -> Bool = { false }
    ) throws(StoreError) -> Ingest {
        guard descriptor.size >= 0 else { throw StoreError(.corrupt, "\(descriptor.digest) has a negative size") }
        let present = Ingest(complete: descriptor, layout: layout)
        if hasBlob(descriptor.digest, size: descriptor.size) { return present }
        try prepare()
        let path = layout.partial(descriptor.digest)
        while true {
            let file: OpenFile
            do {
                file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, operation: "write")
            } catch { throw StoreError(error) }
            guard try FileLock.tryLock(file) else {
                if cancelled() { throw .interrupted }
                Clock.pause(0.05)
                if hasBlob(descriptor.digest, size: descriptor.size) { return present }
                continue
            }
            // The name may have been taken away (committed or dropped) between open and lock: then look again.
            let status: FileStatus
            do { status = try file.status() } catch { throw StoreError(error) }
            guard let named = try? FileStatus(path: path), named.isSameFile(as: status)
            else {
                if hasBlob(descriptor.digest, size: descriptor.size) { return present }
                continue
            }
            if hasBlob(descriptor.digest, size: descriptor.size) {
                unlink(path)
                return present
            }
            return try open(file, status: status, descriptor: descriptor, cancelled: cancelled)
        }
    }

    private func open(
        _ file: consuming OpenFile, status: FileStatus, descriptor: Descriptor, cancelled: () -> Bool
    ) throws(StoreError) -> Ingest {
        var partial = PartialFile(file, algorithm: descriptor.digest.algorithm, expecting: descriptor.size)
        if status.size > descriptor.size || !status.isRegular {
            do { try partial.restart() } catch { throw StoreError(error) }
        } else {
            try partial.resume(cancelled: cancelled)
        }
        return Ingest(descriptor, layout: layout, partial: partial)
    }
}
