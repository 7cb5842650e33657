package import OCI

/// How images are put into registries: what one command asks for, for all of its images.
package struct TransferOptions: Sendable {
    /// Only this platform of an index; nil for all of it.
    package var platform: Platform?
    /// Also what refers to the images: signatures, SBOMs, attestations.
    package var referrers: Bool
    /// Blobs on their way at once.
    package var concurrency: Int
    package var dryRun: Bool

    package init(platform: Platform? = nil, referrers: Bool = false, concurrency: Int = 4, dryRun: Bool = false) {
        self.platform = platform
        self.referrers = referrers
        self.concurrency = concurrency
        self.dryRun = dryRun
    }
}
