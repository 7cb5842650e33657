import JSON
import Synchronization

/// What a line at the prompt gave: one value as it is, several as an array.
final class LastResult: Sendable {
    /// A stream longer than this is remembered by its beginning only.
    private static let limit = 100_000
    private let values = Mutex<[JSONValue]>([])

    func add(_ value: JSONValue) {
        values.withLock { if $0.count < LastResult.limit { $0.append(value) } }
    }

    /// nil where there was none.
    var value: JSONValue? {
        values.withLock { values in values.count > 1 ? .array(values) : values.first }
    }
}
