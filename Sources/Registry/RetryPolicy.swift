package import Threads

/// How failures that may pass are tried again: exponential backoff with full jitter, and `Retry-After` where the
/// registry names a time.
package struct RetryPolicy: Sendable {
    /// Tries in all, the first included.
    package var attempts: Int
    /// The same for a small answer that did not come in time: each such try takes long.
    package var timeoutAttempts: Int
    /// The same where nothing takes the connection: enough for a registry that starts again, and over soon where an
    /// address is wrong (less than 2 s with the usual `base`).
    package var connectAttempts: Int
    package var base: Duration
    package var longest: Duration
    /// A registry that asks for a longer wait than this is not waited for.
    package var longestRetryAfter: Duration
    /// Numbers in 0..<1.
    package var random: @Sendable () -> Double

    package init(
        attempts: Int = 6, timeoutAttempts: Int = 2, connectAttempts: Int = 4,
        base: Duration = .milliseconds(400), longest: Duration = .seconds(15),
        longestRetryAfter: Duration = .seconds(60),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.attempts = attempts
        self.timeoutAttempts = timeoutAttempts
        self.connectAttempts = connectAttempts
        self.base = base
        self.longest = longest
        self.longestRetryAfter = longestRetryAfter
        self.random = random
    }

    /// How long to wait after the failed try of that number (from 1), nil where it is not tried again.
    package func delay(after attempt: Int, _ error: RegistryError) -> Duration? {
        guard error.isRetryable, attempt < attempts else { return nil }
        if error.isUnconnected {
            guard attempt < connectAttempts else { return nil }
            // With full jitter the tries could all be over before a registry is up again.
            let ceiling = min(longest, base * 5 / 8 * (1 << min(max(attempt - 1, 0), 20)))
            return ceiling * (1 - random() / 3)
        }
        let ceiling = min(longest, base * (1 << min(max(attempt - 1, 0), 20)))
        let jitter = ceiling * random()
        guard let asked = error.retryAfter else { return jitter }
        return asked > longestRetryAfter ? nil : asked + min(jitter, .seconds(1))
    }

    /// Runs `operation` until it succeeds, fails for good, or the task is cancelled; waits between tries.
    package func run<Value>(
        registry: String, onRetry: @Sendable (RegistryError, Duration) -> Void = { _, _ in },
        _ operation: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        var attempt = 1
        var timeouts = 0
        while true {
            do throws(RegistryError) {
                return try await operation()
            } catch {
                if error.reason == .timeout { timeouts += 1 }
                guard timeouts == 0 || timeouts < timeoutAttempts, let wait = delay(after: attempt, error) else {
                    throw error
                }
                onRetry(error, wait)
                do { try await Task.sleep(for: wait) } catch { throw .interrupted(registry) }
                attempt += 1
            }
        }
    }

    /// The same for blocking work on the caller's thread. `progressed` says whether the failed try got far enough for
    /// the count to start again.
    package func runBlocking<Value>(
        registry: String, cancellation: CancellationFlag, onRetry: (RegistryError, Duration) -> Void = { _, _ in },
        progressed: () -> Bool = { false }, _ operation: () throws(RegistryError) -> Value
    ) throws(RegistryError) -> Value {
        var attempt = 1
        while true {
            do throws(RegistryError) {
                return try operation()
            } catch {
                if progressed() { attempt = 1 }
                guard let wait = delay(after: attempt, error) else { throw error }
                onRetry(error, wait)
                if cancellation.wait(for: wait) { throw .interrupted(registry) }
                attempt += 1
            }
        }
    }
}
