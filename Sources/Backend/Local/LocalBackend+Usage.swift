import OCI
import Store
import Threads

extension LocalBackend {
    package func diskUsage() async throws(BackendError) -> DiskUsage {
        try await withCancellationFlag { flag throws(BackendError) in
            try storing { () throws(StoreError) in
                let images = try store.images(detail: .sizes, cancelled: { flag.isCancelled })
                let bytes = Store.layerBytes(of: images)
                let usage = try store.usage(cancelled: { flag.isCancelled })
                return DiskUsage(
                    imageCount: Set(images.map { $0.record?.id ?? $0.entry.digest }).count, activeCount: 0,
                    layerBytes: bytes, reclaimable: bytes, disk: DiskUsage.Disk(usage))
            }
        }
    }

    package func imageUsage() async throws(BackendError) -> [ImageUsage] {
        try await withCancellationFlag { flag throws(BackendError) in
            let cancelled: @Sendable () -> Bool = { flag.isCancelled }
            let list = try storing { () throws(StoreError) in
                ImageList(try store.listing(withSizes: true, cancelled: cancelled))
            }
            var images: [ImageUsage] = []
            var roots: [[Digest]] = []
            var places: [Digest: Int] = [:]
            for place in 0..<list.count {
                list.withImage(place) { listed in
                    guard let id = Digest(utf8: listed.id), let digest = Digest(utf8: listed.digest) else { return }
                    func text(_ bytes: UnsafeRawBufferPointer) -> String? {
                        bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
                    }
                    let place = places[id] ?? images.count
                    if place == images.count {
                        places[id] = place
                        roots.append([])
                        images.append(
                            ImageUsage(
                                names: [], id: id, created: text(listed.created), size: listed.size,
                                sharedSize: listed.sharedSize, containers: 0, diskSize: nil))
                    }
                    if let name = text(listed.reference) ?? text(listed.name) { images[place].names.append(name) }
                    roots[place].append(digest)
                }
            }
            let bytes = try storing { () throws(StoreError) in
                try store.blobBytes(of: roots, cancelled: cancelled)
            }
            for place in images.indices {
                images[place].names.sort()
                images[place].diskSize = bytes[place]
            }
            return images
        }
    }
}

extension DiskUsage.Disk {
    init(_ usage: StoreUsage) {
        func part(_ part: StoreUsage.Part) -> DiskUsage.Part { DiskUsage.Part(count: part.count, bytes: part.bytes) }
        self.init(
            blobs: part(usage.needed), unreferenced: part(usage.unreferenced), partials: part(usage.partials),
            quarantine: part(usage.quarantine), cache: part(usage.cache), bytes: usage.bytes)
    }
}
