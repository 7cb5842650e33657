import OCI
import Store

/// What images consist of, read before they go, to tell afterwards what their removal did.
struct RemovalAnatomies: Sendable {
    private struct Image: Sendable {
        let id: Digest
        var rows: [ImageRow] = []
        /// Whether no row of it stays.
        let isLast: Bool
    }

    private var images: [Image] = []
    private var anatomies: [Digest: ImageAnatomy] = [:]
    /// Whether anything of the entry's documents was here.
    private var present: Set<Digest> = []

    /// - Parameters:
    ///   - taken: the rows that go
    ///   - rows: all rows that there are
    init(_ taken: [ImageRow], among rows: [ImageRow], in backend: LocalBackend) {
        let gone = Set(taken.map(\.entry))
        let staying = Set(rows.lazy.filter { !gone.contains($0.entry) }.map(\.id))
        var places: [Digest: Int] = [:]
        for row in taken {
            let place = places[row.id] ?? images.count
            if place == images.count {
                places[row.id] = place
                images.append(Image(id: row.id, isLast: !staying.contains(row.id)))
            }
            images[place].rows.append(row)
            guard anatomies[row.entry.digest] == nil else { continue }
            let anatomy = backend.anatomy(of: row.entry)
            anatomies[row.entry.digest] = anatomy
            if anatomy.documents.contains(where: { backend.store.hasBlob($0) }) { present.insert(row.entry.digest) }
        }
    }

    /// Every layer of the images, each once.
    var layers: [Descriptor] {
        var seen: Set<Digest> = []
        return images.flatMap(\.rows).flatMap { anatomies[$0.entry.digest]?.layers ?? [] }.map(\.blob)
            .filter { seen.insert($0.digest).inserted }
    }

    /// What removing the rows did, where it freed what `report` says: of each image its names, then its documents, then
    /// its layers from the top. `fileBytes` has what layers hold unpacked. As Docker, with `isDockers`, the digests that
    /// names were pulled with are names, too, in the order of what they are in full.
    func steps(_ report: CollectionReport, fileBytes: [Digest: Int64] = [:], isDockers: Bool = false) -> [PruneStep] {
        var freed = Dictionary(report.blobs.map { ($0.digest, $0.size) }) { first, _ in first }
        var steps: [PruneStep] = []
        for image in images {
            let digests = Set(image.rows.map(\.entry.digest))
            let isHere = !digests.isDisjoint(with: present)
            if isDockers { steps += RemovalAnatomies.dockersNames(image.rows) }
            for row in image.rows where !isDockers {
                // Of a dangling row whose blobs are all absent, the row is all that goes.
                guard let name = row.name ?? (isHere ? nil : row.entry.digest.description) else { continue }
                steps.append(PruneStep(.reference, name, id: row.id, digest: row.entry.digest))
            }
            guard isHere else { continue }
            // While another row of the same image stays, only a dangling manifest of it goes.
            let deleted = image.isLast ? image.rows : image.rows.filter { $0.name == nil }
            let nameless = deleted.filter { $0.name == nil }.map(\.entry.digest)
            guard let main = nameless.first ?? deleted.first?.entry.digest else { continue }
            var documents: [PruneStep] = [
                PruneStep(.image, (image.isLast ? image.id : main).description, id: image.id, digest: main)
            ]
            var layers: [PruneStep] = []
            var seen: Set<Digest> = []
            for digest in [main] + deleted.map(\.entry.digest) where seen.insert(digest).inserted {
                guard let anatomy = anatomies[digest] else { continue }
                // Further dangling manifests of the image have no name that could stand for them.
                if digest != main, nameless.contains(digest) {
                    documents.append(PruneStep(.image, digest.description, id: image.id, digest: digest))
                }
                let place = documents.last?.digest == digest ? documents.count - 1 : 0
                documents[place].reclaimed += anatomy.documents.reduce(0) { $0 + (freed.removeValue(forKey: $1) ?? 0) }
                for (blob, chainID) in anatomy.layers.reversed() {
                    guard let size = freed.removeValue(forKey: blob.digest) else { continue }
                    layers.append(
                        PruneStep(
                            .layer, chainID.description, id: image.id, digest: blob.digest, reclaimed: size,
                            fileBytes: fileBytes[blob.digest]))
                }
            }
            steps += documents + layers
        }
        return steps
    }

    private static func dockersNames(_ rows: [ImageRow]) -> [PruneStep] {
        var names: [(reference: Reference, digest: Digest)] = []
        func add(_ reference: Reference, _ row: ImageRow) {
            if !names.contains(where: { $0.reference == reference }) { names.append((reference, row.entry.digest)) }
        }
        for row in rows {
            guard let reference = row.entry.reference else { continue }
            add(reference, row)
            if row.entry.lastPulled != nil, reference.digest == nil {
                add(Reference(repository: reference.repository, digest: row.entry.digest), row)
            }
        }
        names.sort { $0.reference.canonical.utf8.lexicographicallyPrecedes($1.reference.canonical.utf8) }
        return names.map { PruneStep(.reference, $0.reference.familiar, id: rows[0].id, digest: $0.digest) }
    }
}
