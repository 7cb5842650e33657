import Store
import Synchronization

/// What a command knows of where blobs are, by registry: the store is looked through once for all images of it.
final class OriginCache: Sendable {
    private struct Key: Hashable {
        let store: ObjectIdentifier
        let registry: String
    }

    private let known = Mutex<[Key: BlobPlaces]>([:])

    func places(_ store: Store, _ registry: String) -> BlobPlaces {
        known.withLock { known in
            let key = Key(store: ObjectIdentifier(store), registry: registry)
            if let places = known[key] { return places }
            let places = BlobPlaces(store, on: registry)
            known[key] = places
            return places
        }
    }
}
