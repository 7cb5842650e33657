package import OCI

/// One image that was put into a registry, a layout, an archive or the store.
package struct TransferResult: Sendable {
    package enum Status: String, Sendable {
        /// Something was sent, or a name was set anew.
        case copied
        /// It was all there under that name.
        case upToDate = "up_to_date"
        /// `--dry-run`: this would be done.
        case planned
    }

    package struct Blob: Sendable {
        package var digest: Digest
        /// Bytes, as the manifest says.
        package var size: Int64
        /// `exists`, `mounted`, `uploaded` or `foreign` (left where it is); `mountable` or `missing` where only a plan is made.
        package var status: String
        /// The path of the repository that it was, or would be, mounted from.
        package var mountedFrom: String?
    }

    /// What was copied, as it was named.
    package var source: String
    /// Its name where it was put; with a digest instead of a tag where it was copied under none.
    package var target: String
    package var digest: Digest
    package var mediaType: MediaType
    package var status: Status
    /// Bytes of the manifest or index itself.
    package var manifestSize: Int64
    /// Bytes of manifests, configs and layers together; nil where nothing had to be looked at, since it is all there.
    package var size: Int64?
    /// Bytes of blobs that were sent.
    package var sent: Int64
    /// Manifests and indexes that are part of it, itself included, and those that refer to it, where they came along; nil like
    /// `size`.
    package var manifests: Int?
    package var blobs: [Blob]
    /// What another format has no place for, a line each.
    package var dropped: [String]
}
