/// Runs work that must not be cut off once it has begun, such as the writing of a name: when the task is cancelled it may
/// still go on for `grace`. Then it is cancelled, too.
func withGrace<Value: Sendable, Failure: Error>(
    _ grace: Duration, _ body: @escaping @Sendable () async throws(Failure) -> Value
) async throws(Failure) -> Value {
    let work = Task { () async -> Result<Value, Failure> in
        do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
    }
    let outcome = await withTaskCancellationHandler {
        await work.value
    } onCancel: {
        Task {
            try? await Task.sleep(for: grace)
            work.cancel()
        }
    }
    return try outcome.get()
}
