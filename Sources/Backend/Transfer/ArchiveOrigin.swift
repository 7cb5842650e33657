import OCI
import Registry
import Store
import Synchronization
import Threads

/// An image out of an archive, which is read and verified as a whole beside the store, and gone when this is.
///
/// Uploads run side by side and a staged archive belongs to one thread at a time: its files are opened under the lock, and
/// read without it.
final class ArchiveOrigin: ImageOrigin, @unchecked Sendable {
    let root: Descriptor
    /// What the archive calls the image; empty where it has no name.
    let name: LayoutName
    /// Keeps what was staged from being collected.
    private let archive: StagedArchive
    /// Of all images: those that refer to the one may come along.
    private let files: [Digest: StagedFile]
    private let subjects: [(subject: Digest, referrer: Descriptor)]
    private let places: BlobPlaces
    private let lock = Mutex(())

    /// Reads the archive at `path`, of any kind and packed in any way, and picks the image that is called `name`, or the only
    /// one. Blocks: call it on a thread that may wait. `shown` is what messages call the source.
    ///
    /// Throws `not_found` where it has no such image, `usage` where it has several, and as `Store.stage` does.
    init(
        path: String, name: String?, shown: String, store: Store, places: BlobPlaces, flag: CancellationFlag
    ) throws(BackendError) {
        let staged: StagedArchive
        do throws(StoreError) {
            staged = try store.stage(.file(path), prefersStored: false, cancelled: { flag.isCancelled })
        } catch {
            var failure = BackendError(error)
            // Where there is no such file, the error names it itself.
            if failure.code != .interrupted, failure.code != .notFound {
                failure.message = "cannot read \(path): \(error.message)"
            }
            throw failure
        }
        let found = name.map { name in staged.images.filter { $0.isCalled(name) } } ?? staged.images.picked
        guard let image = found.first, found.count == 1 else {
            let names = staged.images.prefix(8).map { image in
                image.layoutName.reference?.familiar ?? image.layoutName.name ?? image.descriptor.digest.description
            }
            throw BackendError(
                found.isEmpty ? .notFound : .usage,
                found.isEmpty ? "there is no image \(shown)" : "there are \(found.count) images in \(shown)",
                hint: "say which, as in \(shown.prefix { $0 != ":" }):\(path):NAME; it has "
                    + names.joined(separator: ", "))
        }
        archive = staged
        root = image.descriptor
        self.name = image.layoutName
        files = staged.images.reduce(into: [:]) { files, image in files.merge(image.blobs) { first, _ in first } }
        subjects = staged.images.flatMap(\.referrers)
        self.places = places
    }

    func platform(of manifest: Manifest) async throws(BackendError) -> Platform? {
        guard let file = files[manifest.config.digest] else { return nil }
        let bytes = try lock.withLock { _ throws(BackendError) in
            try storing { () throws(StoreError) in try file.bytes(limit: ImageConfig.maximumBytes) }
        }
        do { return try ImageConfig(bytes: bytes).platform } catch { throw BackendError(error) }
    }

    func document(_ descriptor: Descriptor) async throws(BackendError) -> [UInt8]? {
        guard let file = files[descriptor.digest] else { return nil }
        let bytes = try lock.withLock { _ throws(BackendError) in
            try storing { () throws(StoreError) in try file.bytes(limit: Manifest.maximumBytes) }
        }
        // What the store had already was not read out of the archive.
        guard Digest.of(bytes, algorithm: descriptor.digest.algorithm) == descriptor.digest else {
            throw BackendError(
                .corrupt, "the store's manifest \(descriptor.digest) is damaged", hint: "`fsck` tells what else is")
        }
        return bytes
    }

    func blob(_ descriptor: Descriptor, cancellation: CancellationFlag) throws -> any UploadSource {
        guard let file = files[descriptor.digest] else {
            throw BackendError(.notFound, "the archive has no blob \(descriptor.digest)")
        }
        return try lock.withLock { _ throws(StoreError) in StoreBlob(try file.open()) }
    }

    func repositories(with digest: Digest) -> [Repository] { places.repositories(with: digest) }

    func referrers(of digest: Digest) async throws(BackendError) -> [Descriptor] {
        subjects.filter { $0.subject == digest }.map(\.referrer)
    }

    func hintOnAbsence(of source: String) -> String { "--platform takes one platform alone" }
}

extension LoadableImage {
    /// Whether the archive calls it so: by the whole name, by the tag alone as most tools write it, or by its digest.
    fileprivate func isCalled(_ text: String) -> Bool {
        if descriptor.digest.description == text || layoutName.name == text { return true }
        let wanted = (try? Reference(text))?.taggedDefault
        return references.contains { $0 == wanted || $0.tag == text }
    }

    /// Those of its manifests that refer to another, and itself where it is an index that does.
    fileprivate var referrers: [(subject: Digest, referrer: Descriptor)] {
        var found = manifests.compactMap { manifest in manifest.subject.map { ($0.digest, manifest.referrer) } }
        if descriptor.mediaType.isIndex, let bytes = try? blobs[descriptor.digest]?.bytes(limit: Manifest.maximumBytes),
            let index = try? Index(bytes: bytes), let subject = index.subject
        {
            found.append((subject.digest, index.referrer))
        }
        return found
    }
}

extension [LoadableImage] {
    /// Those that are meant where no name is given: what refers to an image is not.
    fileprivate var picked: [LoadableImage] {
        let alone = filter(\.referrers.isEmpty)
        return alone.isEmpty ? self : alone
    }
}
