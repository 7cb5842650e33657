package import OCI

/// One image that was fetched.
package struct PullResult: Sendable {
    package enum Status: String, Sendable {
        /// Something was fetched, or a name was set anew.
        case downloaded
        /// The store had it all.
        case upToDate = "up_to_date"
        /// `--dry-run`: this would be fetched.
        case planned
    }

    package struct Layer: Sendable {
        package var digest: Digest
        /// Compressed bytes, as the manifest says.
        package var size: Int64
        /// `fetched`, `exists`, `missing` (`--dry-run`) or `foreign` (left where it is).
        package var status: String
    }

    package var reference: Reference
    package var digest: Digest
    package var id: Digest
    package var platform: Platform
    package var status: Status
    /// Bytes of config and layers as the manifest lists them.
    package var size: Int64
    /// Bytes that came over the network for this image.
    package var downloaded: Int64
    package var layers: [Layer]
}
