import Fixtures
import Testing

@testable import HTTP

@Suite struct RedirectTests {
    private let client = HTTPClient()

    @Test(arguments: [
        (301, "GET", "GET"), (302, "GET", "GET"), (303, "GET", "GET"), (307, "GET", "GET"), (308, "GET", "GET"),
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
        (303, "HEAD", "HEAD"), (302, "HEAD", "HEAD"), (303, "PUT", "GET"), (302, "PUT", "PUT"),
    ])
    func followsByTheRules(_ status: Int, _ method: String, _ then: String) async throws {
        let server = StubServer { request in
            request.target == "/a"
                ? StubResponse(status, [("Location", "b?x=1#part")], Array("moved".utf8))
                : StubResponse(200, text: request.target)
        }
        var request = HTTPRequest(method: method, url: server.url + "/a")
        if method == "POST" { request.body = .bytes([1, 2, 3]) }
        let (response, _) = try await client.send(request, maximumBytes: 100)
        #expect(response.status == 200)
        #expect(response.url == server.url + "/b?x=1")
        #expect(server.requests.map(\.method) == [method, then])
        #expect(server.requests.last?.body.count == (then == "POST" ? 3 : 0))
        #expect(server.connections == 1)
    }

    @Test func secretsStayWithTheirOrigin() async throws {
        let other = StubServer { _ in StubResponse(200, text: "content") }
        let here = StubServer { request in
            switch request.target {
            case "/here": StubResponse(307, [("Location", "/again")])
            case "/again": StubResponse(200, text: "content")
            case "/away": StubResponse(307, [("Location", other.url + "/x")])
            default: StubResponse(307, [("Location", "http://localhost:\(request.target.dropFirst(6))/x")])
            }
        }
        let secrets: HTTPHeaders = [
            "Authorization": "Bearer secret", "Cookie": "c=1", "X-Registry-Auth": "a", "Range": "bytes=1-",
        ]
        _ = try await client.send(HTTPRequest(url: here.url + "/here", headers: secrets), maximumBytes: 100)
        #expect(here.requests.last?.header("Authorization") == "Bearer secret")
        _ = try await client.send(HTTPRequest(url: here.url + "/away", headers: secrets), maximumBytes: 100)
        // The same address by another name is another host.
        _ = try await client.send(
            HTTPRequest(url: here.url + "/named\(other.port)", headers: secrets), maximumBytes: 100)
        #expect(other.requests.count == 2)
        for request in other.requests {
            for name in ["Authorization", "Cookie", "X-Registry-Auth"] { #expect(request.header(name) == nil) }
            #expect(request.header("Range") == "bytes=1-")
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308], [true, false])
    func deletionsAreNotRedirected(_ status: Int, _ isElsewhere: Bool) async throws {
        let other = StubServer { _ in StubResponse(202) }
        let here = StubServer { _ in StubResponse(status, [("Location", isElsewhere ? other.url + "/x" : "/x")]) }
        await expectFailure(.redirect, retryable: false) { () throws(HTTPError) in
            try await client.send(HTTPRequest(method: "DELETE", url: here.url + "/a"), maximumBytes: 100)
        }
        #expect(here.requests.map(\.target) == ["/a"] && other.requests.isEmpty)
    }

    @Test(arguments: [307, 308], ["PUT", "POST", "PATCH"])
    func whatIsWrittenStaysWithItsOrigin(_ status: Int, _ method: String) async throws {
        let other = StubServer { _ in StubResponse(201) }
        let here = StubServer { _ in StubResponse(status, [("Location", other.url + "/x")]) }
        await expectFailure(.redirect, retryable: false) { () throws(HTTPError) in
            try await client.send(
                HTTPRequest(method: method, url: here.url, body: .bytes([1, 2, 3])), maximumBytes: 100)
        }
        #expect(here.requests.count == 1 && other.requests.isEmpty)
    }

    @Test func secretsDoNotComeBack() async throws {
        let here = StubServerBox()
        let other = StubServer { _ in StubResponse(307, [("Location", here.url + "/back")]) }
        here.start { request in
            request.target == "/back" ? StubResponse(200, text: "") : StubResponse(307, [("Location", other.url)])
        }
        _ = try await client.send(
            HTTPRequest(url: here.url + "/go", headers: ["Authorization": "Bearer secret"]), maximumBytes: 100)
        #expect(here.requests.map { $0.header("Authorization") } == ["Bearer secret", nil])
    }

    @Test(arguments: [
        "/loop", "//[", "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:pass@127.0.0.1/", "http://a b/",
    ])
    func refuses(_ location: String) async throws {
        let server = StubServer { _ in StubResponse(302, [("Location", location)]) }
        await expectFailure(.redirect, retryable: false) { () throws(HTTPError) in
            try await client.send(HTTPRequest(url: server.url + "/loop"), maximumBytes: 100)
        }
        #expect(server.requests.count == (location == "/loop" ? 11 : 1))
    }

    @Test func handsRedirectsOutWhereNoneAreFollowed() async throws {
        let server = StubServer { _ in StubResponse(302, [("Location", "/x")]) }
        let request = HTTPRequest(url: server.url, maximumRedirects: 0)
        let (response, _) = try await client.send(request, maximumBytes: 100)
        #expect(response.status == 302)
        #expect(server.requests.count == 1)
    }

    @Test func longRedirectBodiesAreNotRead() async throws {
        let server = StubServer { request in
            request.target == "/"
                ? StubResponse(302, [("Location", "/x")], [UInt8](repeating: 1, count: 8 << 20))
                : StubResponse(200, text: "here")
        }
        let (response, bytes) = try await client.send(HTTPRequest(url: server.url), maximumBytes: 100)
        #expect(response.status == 200)
        #expect(bytes == Array("here".utf8))
    }
}

/// A stub server whose handler needs its own address or another's.
final class StubServerBox: @unchecked Sendable {  // Started once, before it is asked.
    private var handler: StubServer.Handler = { _ in StubResponse(500) }
    private lazy var server = StubServer { [unowned self] in self.handler($0) }

    init() { _ = server }

    var url: String { server.url }
    var requests: [StubRequest] { server.requests }
    func start(_ handler: @escaping StubServer.Handler) { self.handler = handler }
}
