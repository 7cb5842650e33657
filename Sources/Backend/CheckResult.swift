package import OCI

/// How to check a store.
package struct CheckRequest: Sendable {
    /// Images to check, by name or Id; empty for the whole store.
    package var names: [String]
    /// Whether every blob is read and digested; without it only presence and size are compared.
    package var digests: Bool
    package var repair: Bool
    /// Repair nothing; tell what would be repaired.
    package var dryRun: Bool

    package init(names: [String] = [], digests: Bool = true, repair: Bool = false, dryRun: Bool = false) {
        self.names = names
        self.digests = digests
        self.repair = repair
        self.dryRun = dryRun
    }
}

/// One thing that a check looked at.
package struct CheckResult: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A name or a dangling image: whole or not.
        case image
        /// A blob with something to say of it.
        case blob
        /// A file that is no blob.
        case file
        /// `oci-layout` or `index.json`.
        case layout
    }

    package var kind: Kind
    /// The familiar name, of a named image.
    package var reference: String?
    package var digest: Digest?
    /// Relative to the store; nil for images.
    package var file: String?
    /// Whether nothing is wrong with it.
    package var isOk: Bool
    /// A stable word: `digest_mismatch`, `missing_blob`, … nil where there is nothing to say.
    package var problem: String?
    /// The same for people.
    package var message: String?
    package var size: Int64?
    /// The images that need it, where it is damaged.
    package var images: [String]
    /// Whether it was put aside, or mended; under `dryRun`, whether it would be. nil where repair was not asked for.
    package var isRepaired: Bool?

    package init(
        _ kind: Kind, reference: String? = nil, digest: Digest? = nil, file: String? = nil, isOk: Bool,
        problem: String? = nil, message: String? = nil, size: Int64? = nil, images: [String] = [],
        isRepaired: Bool? = nil
    ) {
        self.kind = kind
        self.reference = reference
        self.digest = digest
        self.file = file
        self.isOk = isOk
        self.problem = problem
        self.message = message
        self.size = size
        self.images = images
        self.isRepaired = isRepaired
    }
}
