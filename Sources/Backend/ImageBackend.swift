package import OCI

/// What commands ask of whatever holds the images: the local store, or an engine.
///
/// Names are what a user types: a reference, or an Id or the beginning of one. Every method throws `BackendError`.
package protocol ImageBackend: Sendable {
    /// The images, newest first, then by name.
    func images(_ query: ImageQuery) async throws(BackendError) -> ImageList

    /// The same images, each once with all its names, and what they are for each platform.
    func trees(_ query: ImageQuery) async throws(BackendError) -> [ImageTree]

    /// One image by name; `platform` chooses among those of an index.
    func inspect(_ name: String, platform: Platform?) async throws(BackendError) -> ImageDetail

    /// How an image was made, newest step first.
    func history(_ name: String, platform: Platform?) async throws(BackendError) -> [HistoryRow]

    /// Fetches images. Results come through `onResult` as each is complete; a failed one does not stop the others,
    /// and is thrown at the end.
    func pull(
        _ request: PullRequest, events: any PullEvents, onResult: @Sendable (PullResult) async throws -> Void
    ) async throws(BackendError)

    /// Gives `source` the further name `target`.
    func tag(_ source: String, as target: String, dryRun: Bool) async throws(BackendError) -> TagResult

    /// Takes names away; an image that loses its last name stays as a dangling one.
    func untag(_ names: [String], dryRun: Bool) async throws(BackendError) -> [RemovalResult]

    /// Removes images as Docker's `rmi` does. Failures of single names are in the error thrown at the end, and
    /// `onResult` was called for the others. Returns what was not there and, with `force`, is no failure.
    @discardableResult
    func remove(
        _ names: [String], options: RemoveOptions, onResult: @Sendable (RemovalResult) async throws -> Void
    ) async throws(BackendError) -> [BackendError]

    /// Makes an image of one layer from a directory or a tar archive.
    func importImage(_ request: ImportRequest) async throws(BackendError) -> ImportResult

    /// Writes images into an archive, whose bytes `sink` takes in order; with `dryRun` it takes none. `progress` hears how
    /// many bytes of blobs were read of how many.
    func save(
        _ request: SaveRequest, to sink: @escaping ByteSink,
        progress: @escaping @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) async throws(BackendError) -> SaveResult

    /// Takes the images of an archive or a layout in, all of them or none: a result for each name, and for each image
    /// without one. `progress` hears from another thread of the bytes read and of how many there are; 0 where that is not
    /// known.
    func load(
        _ request: LoadRequest, progress: @escaping @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) async throws(BackendError) -> [LoadResult]

    /// Removes what nothing needs, in one change, and tells what it did: image by image, then what was left over.
    func prune(_ request: PruneRequest) async throws(BackendError) -> [PruneStep]

    /// What images take, all together and one by one, newest first.
    func diskUsage() async throws(BackendError) -> DiskUsage
    func imageUsage() async throws(BackendError) -> [ImageUsage]

    /// What the backend is.
    func info() async throws(BackendError) -> BackendInfo

    /// Checks that what is stored is whole: a result for each image, and for everything else that there is something to
    /// say of. `progress` hears how many bytes were read of how many.
    func check(
        _ request: CheckRequest, progress: @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) async throws(BackendError) -> [CheckResult]

    /// The names that begin with `prefix`, for completion; quick, and empty when in doubt.
    func names(beginningWith prefix: String) -> [String]
}
