import OCI
import Store

/// The images that `ImageBackend.images` lists, in their order. Rows are read where they lie: nothing is made of ten
/// thousand of them but what is asked for.
package struct ImageList: Sendable {
    private let listing: ImageListing
    /// The rows that are in the list; nil for all.
    private let chosen: [Int]?

    /// A list of these, in this order.
    package init(_ summaries: [ImageSummary]) {
        var builder = ImageListingBuilder()
        for summary in summaries { builder.add(ImageListingFields(summary)) }
        self.init(builder.listing)
    }

    init(_ listing: ImageListing, rows: [Int]? = nil) {
        self.listing = listing
        chosen = rows
    }

    package var count: Int { chosen?.count ?? listing.count }

    /// Calls `body` with the image at `place` of the list; its texts last as long as the call.
    package func withImage<Result>(_ place: Int, _ body: (ListedImage) -> Result) -> Result {
        listing.withRow(chosen?[place] ?? place) { body(ListedImage(row: $0)) }
    }

    /// The images' Ids in the order of the list, each once.
    package var ids: [String] {
        var seen: Set<String> = []
        seen.reserveCapacity(count)
        var ids: [String] = []
        ids.reserveCapacity(count)
        for place in 0..<count {
            let id = withImage(place) { String(decoding: $0.id, as: UTF8.self) }
            if seen.insert(id).inserted { ids.append(id) }
        }
        return ids
    }

    /// The images that `isWanted`.
    func filter(_ isWanted: (ListedImage) -> Bool) -> ImageList {
        ImageList(
            listing,
            rows: (0..<count).compactMap { place in
                withImage(place, isWanted) ? chosen?[place] ?? place : nil
            })
    }
}

/// One image of a list. Texts are UTF-8, in the list's bytes.
package struct ListedImage {
    fileprivate let row: ImageListingRow

    /// The config's digest.
    package var id: UnsafeRawBufferPointer { row.id }
    /// What the registry served for the tag: an index's digest where it was one.
    package var digest: UnsafeRawBufferPointer { row.digest }
    /// The name as it stands; empty for a dangling image.
    package var name: UnsafeRawBufferPointer { row.name.isEmpty ? row.fullName : row.name }
    /// What the name means to a Docker user, in familiar form; all three empty where it is no reference, the tag also where
    /// there is none.
    package var reference: UnsafeRawBufferPointer { row.reference }
    package var repository: UnsafeRawBufferPointer { row.repository }
    package var tag: UnsafeRawBufferPointer { row.tag }
    /// RFC 3339; empty where the image does not say.
    package var created: UnsafeRawBufferPointer { row.created }
    /// Sum of the file bytes of all layers; nil where it is not known.
    package var size: Int64? { row.size }
    /// The part of `size` in layers that other images have too.
    package var sharedSize: Int64? { row.sharedSize }
    /// `os/architecture[/variant]`
    package var platform: UnsafeRawBufferPointer { row.platform }
    /// In the config's order; the keys differ.
    package var labels: [(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)] { row.labels }
    /// When dsh last pulled it, RFC 3339; empty if it never did.
    package var lastPulled: UnsafeRawBufferPointer { row.lastPulled }

    package var isDangling: Bool { name.isEmpty }

    /// When the image was made; the beginning of time where it does not say.
    var moment: Timestamp {
        Timestamp(String(decoding: created, as: UTF8.self)) ?? Timestamp(seconds: .min)
    }
}

extension ImageListingFields {
    fileprivate init(_ summary: ImageSummary) {
        self.init()
        id = summary.id.description
        digest = summary.digest.description
        name = summary.name
        created = summary.created
        platform = summary.platform.description
        lastPulled = summary.lastPulled
        (size, sharedSize) = (summary.size, summary.sharedSize)
        labels = summary.labels
    }
}
