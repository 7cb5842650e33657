import Layers
import OCI

/// Unpacks the layers of an archive once each: compares them with their diff_ids and keeps what is to be known of them.
final class LayerCheck {
    private(set) var facts: [Digest: LayerFacts] = [:]
    private let stage: ArchiveStage
    private var tables: [Table] = []

    /// A file table that becomes the store's together with its layer.
    private final class Table {
        let table: PendingTable
        let facts: LayerFacts

        init(_ table: consuming PendingTable, _ facts: LayerFacts) {
            self.table = table
            self.facts = facts
        }
    }

    init(stage: ArchiveStage) { self.stage = stage }

    /// Throws `corrupt` for what is no layer and for a bomb, `unsupported`, `no_space`, `io`, `interrupted`.
    func facts(of file: StagedFile, mediaType: MediaType = .ociLayer) throws(StoreError) -> LayerFacts {
        if let known = facts[file.digest] { return known }
        let found: LayerFacts
        if file.isStored {
            found = try stage.store.layerFacts(
                for: Descriptor(mediaType: mediaType, digest: file.digest, size: file.size),
                limits: stage.limits.layers, cancelled: stage.cancelled)
        } else {
            let blob = try file.open()
            let table = PendingTable(layout: stage.store.layout)
            let writer = table?.writer()
            do {
                found = try LayerReader.facts(
                    of: blob, digest: file.digest, mediaType: mediaType, limits: stage.limits.layers, table: writer,
                    cancelled: stage.cancelled)
            } catch { throw StoreError(error) }
            if let table { tables.append(Table(table, found)) }
        }
        facts[file.digest] = found
        return found
    }

    /// Checks that the layers of `manifest` unpack to what the config says. A foreign layer that is not here is passed over.
    ///
    /// Throws `digest_mismatch` where one does not, `corrupt` where there is another number of them, and as `facts`.
    func check(_ manifest: Manifest, config: ImageConfig, blobs: [Digest: StagedFile]) throws(StoreError) {
        guard manifest.isImage else { return }
        guard manifest.layers.count == config.diffIDs.count else {
            throw LayerCheck.mismatch(expected: manifest.layers.count, got: config.diffIDs.count)
        }
        for (layer, diffID) in zip(manifest.layers, config.diffIDs) {
            guard let file = blobs[layer.digest] else { continue }
            let actual = try facts(of: file, mediaType: layer.mediaType).diffID
            guard actual == diffID else { throw LayerCheck.mismatch(layer.digest.description, actual, diffID) }
        }
    }

    /// Keeps what was found of the layers, which are in the store now.
    func remember() {
        for entry in tables { entry.table.commit(entry.facts) }
        tables = []
    }

    /// In Docker's words: as many layers are listed, and so many diff_ids.
    static func mismatch(expected: Int, got: Int) -> StoreError {
        StoreError(.corrupt, "invalid manifest, layers length mismatch: expected \(expected), got \(got)")
    }

    static func mismatch(_ layer: String, _ actual: Digest, _ wanted: Digest) -> StoreError {
        StoreError(
            .digestMismatch, "layer \(layer) unpacks to \(actual), and the image says \(wanted)",
            hint: "the archive is damaged or was made wrongly")
    }
}
