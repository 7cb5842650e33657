import Fixtures
import Synchronization
import Testing
import Threads

@testable import HTTP

@Suite struct RateLimiterTests {
    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        return try clock.measure(body) / .seconds(1)
    }

    @Test func holdsTheRate() {
        let limiter = RateLimiter(bytesPerSecond: 1_000_000)
        let time = seconds {
            for _ in 0..<25 { #expect(limiter.take(20_000, cancellation: CancellationFlag())) }
        }
        // 500 kB are half a second, less a tenth that the start may make up for.
        #expect(time >= 0.39)
    }

    @Test func isSharedByTransfers() async throws {
        let body = [UInt8](repeating: 1, count: 300_000)
        let server = StubServer { _ in StubResponse(200, [], body) }
        let client = HTTPClient()
        var request = HTTPRequest(url: server.url)
        request.rate = RateLimiter(bytesPerSecond: 1_000_000)
        let limited = request
        let clock = ContinuousClock()
        let start = clock.now
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    await onOwnThread {
                        var count = 0
                        _ = try? client.transfer(limited, cancellation: CancellationFlag()) { count += $0.count }
                        return count
                    }
                }
            }
            for await count in group { #expect(count == body.count) }
        }
        #expect(clock.now - start >= .milliseconds(490))
    }

    @Test func uploadsAreLimited() throws {
        let server = StubServer { request in StubResponse(200, text: "\(request.body.count)") }
        let left = Mutex(300_000)
        let body = HTTPBody.stream(length: 300_000) { buffer in
            left.withLock { left in
                let count = min(left, buffer.count)
                left -= count
                return count
            }
        }
        var request = HTTPRequest(method: "PUT", url: server.url, body: body)
        request.rate = RateLimiter(bytesPerSecond: 1_000_000)
        let time = try seconds {
            try HTTPClient().transfer(request, cancellation: CancellationFlag()) { _ in }
        }
        #expect(time >= 0.19)
        #expect(server.requests.first?.body.count == 300_000)
    }

    @Test func aCancelledTransferDoesNotWait() {
        let flag = CancellationFlag()
        let limiter = RateLimiter(bytesPerSecond: 1)
        let time = seconds {
            flag.cancel()
            #expect(!limiter.take(1 << 20, cancellation: flag))
        }
        #expect(time < 5)
        #expect(!limiter.take(.max, cancellation: flag))
    }
}
