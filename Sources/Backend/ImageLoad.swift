package import OCI

/// An archive or a layout to take images from.
package struct LoadRequest: Sendable {
    package enum Source: Sendable, Hashable {
        /// An archive: a docker-archive of any age or an OCI archive, packed or not.
        case file(String)
        /// An OCI image layout.
        case directory(String)
        /// An archive that comes through an open descriptor, which stays open; `name` is what messages call it.
        case descriptor(Int32, name: String)
    }

    package var source: Source
    /// Take the images for this platform alone.
    package var platform: Platform?
    /// Read and verify everything, and change nothing.
    package var dryRun: Bool
    /// An archive whose list of images is empty is no failure.
    package var acceptsEmpty: Bool

    package init(source: Source, platform: Platform? = nil, dryRun: Bool = false, acceptsEmpty: Bool = false) {
        self.source = source
        self.platform = platform
        self.dryRun = dryRun
        self.acceptsEmpty = acceptsEmpty
    }
}

/// One name of an archive, and the image that it means now.
package struct LoadResult: Sendable {
    package enum Status: String, Sendable {
        case loaded
        /// The name meant this image before, and all of it was there.
        case upToDate = "up_to_date"
        case planned
    }

    package struct Layer: Sendable {
        package var digest: Digest
        package var diffID: Digest?
        /// Bytes of the blob.
        package var size: Int64
        /// `loaded`, `exists` or `foreign`.
        package var status: String
    }

    /// Nil for an image without a name.
    package var reference: Reference?
    package var id: Digest
    package var digest: Digest
    package var platform: Platform
    package var status: Status
    /// The sum of the layers' file bytes.
    package var size: Int64
    /// The Id of the image that the name meant before, where that is another.
    package var replaced: Digest?
    package var layers: [Layer]
}
