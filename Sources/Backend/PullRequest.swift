package import OCI

/// What to fetch.
package struct PullRequest: Sendable {
    package var references: [Reference]
    /// The platform wanted of an index; nil for this machine's.
    package var platform: Platform?
    /// Every tag of the repositories named.
    package var allTags: Bool
    /// Every platform of an index.
    package var allPlatforms: Bool
    /// Wait until every layer was unpacked once and compared with its diff_id.
    package var verify: Bool
    /// How many layers are fetched at once.
    package var concurrency: Int
    /// Look only: resolve, and say what would be fetched.
    package var dryRun: Bool
    package var transport: TransportChoice

    package init(
        references: [Reference], platform: Platform? = nil, allTags: Bool = false, allPlatforms: Bool = false,
        verify: Bool = false, concurrency: Int = 3, dryRun: Bool = false,
        transport: TransportChoice = TransportChoice()
    ) {
        self.references = references
        self.platform = platform
        self.allTags = allTags
        self.allPlatforms = allPlatforms
        self.verify = verify
        self.concurrency = concurrency
        self.dryRun = dryRun
        self.transport = transport
    }
}
