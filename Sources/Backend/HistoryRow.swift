package import OCI

/// One row of `history`, as Docker composes it from config and layers.
package struct HistoryRow: Sendable {
    /// The image's Id for the newest step, nil for the steps below: they were built elsewhere.
    package var id: Digest?
    package var created: String?
    package var createdBy: String
    /// File bytes that the step added.
    package var size: Int64
    package var comment: String
    package var tags: [String]
    /// The layer's digest as stored; nil for steps without one.
    package var layer: Digest?
    package var isEmptyLayer: Bool
}
