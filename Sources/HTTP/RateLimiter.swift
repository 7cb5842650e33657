import Synchronization
package import Threads

/// Holds the bytes of all transfers that share it to one rate.
package final class RateLimiter: Sendable {
    package let bytesPerSecond: Int64
    /// When everything taken so far has been paid for, on the monotonic clock.
    private let paid = Mutex<UInt64>(0)
    /// What was not used in that time, in nanoseconds, may be made up for: a transfer is not slowed by the gaps between
    /// its pieces.
    private static let burst: UInt64 = 100_000_000

    /// At least one byte a second.
    package init(bytesPerSecond: Int64) { self.bytesPerSecond = max(1, bytesPerSecond) }

    /// Waits on the calling thread until `count` more bytes fit into the rate; false where it was cancelled meanwhile.
    /// Never call it from a task.
    package func take(_ count: Int, cancellation: CancellationFlag) -> Bool {
        let now = monotonicNow()
        let (product, overflow) = UInt64(max(0, count)).multipliedReportingOverflow(by: 1_000_000_000)
        let cost = overflow ? UInt64.max / 4 : product / UInt64(bytesPerSecond)
        let until = paid.withLock { paid -> UInt64 in
            paid = max(paid, now > Self.burst ? now - Self.burst : 0).addingReportingOverflow(cost).partialValue
            return paid
        }
        guard until > now else { return !cancellation.isCancelled }
        return !cancellation.wait(for: .nanoseconds(Int64(clamping: until - now)))
    }
}
