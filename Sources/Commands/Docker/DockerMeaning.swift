import JSON
import Synchronization

/// What a line that shows Docker's text means as values: those of the dsh command that does the same. The prompt keeps them
/// as the last result.
final class DockerMeaning: Sendable {
    /// Of a longer text the beginning is kept.
    private static let maximumBytes = 1 << 20

    private struct State {
        var values: [JSONValue] = []
        var text = ""
    }

    private let state = Mutex(State())

    func add(_ value: JSONValue) { state.withLock { $0.values.append(value) } }

    /// Adds rows to the array that is the line's only value.
    func add(rows: [JSONValue]) {
        state.withLock { state in
            state.values = [.array((state.values.first?.arrayValue ?? []) + rows)]
        }
    }

    /// A text that was shown: it is what the line means where there are no values.
    func add(text: String) {
        state.withLock { state in
            if state.text.utf8.count + text.utf8.count <= Self.maximumBytes { state.text += text }
        }
    }

    var values: [JSONValue] {
        state.withLock { state in
            if !state.values.isEmpty { return state.values }
            return state.text.isEmpty ? [] : [.string(state.text)]
        }
    }

    var hasValues: Bool { state.withLock { !$0.values.isEmpty } }
}
