package import OCI

/// How images are put somewhere: what one command asks for, for all of its images.
package struct TransferOptions: Sendable {
    /// Only this platform of an index; nil for all of it.
    package var platform: Platform?
    /// Also what refers to the images: signatures, SBOMs, attestations.
    package var referrers: Bool
    /// Blobs on their way at once.
    package var concurrency: Int
    package var dryRun: Bool
    /// Whose media types they get; nil leaves them as they are.
    package var format: ImageFormat?
    /// Whether the parts of an index that the target has already are asked for: someone may have deleted them below it.
    package var checksParts: Bool

    package init(
        platform: Platform? = nil, referrers: Bool = false, concurrency: Int = 4, dryRun: Bool = false,
        format: ImageFormat? = nil, checksParts: Bool = true
    ) {
        self.platform = platform
        self.referrers = referrers
        self.concurrency = concurrency
        self.dryRun = dryRun
        self.format = format
        self.checksParts = checksParts
    }
}
