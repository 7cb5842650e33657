import Fixtures
import Testing

@testable import HTTP

@Suite struct ProxyTests {
    @Test func goesThroughAProxyExceptToLoopback() async throws {
        let proxy = StubServer { StubResponse(200, text: "proxy \($0.target)") }
        let direct = StubServer { _ in StubResponse(200, text: "direct") }
        let client = HTTPClient(HTTPClient.Configuration(proxy: .url(proxy.url)))
        func body(_ request: HTTPRequest) async throws -> String {
            String(decoding: try await client.send(request, maximumBytes: 100).1, as: UTF8.self)
        }
        #expect(try await body(HTTPRequest(url: "http://registry.invalid/v2/")) == "proxy http://registry.invalid/v2/")
        #expect(try await body(HTTPRequest(url: direct.url)) == "direct")
        #expect(try await body(HTTPRequest(url: "http://localhost:\(direct.port)/")) == "direct")
        await expectFailure(.network) { () throws(HTTPError) in
            try await client.send(HTTPRequest(url: "http://registry.invalid/", allowProxy: false), maximumBytes: 100)
        }
    }

    @Test func secretsAreNotForTheProxy() async throws {
        let proxy = StubServer { _ in StubResponse(407) }
        let client = HTTPClient(HTTPClient.Configuration(proxy: .url(proxy.url)))
        await expectFailure(.network) { () throws(HTTPError) in
            let request = HTTPRequest(url: "https://registry.invalid/v2/", headers: ["Authorization": "Bearer secret"])
            return try await client.send(request, maximumBytes: 100)
        }
        #expect(proxy.requests.map(\.method) == ["CONNECT"])
        #expect(proxy.requests.first?.header("Authorization") == nil)
    }
}
