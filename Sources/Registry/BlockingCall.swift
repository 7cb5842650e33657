import Synchronization
import Threads

/// Runs asynchronous work to its end from a thread of one's own; never call it from a task. Cancelling the flag
/// cancels the work.
func blockingCall<Value: Sendable>(
    _ cancellation: CancellationFlag, _ work: @escaping @Sendable () async throws(RegistryError) -> Value
) throws(RegistryError) -> Value {
    let box = ResultBox<Value>()
    let task = Task.detached {
        do throws(RegistryError) {
            box.fill(.success(try await work()))
        } catch {
            box.fill(.failure(error))
        }
    }
    let handler = cancellation.onCancel { task.cancel() }
    defer { cancellation.removeHandler(handler) }
    return try box.wait().get()
}

private final class ResultBox<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, RegistryError>?>(nil)
    private let done = Signal()

    func fill(_ value: Result<Value, RegistryError>) {
        result.withLock { $0 = value }
        done.set()
    }

    func wait() -> Result<Value, RegistryError> {
        done.wait()
        return result.withLock { $0 } ?? .failure(.interrupted(""))
    }
}
