import Layers
import OCI
import Registry
import Store
import Synchronization
import Threads

/// An archive of one image, written front to back as the blobs come.
final class ArchiveTarget: ImageTarget, @unchecked Sendable {  // One blob or document at a time: `isSequential`.
    private let destination: ArchiveDestination
    private let layoutName: LayoutName
    /// What a docker-archive calls the image.
    private let references: [Reference]
    private let layers: UnpackedLayers
    private let events: any PullEvents
    private var output: (any ArchiveOutput)?
    private var writer: ArchiveWriter?
    private var failure: BackendError?
    private var images: [ArchivedImage] = []

    /// Layers that have to be unpacked before they can be written wait in `store`. `references` are for a docker-archive,
    /// `name` for an OCI archive.
    init(
        _ destination: ArchiveDestination, name: LayoutName, references: [Reference], store: Store,
        events: any PullEvents
    ) {
        self.destination = destination
        layoutName = name
        self.references = references
        self.events = events
        layers = UnpackedLayers(store)
    }

    var place: String { "archive:\(ObjectIdentifier(self))" }
    var holdsOnePlatform: Bool { destination.kind == .docker }
    var isSequential: Bool { true }

    func name(of root: Descriptor) -> String { destination.shown }

    // What is there is replaced, whatever it has.
    func current(_ root: Descriptor) async throws(BackendError) -> Digest? { nil }
    func hasDocument(_ digest: Digest) async throws(BackendError) -> Bool { false }
    func hasBlob(_ blob: Descriptor) async throws(BackendError) -> Bool { false }

    /// Docker before 23 knows no zstd: then the layers are unpacked, as `save` does it.
    func fitted(
        _ tree: DocumentTree, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> DocumentTree? {
        guard destination.kind == .docker, let root = tree.root else { return nil }
        let manifest: Manifest
        do throws(ManifestError) {
            manifest = try Manifest(bytes: root.bytes, mediaType: root.descriptor.mediaType)
        } catch { throw BackendError(error) }
        guard manifest.isImage else {
            throw BackendError(
                .unsupported, "\(root.descriptor.digest) is no image, which is all that a docker-archive holds",
                hint: "oci-archive: and oci: hold artifacts of every kind")
        }
        guard tree.blobs.contains(where: { LayerCompression.promised(by: $0.mediaType) == .zstd }) else { return nil }
        let (layers, events) = (layers, events)
        return try await onOwnThread { () throws(BackendError) in
            let made = try layers.unpack(manifest, from: origin, events: events, flag: flag)
            return try DocumentTree([DocumentTree.Document(descriptor: made.descriptor, bytes: made.bytes)])
        }
    }

    func begin(_ tree: DocumentTree, flag: CancellationFlag) async throws(BackendError) {
        guard writer == nil else { return }
        let file: any ArchiveOutput
        do { file = try await destination.open() } catch {
            throw (error as? BackendError) ?? BackendError(.interrupted, "interrupted")
        }
        output = file
        writer = ArchiveWriter(destination.kind == .docker ? .docker : .oci) {
            [unowned self] bytes throws(StoreError) in
            do throws(BackendError) { try file.write(bytes, cancelled: { flag.isCancelled }) } catch {
                failure = error
                throw StoreError(.io, error.message)
            }
        }
    }

    func put(
        _ blob: Descriptor, from origin: any ImageOrigin, events: UploadEvents, flag: CancellationFlag
    ) throws(BackendError) -> UploadOutcome {
        guard let writer, !writer.contains(blob.digest) else { return UploadOutcome(how: .exists, sent: 0) }
        var count: Int64 = 0
        try writing { () throws(StoreError) in try writer.beginBlob(blob.digest, size: blob.size) }
        func append(_ bytes: UnsafeRawBufferPointer) throws(BackendError) {
            try writing { () throws(StoreError) in try writer.append(bytes) }
            count += Int64(bytes.count)
            events.onProgress(count)
        }
        if try !layers.read(blob.digest, flag: flag, append) { try origin.read(blob, flag: flag, append) }
        try writing { () throws(StoreError) in try writer.endBlob() }
        return UploadOutcome(how: .uploaded, sent: blob.size)
    }

    func put(
        _ tree: DocumentTree, isReferrer: Bool, from origin: any ImageOrigin, flag: CancellationFlag
    ) async throws(BackendError) -> Bool {
        guard let writer, let root = tree.root else { return false }
        for document in tree.documents {
            if flag.isCancelled { throw .interrupted }
            try writing { () throws(StoreError) in
                try writer.writeBlob(document.bytes, digest: document.descriptor.digest)
            }
        }
        var image = ArchivedImage(descriptor: root.descriptor, references: [], manifest: nil)
        if destination.kind == .docker {
            image.references = references
            do throws(ManifestError) {
                image.manifest = try Manifest(bytes: root.bytes, mediaType: root.descriptor.mediaType)
            } catch { throw BackendError(error) }
        } else if !isReferrer {
            image.descriptor = layoutName.descriptor(of: root.descriptor)
        }
        images.append(image)
        return true
    }

    func finish() async throws(BackendError) {
        guard let writer, let output else { return }
        let images = images
        try writing { () throws(StoreError) in try writer.finish(images) }
        try await output.commit()
        self.output = nil
    }

    func abandon() async {
        output?.discard()
        output = nil
    }

    /// What the file's own error was, in its words.
    private func writing(_ body: () throws(StoreError) -> Void) throws(BackendError) {
        do throws(StoreError) { try body() } catch { throw failure ?? BackendError(error) }
    }
}
