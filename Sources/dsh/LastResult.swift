import JSON
import Synchronization

/// What a line at the prompt gave: one value as it is, several as an array.
final class LastResult: Sendable {
    /// A stream longer than this is remembered by its beginning only.
    private static let limit = 100_000
    private let values = Mutex<[JSONValue]>([])

    /// Adds a value; one that takes the place of the one before, as the turns of `watch` do, is the only one.
    func add(_ value: JSONValue, replacing: Bool = false) {
        values.withLock { values in
            if replacing { values.removeAll() }
            if values.count < LastResult.limit { values.append(value) }
        }
    }

    /// nil where there was none.
    var value: JSONValue? {
        values.withLock { values in values.count > 1 ? .array(values) : values.first }
    }
}
