import Fixtures
import Testing

@testable import HTTP

@Suite struct TLSTests {
    private static let server = TLSRegistryServer()
    private static let choosy = TLSRegistryServer(asksClients: true)
    private let client = HTTPClient()

    private func request(_ server: TLSRegistryServer, _ tls: TLSOptions) -> HTTPRequest {
        HTTPRequest(url: "https://\(server.host)/v2/", tls: tls)
    }

    @Test func verifiesAndSpeaksHTTP2() async throws {
        let request = request(Self.server, TLSOptions(authorityFile: Self.server.authorityFile))
        let (response, bytes) = try await client.send(request, maximumBytes: 100)
        #expect(response.status == 200)
        #expect(response.version == "2")
        #expect(bytes == Array("{}".utf8))
    }

    @Test func multiplexes() async throws {
        let request = request(Self.server, TLSOptions(authorityFile: Self.server.authorityFile))
        let client = HTTPClient(HTTPClient.Configuration(connectionsPerHost: 1))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await client.send(request, maximumBytes: 100).0.status } }
            for try await status in group { #expect(status == 200) }
        }
    }

    @Test func transfersOverHTTP1() async throws {
        var request = request(Self.server, TLSOptions(authorityFile: Self.server.authorityFile))
        request.version = .http1
        let (response, _) = try await client.send(request, maximumBytes: 100)
        #expect(response.version == "1.1")
    }

    @Test func refusesWhatItDoesNotTrust() async throws {
        await expectFailure(.tls, retryable: false) { () throws(HTTPError) in
            try await client.send(request(Self.server, TLSOptions()), maximumBytes: 100)
        }
        let (response, _) = try await client.send(request(Self.server, TLSOptions(insecure: true)), maximumBytes: 100)
        #expect(response.status == 200)
        // A connection accepted without verification is not used for a request that wants it.
        await expectFailure(.tls, retryable: false) { () throws(HTTPError) in
            try await client.send(request(Self.server, TLSOptions()), maximumBytes: 100)
        }
        await expectFailure(.tls) { () throws(HTTPError) in
            try await client.send(request(Self.server, TLSOptions(authorityFile: "/nonexistent")), maximumBytes: 100)
        }
    }

    @Test func refusesAnotherName() async throws {
        let client = HTTPClient(HTTPClient.Configuration(resolve: ["other.example:\(port):127.0.0.1"]))
        let options = TLSOptions(authorityFile: Self.server.authorityFile)
        await expectFailure(.tls) { () throws(HTTPError) in
            try await client.send(
                HTTPRequest(url: "https://other.example:\(port)/v2/", tls: options), maximumBytes: 100)
        }
    }

    private var port: Substring { Self.server.host.drop { $0 != ":" }.dropFirst() }

    @Test func showsItsCertificateWhereAsked() async throws {
        var options = TLSOptions(authorityFile: Self.choosy.authorityFile)
        await expectFailure(.network) { () throws(HTTPError) in
            try await client.send(request(Self.choosy, options), maximumBytes: 100)
        }
        options.clientCertificate = Self.choosy.clientCertificate
        options.clientKey = Self.choosy.clientKey
        let (response, _) = try await client.send(request(Self.choosy, options), maximumBytes: 100)
        #expect(response.status == 200)
    }

    @Test func plainServersAreNamedAsSuch() async throws {
        let server = StubServer { _ in StubResponse(200) }
        await expectFailure(.tls) { () throws(HTTPError) in
            try await client.send(HTTPRequest(url: "https://\(server.host)/"), maximumBytes: 100)
        }
    }

    @Test func redirectsDoNotLeaveTLS() throws {
        let hop = try Hop(HTTPRequest(url: "https://registry.example/a"), defaultTLS: TLSOptions())
        func next(_ location: String) throws -> Hop {
            try hop.redirected(
                by: HTTPResponse(status: 307, headers: ["Location": location], url: hop.target.url, version: "2"))
        }
        #expect(throws: HTTPError.self) { try next("http://registry.example/a") }
        #expect(try next("//cdn.example/b").target.url == "https://cdn.example/b")
    }

    @Test func clientCertificatesStayWithTheirOrigin() throws {
        let tls = TLSOptions(insecure: true, clientCertificate: "/c", clientKey: "/k")
        let hop = try Hop(HTTPRequest(url: "https://a.example/", tls: tls), defaultTLS: TLSOptions())
        func next(_ location: String) throws -> TLSOptions? {
            try hop.redirected(
                by: HTTPResponse(status: 307, headers: ["Location": location], url: hop.target.url, version: "2")
            ).request.tls
        }
        #expect(try next("/b") == tls)
        #expect(try next("https://a.example:8443/") == TLSOptions(insecure: true))
        #expect(try next("https://b.example/") == TLSOptions(insecure: true))
    }
}
