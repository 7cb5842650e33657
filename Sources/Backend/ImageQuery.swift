/// Which images to list.
package struct ImageQuery: Sendable {
    /// `REPOSITORY[:TAG]`, a `reference` pattern in Docker's sense; nil for all.
    package var reference: String?
    /// Docker's `--filter` conditions, in the order given.
    package var filters: [ImageFilter]
    /// Whether sizes are needed: they may have to be counted first, layer by layer.
    package var withSizes: Bool

    package init(reference: String? = nil, filters: [ImageFilter] = [], withSizes: Bool = true) {
        self.reference = reference
        self.filters = filters
        self.withSizes = withSizes
    }
}
