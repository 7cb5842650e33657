import Fixtures
import Foundation
import Testing
import Threads

@testable import HTTP

@Suite struct HTTPClientTests {
    private let client = HTTPClient(HTTPClient.Configuration(version: "1.2.3"))

    private func body(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func sendsAndReceives() async throws {
        let server = StubServer { request in
            StubResponse(
                201, [("X-Twice", "a"), ("x-twice", "b"), ("X-Sent", request.header("X-Here") ?? "")], request.body)
        }
        let request = HTTPRequest(
            method: "POST", url: server.url + "/path?query=1",
            headers: ["X-Here": "yes", "Content-Type": "text/plain"],
            body: .bytes(Array("hello".utf8)))
        let (response, bytes) = try await client.send(request, maximumBytes: 100)
        #expect(response.status == 201)
        #expect(response.version == "1.1")
        #expect(response.headers.values("X-TWICE") == ["a", "b"])
        #expect(response.headers["x-sent"] == "yes")
        #expect(response.contentLength == 5)
        #expect(body(bytes) == "hello")
        let seen = try #require(server.requests.first)
        #expect(seen.target == "/path?query=1")
        #expect(seen.header("User-Agent") == "dsh/1.2.3")
        #expect(seen.header("Content-Length") == "5")
        #expect(seen.header("Expect") == nil)
    }

    @Test(arguments: ["GET", "HEAD", "DELETE", "POST", "PUT", "PATCH"])
    func everyMethodWithoutABody(_ method: String) async throws {
        let server = StubServer { StubResponse(200, text: $0.method) }
        let (response, bytes) = try await client.send(HTTPRequest(method: method, url: server.url), maximumBytes: 10)
        #expect(response.status == 200)
        #expect(body(bytes) == (method == "HEAD" ? "" : method))
        let seen = try #require(server.requests.first)
        #expect(seen.method == method)
        #expect(seen.header("Content-Type") == nil)
        #expect(seen.body.isEmpty)
    }

    @Test func manyRequestsShareFewConnections() async throws {
        let server = StubServer { StubResponse(200, text: $0.target) }
        let client = client
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let request = HTTPRequest(url: "\(server.url)/\(number)")
                    let (_, bytes) = try await client.send(request, maximumBytes: 100)
                    return String(decoding: bytes, as: UTF8.self) == "/\(number)"
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(server.requests.count == 200)
        #expect(server.connections <= client.configuration.connectionsPerHost)
    }

    @Test func bodiesAreBounded() async throws {
        for length in [StubResponse.Length.actual, .chunked, .untilClose] {
            let server = StubServer { _ in
                var response = StubResponse(200, [], [UInt8](repeating: 1, count: 5000))
                response.length = length
                return response
            }
            let request = HTTPRequest(url: server.url)
            #expect(try await client.send(request, maximumBytes: 5000).1.count == 5000)
            await expectFailure(.tooLarge) { () throws(HTTPError) in try await client.send(request, maximumBytes: 4999)
            }
        }
    }

    @Test(arguments: [
        "X-Long: \(String(repeating: "x", count: 70_000))\r\n", String(repeating: "X-Many: 1\r\n", count: 300),
    ])
    func headersAreBounded(_ fields: String) async throws {
        let server = StubServer { _ in
            var response = StubResponse(200)
            response.rawHead = "HTTP/1.1 200 OK\r\n\(fields)Content-Length: 0\r\n\r\n"
            return response
        }
        await expectFailure(.tooLarge) { () throws(HTTPError) in
            try await client.send(HTTPRequest(url: server.url), maximumBytes: 10)
        }
    }

    @Test func interimResponsesAreSkipped() async throws {
        let server = StubServer { _ in
            var response = StubResponse(200, [], Array("ok".utf8))
            response.rawHead =
                "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 1\r\nContent-Length: 2\r\n\r\n"
            return response
        }
        let (response, bytes) = try await client.send(HTTPRequest(url: server.url), maximumBytes: 10)
        #expect(response.status == 200)
        #expect(response.headers["Link"] == nil)
        #expect(response.headers["X-Real"] == "1")
        #expect(body(bytes) == "ok")
    }

    @Test func cancelledTasksEndAtOnce() async throws {
        let server = StubServer { _ in
            var response = StubResponse(200)
            response.delivery = .silence
            return response
        }
        let client = client
        // The fastest of a few: without a wake-up it would be when the loop looks round by itself, after a second.
        var fastest = Duration.seconds(60)
        for _ in 0..<5 {
            server.forgetRequests()
            let task = Task { try await client.send(HTTPRequest(url: server.url), maximumBytes: 10) }
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            task.cancel()
            let result = await task.result
            fastest = min(fastest, ContinuousClock.now - start)
            #expect(throws: HTTPError.self) { try result.get() }
        }
        #expect(fastest < .milliseconds(500))
        // One that is cancelled before it begins, too.
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(HTTPRequest(url: server.url), maximumBytes: 10)
        }
        await #expect(throws: HTTPError.self) { try await late.value }
    }

    @Test func timeLimitsHold() async throws {
        let server = StubServer { request in
            var response = StubResponse(200, [], [UInt8](repeating: 1, count: 1000))
            response.delivery = request.target == "/stall" ? .stall(after: 500) : .slow(piece: 10, milliseconds: 20)
            return response
        }
        var stall = HTTPRequest(url: server.url + "/stall")
        stall.limits = HTTPLimits(stall: .milliseconds(300))
        await expectFailure(.timeout, retryable: true) { () throws(HTTPError) in
            try await client.send(stall, maximumBytes: 10_000)
        }
        var slow = HTTPRequest(url: server.url + "/slow")
        // Slow, but moving: only the total limit ends it.
        slow.limits = HTTPLimits(stall: .milliseconds(900), total: .milliseconds(700))
        let start = ContinuousClock.now
        // Another try would move no faster.
        await expectFailure(.timeout, retryable: false) { () throws(HTTPError) in
            try await client.send(slow, maximumBytes: 10_000)
        }
        #expect(ContinuousClock.now - start >= .milliseconds(650))
        // The client works on after that.
        slow.limits = HTTPLimits(stall: .milliseconds(900), total: .seconds(20))
        #expect(try await client.send(slow, maximumBytes: 10_000).1.count == 1000)
    }

    @Test(arguments: [
        ("http://user:password@127.0.0.1/", HTTPError.Code.invalidRequest), ("ftp://127.0.0.1/", .invalidRequest),
        ("file:///etc/passwd", .invalidRequest), ("127.0.0.1", .invalidRequest), ("http://", .invalidRequest),
        ("http://127.0.0.1/a b", .invalidRequest), ("http://127.0.0.1/\r\nX: y", .invalidRequest),
        ("http://127.0.0.1:1/", .network), ("http://no-such-host.invalid/", .network),
    ])
    func badURLs(_ url: String, _ code: HTTPError.Code) async throws {
        await expectFailure(code) { () throws(HTTPError) in
            try await client.send(HTTPRequest(url: url), maximumBytes: 10)
        }
    }

    @Test func headersCannotBeSmuggled() async throws {
        for headers: HTTPHeaders in [["X": "a\r\nY: b"], ["X\r\n": "a"], ["X:": "a"], ["": "a"], ["X": "a\0"]] {
            await expectFailure(.invalidRequest) { () throws(HTTPError) in
                try await client.send(HTTPRequest(url: "http://127.0.0.1:1/", headers: headers), maximumBytes: 10)
            }
        }
        await expectFailure(.invalidRequest) { () throws(HTTPError) in
            try await client.send(HTTPRequest(method: "GET /", url: "http://127.0.0.1:1/"), maximumBytes: 10)
        }
    }

    @Test(arguments: [StubResponse.Delivery.hangUp, .reset(after: 3), .cut(after: 3)])
    func brokenConnectionsMayBeTriedAgain(_ delivery: StubResponse.Delivery) async throws {
        let server = StubServer { _ in
            var response = StubResponse(200, [], Array("hello".utf8))
            response.delivery = delivery
            return response
        }
        await expectFailure(.network, retryable: true) { () throws(HTTPError) in
            try await client.send(HTTPRequest(url: server.url), maximumBytes: 10)
        }
    }

    @Test func whatIsNotHTTPIsSaid() async throws {
        let server = StubServer { _ in
            var response = StubResponse(200)
            response.rawHead = "220 mail.example ESMTP\r\n"
            response.length = .untilClose
            return response
        }
        await expectFailure(.protocolViolation) { () throws(HTTPError) in
            try await client.send(HTTPRequest(url: server.url), maximumBytes: 10)
        }
    }

    @Test func unixSockets() async throws {
        let directory = TemporaryDirectory()
        let server = StubServer(unixSocket: directory.path + "/socket") { request in
            request.target == "/away"
                ? StubResponse(302, [("Location", "http://127.0.0.1:1/")])
                : StubResponse(200, text: request.header("Host") ?? "")
        }
        var request = HTTPRequest(url: "http://engine/info")
        request.unixSocket = directory.path + "/socket"
        #expect(body(try await client.send(request, maximumBytes: 100).1) == "engine")
        request.url = "http://engine/away"
        await expectFailure(.redirect) { () throws(HTTPError) in try await client.send(request, maximumBytes: 100) }
        _ = server
    }

    @Test func aClosedClientFailsWhatIsRunning() async throws {
        let server = StubServer { _ in
            var response = StubResponse(200)
            response.delivery = .silence
            return response
        }
        let loop = RequestLoop(configuration: HTTPClient.Configuration(), caches: SharedCaches())
        let result = await withCheckedContinuation { continuation in
            loop.submit(
                RequestLoop.Job(
                    request: HTTPRequest(url: server.url), maximumBytes: 10, cancellation: CancellationFlag()
                ) { continuation.resume(returning: $0) })
            Task {
                while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                loop.stop()
            }
        }
        #expect(throws: HTTPError.self) { try result.get() }
    }
}

/// Expects an `HTTPError` of that code.
func expectFailure<Value>(
    _ code: HTTPError.Code, retryable: Bool? = nil, location: SourceLocation = #_sourceLocation,
    _ body: () async throws(HTTPError) -> Value
) async {
    do throws(HTTPError) {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: location)
    } catch {
        #expect(error.code == code, "\(error.message)", sourceLocation: location)
        if let retryable { #expect(error.isRetryable == retryable, "\(error)", sourceLocation: location) }
        #expect(!error.message.isEmpty, sourceLocation: location)
    }
}
