import Query

/// The thread that scripts run on: one with a stack deep enough for jq, and none of Swift's few pool threads, so that a
/// filter may compute and a command may wait without holding up anything else.
package final class ShellThread: Sendable {
    private let thread = EvaluationThread()

    package init() {}

    /// Starts `body` there. Cancelling the task interrupts filters, requests and programs.
    package func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: thread) { await body() }
    }
}
