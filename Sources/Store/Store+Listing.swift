import Glibc
import Layers
package import OCI

extension Store {
    /// All images as lists show them: newest first, then by name. Artifacts that are no images are among them, with their
    /// blobs' bytes for a size and no platform: they take room, and can be removed, like any other. With `withSizes`,
    /// layers that nobody has looked into are unpacked for it, which may take long.
    ///
    /// The answer to the same question about the same `index.json` comes from the cache. Throws `corrupt` for a damaged
    /// `index.json`, `io`, `interrupted`. Blocks: call it on a thread that may wait.
    package func listing(
        platform: Platform = .host, withSizes: Bool, cancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(StoreError) -> ImageListing {
        try checkLayout()
        let known = IndexIdentity(path: layout.indexFile).flatMap { cachedListing($0, platform: platform) }
        if let known, known.hasSizes || !withSizes { return known.listing }

        let (entries, identity) = try entriesAndIdentity()
        let (stored, absent) = try images(
            of: entries, platform: platform, detail: withSizes ? .sizes : .records, cancelled: cancelled,
            progress: progress)
        let images = ImageOrder.sorted(stored)
        var builder = ImageListingBuilder()
        for image in images { builder.add(ImageListingFields(image)) }
        // Whether an image can be read, and whether a layer is here, does not show in `index.json`: that is looked at again.
        let hasSizes = withSizes && images.allSatisfy { $0.record?.isMeasured ?? false }
        guard let identity, stored.allSatisfy({ $0.error == nil }), hasSizes || known == nil else {
            return builder.listing
        }
        let cached = CachedListing(
            identity: identity, platform: platform.description, hasSizes: hasSizes,
            absent: absent.map(\.description).sorted())
        let (bytes, start) = cached.encoded(builder)
        try? Directory.create(layout.cache)
        try? AtomicFile.write(bytes, to: layout.listing, durable: false)
        return ImageListing(bytes, from: start, count: builder.count)
    }

    private func cachedListing(
        _ identity: IndexIdentity, platform: Platform
    ) -> (listing: ImageListing, hasSizes: Bool)? {
        guard let file = try? OpenFile(layout.listing, flags: O_RDONLY | O_NOFOLLOW),
            let bytes = try? file.readAll(limit: ImageTable.maximumBytes),
            let (cached, listing) = CachedListing.decode(bytes),
            cached.identity == identity, cached.platform == platform.description,
            // A child that was not here then, and that would have been chosen, may have come without a change of the index.
            cached.absent.allSatisfy({ (try? Digest($0)).map { !hasBlob($0) } ?? false })
        else { return nil }
        return (listing, cached.hasSizes)
    }
}

/// The cached listing's file: a magic, a hash of the rest, what the listing is an answer to, and the listing.
struct CachedListing {
    /// Ends with the layout's version.
    static let magic = Array("DSHLIST2".utf8)
    static let bodyStart = magic.count + 8

    var identity: IndexIdentity
    var platform: String
    /// Whether every image has its size.
    var hasSizes: Bool
    /// The digests of children that would have been chosen, had they been here.
    var absent: [String]

    func encoded(_ builder: ImageListingBuilder) -> (bytes: [UInt8], listingStart: Int) {
        var header = ByteWriter()
        for word in identity.words { header.number(word) }
        header.text(platform)
        header.number(hasSizes ? 1 : 0)
        header.number(absent.count)
        for digest in absent { header.text(digest) }
        header.number(builder.count)
        let room = [UInt8](repeating: 0, count: CachedListing.bodyStart)
        var bytes = builder.encoded(after: room + header.bytes)
        let hash = bytes.withBytes { quickHash(UnsafeRawBufferPointer(rebasing: $0[CachedListing.bodyStart...])) }
        bytes.replaceSubrange(
            ..<CachedListing.bodyStart,
            with: CachedListing.magic + (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) })
        return (bytes, room.count + header.bytes.count)
    }

    /// nil where the file is damaged, cut short or of another version.
    static func decode(_ bytes: [UInt8]) -> (CachedListing, ImageListing)? {
        guard bytes.count >= bodyStart, bytes.starts(with: magic) else { return nil }
        var count = 0
        var start = 0
        let cached = bytes.withBytes { raw -> CachedListing? in
            let stored = raw.loadUnaligned(fromByteOffset: magic.count, as: UInt64.self)
            guard quickHash(UnsafeRawBufferPointer(rebasing: raw[bodyStart...])) == UInt64(littleEndian: stored) else {
                return nil
            }
            var reader = ByteReader(raw, at: bodyStart)
            let words = (0..<IndexIdentity.wordCount).map { _ in reader.number() }
            let platform = reader.text()
            let hasSizes = reader.number() == 1
            let absent = (0..<reader.count()).map { _ in reader.text() }
            count = reader.count()
            start = reader.offset
            guard !reader.isBroken else { return nil }
            return CachedListing(
                identity: IndexIdentity(words: words), platform: platform, hasSizes: hasSizes, absent: absent)
        }
        return cached.map { ($0, ImageListing(bytes, from: start, count: count)) }
    }
}

extension ImageListingFields {
    fileprivate init(_ image: StoredImage) {
        self.init()
        let (entry, record) = (image.entry, image.record)
        id = record?.id?.description ?? entry.digest.description
        digest = entry.digest.description
        (fullName, name, lastPulled) = (entry.fullName, entry.name, entry.lastPulled)
        created = record?.created
        platform = (record?.platform ?? Platform(os: "unknown", architecture: "unknown")).description
        (size, sharedSize) = (image.size, image.sharedSize)
        labels = record?.labels ?? []
    }
}
