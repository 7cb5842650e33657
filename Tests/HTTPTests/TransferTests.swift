import Fixtures
import Foundation
import Synchronization
import Testing
import Threads

@testable import HTTP

@Suite struct TransferTests {
    private let client = HTTPClient()

    /// Runs blocking work on a thread of its own, as dsh does.
    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: work()) }
            thread.start()
        }
    }

    private func transfer(
        _ request: HTTPRequest, cancellation: CancellationFlag = CancellationFlag(),
        onBytes: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void = { _ in }
    ) async -> Result<HTTPResponse, HTTPError> {
        let client = client
        return await onThread {
            Result { () throws(HTTPError) in
                try client.transfer(request, cancellation: cancellation, onBytes: onBytes)
            }
        }
    }

    @Test func handsTheBodyOnInOrder() async throws {
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let server = StubServer { _ in StubResponse(200, [], content) }
        let gathered = Mutex<[UInt8]>([])
        let largest = Mutex(0)
        for _ in 0..<3 {
            gathered.withLock { $0 = [] }
            let response = try await transfer(HTTPRequest(url: server.url)) { bytes in
                gathered.withLock { $0 += bytes }
                largest.withLock { $0 = max($0, bytes.count) }
            }.get()
            #expect(response.status == 200)
            #expect(gathered.withLock { $0 } == content)
        }
        #expect(largest.withLock { $0 } <= 16384)
        // One after the other on the same line: the connection is used again.
        #expect(server.connections == 1)
    }

    @Test func aSlowConsumerHoldsTheServerBack() async throws {
        // More than any socket buffer holds: the server cannot have sent it all while the consumer waits.
        let server = StubServer { _ in StubResponse(200, [], [UInt8](repeating: 7, count: 64 << 20)) }
        let cancellation = CancellationFlag()
        let taken = Mutex(0)
        let before = residentBytes()
        let result = await transfer(HTTPRequest(url: server.url), cancellation: cancellation) { bytes in
            let total = taken.withLock {
                $0 += bytes.count
                return $0
            }
            if total < 1 << 20 { usleep(2000) } else { cancellation.cancel() }
        }
        #expect(throws: HTTPError.self) { try result.get() }
        #expect(taken.withLock { $0 } < 4 << 20)
        // The stub's copy of the body apart, nothing of it is held.
        #expect(residentBytes() - before < 200 << 20)
    }

    private func residentBytes() -> Int {
        let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
    }

    @Test func whatTheConsumerThrowsComesBack() async throws {
        struct Full: Error {}
        let server = StubServer { _ in StubResponse(200, text: "content") }
        let result = await transfer(HTTPRequest(url: server.url)) { _ in throw Full() }
        await expectFailure(.consumer, retryable: false) { () throws(HTTPError) in try result.get() }
        guard case .failure(let error) = result else { return }
        #expect(error.cause is Full)
    }

    @Test func cancellationWakesAStalledTransfer() async throws {
        let server = StubServer { _ in
            var response = StubResponse(200, [], [UInt8](repeating: 1, count: 1000))
            response.delivery = .stall(after: 100)
            return response
        }
        let cancellation = CancellationFlag()
        let client = client
        let started = Signal()
        let running = Task {
            await withCheckedContinuation { continuation in
                Thread {
                    let result = Result { () throws(HTTPError) in
                        try client.transfer(
                            HTTPRequest(url: server.url), cancellation: cancellation, onBytes: { _ in started.set() })
                    }
                    continuation.resume(returning: (result, ContinuousClock.now))
                }.start()
            }
        }
        _ = await onThread { started.wait() }
        let start = ContinuousClock.now
        cancellation.cancel()
        let (result, end) = await running.value
        #expect(end - start < .milliseconds(900))
        await expectFailure(.interrupted) { () throws(HTTPError) in try result.get() }
        // The line is good for another transfer; a cancelled flag is not.
        await expectFailure(.interrupted) { () throws(HTTPError) in
            try await transfer(HTTPRequest(url: server.url), cancellation: cancellation).get()
        }
    }

    @Test func stallsAreFound() async throws {
        let server = StubServer { _ in
            var response = StubResponse(200, [], [UInt8](repeating: 1, count: 1000))
            response.delivery = .stall(after: 900)
            return response
        }
        var request = HTTPRequest(url: server.url)
        request.limits = HTTPLimits(stall: .milliseconds(250))
        let start = ContinuousClock.now
        let result = await transfer(request)
        #expect(ContinuousClock.now - start < .seconds(3))
        await expectFailure(.timeout, retryable: true) { () throws(HTTPError) in try result.get() }
    }

    @Test(arguments: [StubResponse.Delivery.reset(after: 5000), .cut(after: 5000)])
    func cutBodiesAreFound(_ delivery: StubResponse.Delivery) async throws {
        let server = StubServer { _ in
            var response = StubResponse(200, [], [UInt8](repeating: 1, count: 100_000))
            response.delivery = delivery
            return response
        }
        let count = Mutex(0)
        let result = await transfer(HTTPRequest(url: server.url)) { bytes in count.withLock { $0 += bytes.count } }
        await expectFailure(.network, retryable: true) { () throws(HTTPError) in try result.get() }
        #expect(count.withLock { $0 } <= 5000)
    }

    @Test(arguments: [Int64(300_000), nil])
    func streamsABody(_ length: Int64?) async throws {
        let server = StubServer { StubResponse(200, text: "\($0.body.count)") }
        let left = Mutex(300_000)
        let body = HTTPBody.stream(length: length) { buffer in
            left.withLock { left in
                let count = min(left, buffer.count)
                for index in 0..<count { buffer[index] = 9 }
                left -= count
                return count
            }
        }
        let answer = Mutex("")
        let response = try await transfer(HTTPRequest(method: "PUT", url: server.url, body: body)) { bytes in
            answer.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
        }.get()
        #expect(response.status == 200)
        #expect(answer.withLock { $0 } == "300000")
        #expect(server.requests.first?.header("Content-Length") == length.map { "\($0)" })
        struct Broken: Error {}
        let failing = HTTPBody.stream(length: length) { _ in throw Broken() }
        let result = await transfer(HTTPRequest(method: "PUT", url: server.url, body: failing))
        await expectFailure(.consumer) { () throws(HTTPError) in try result.get() }
        await expectFailure(.invalidRequest) { () throws(HTTPError) in
            try await client.send(HTTPRequest(method: "PUT", url: server.url, body: failing), maximumBytes: 10)
        }
    }

    @Test func concurrentTransfersDoNotDisturbEachOther() async throws {
        let server = StubServer { request in
            let seed = UInt8(truncatingIfNeeded: request.target.hashValue)
            return StubResponse(200, [("X-Seed", "\(seed)")], [UInt8](repeating: seed, count: 400_000))
        }
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<24 {
                group.addTask {
                    let sum = Mutex(0)
                    let result = await transfer(HTTPRequest(url: "\(server.url)/\(number)")) { bytes in
                        let part = bytes.reduce(0) { $0 + Int($1) }
                        sum.withLock { $0 += part }
                    }
                    guard case .success(let response) = result,
                        let seed = response.headers["X-Seed"].flatMap({ Int($0) })
                    else { return false }
                    return sum.withLock { $0 } == seed * 400_000
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
