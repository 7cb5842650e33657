import Fixtures
import Synchronization
import Testing
import Threads

@testable import HTTP

/// Somebody who wants to see the requests, for a while.
private final class Listener: Sendable {
    let isOn = Mutex(true)
    private let lines = Mutex<[String]>([])

    var told: [String] { lines.withLock { $0 } }

    @Sendable func sink() -> (@Sendable (String) -> Void)? {
        guard isOn.withLock({ $0 }) else { return nil }
        return { line in self.lines.withLock { $0.append(line) } }
    }
}

@Suite struct RequestTraceTests {
    @Test(arguments: [
        ("https://a.example/v2/x/manifests/1", "https://a.example/v2/x/manifests/1"),
        (
            "https://a.example/token?service=s&scope=repository:x:pull",
            "https://a.example/token?service=s&scope=repository:x:pull"
        ),
        (
            "https://cdn.example/b?X-Amz-Signature=abc&n=1&sig=x=y&flag",
            "https://cdn.example/b?X-Amz-Signature=…&n=1&sig=…&flag=…"
        ),
        ("https://a.example/a\u{1b}[2J", "https://a.example/a\\u{1b}[2J"),
    ])
    func leavesSignaturesOut(_ url: String, _ shown: String) { #expect(RequestTrace.shown(url) == shown) }

    @Test func tellsEveryRequest() async throws {
        let storage = StubServer { _ in StubResponse(200, text: "blob") }
        let server = StubServer { request in
            request.path == "/moved"
                ? StubResponse(307, [("Location", storage.url + "/b?sig=hidden")]) : StubResponse(200, text: "hello")
        }
        let listener = Listener()
        var configuration = HTTPClient.Configuration()
        configuration.trace = listener.sink
        let client = HTTPClient(configuration)
        func get(_ path: String) async throws {
            let request = HTTPRequest(url: server.url + path, headers: ["Authorization": "Bearer hidden-token"])
            _ = try await client.send(request, maximumBytes: 100)
        }
        try await get("/a")
        try await get("/moved")
        await onOwnThread {
            _ = try? client.transfer(HTTPRequest(url: server.url + "/c"), cancellation: CancellationFlag()) { _ in }
        }
        listener.isOn.withLock { $0 = false }
        try await get("/untold")
        // Times differ from run to run.
        let told = listener.told.map { line -> String in
            var words = line.split(separator: " ").map(String.init)
            if words.count > 6, words[6] == "ms" { words[5] = "TIME" }
            return words.joined(separator: " ")
        }
        #expect(told.count == 4)
        #expect(told.first == "GET \(server.url)/a 200 5 bytes TIME ms HTTP/1.1 new bearer")
        #expect(told.dropFirst().first?.hasPrefix("GET \(server.url)/moved 307") == true)
        #expect(told.dropFirst().first?.contains("reused bearer") == true)
        #expect(told.dropFirst(2).first == "GET \(storage.url)/b?sig=… 200 4 bytes TIME ms HTTP/1.1 new anonymous")
        #expect(told.last?.contains("/c 200 5 bytes") == true)
        #expect(!told.joined().contains("hidden"))
    }

    @Test func failuresAreTold() async throws {
        let listener = Listener()
        var configuration = HTTPClient.Configuration()
        configuration.trace = listener.sink
        let client = HTTPClient(configuration)
        _ = try? await client.send(HTTPRequest(url: "http://127.0.0.1:1/x"), maximumBytes: 10)
        #expect(listener.told.first?.contains("failed: cannot connect to 127.0.0.1:1") == true)
        // No connection came about: it was neither a new one nor one that was there.
        #expect(listener.told.first?.contains(" ms unconnected anonymous failed: ") == true)
    }

    @Test(arguments: [
        ("no secret here", "no secret here"),
        ("Unsupported proxy syntax in 'http://me:pass word@'", "Unsupported proxy syntax in 'http://…@'"),
        ("Unsupported proxy syntax in 'me:pw@host:x'", "Unsupported proxy syntax in '…@host:x'"),
        ("http://a:b@c and http://d:e@f", "http://…@c and http://…@f"),
    ])
    func proxiesPasswordsAreNotShown(_ text: String, _ shown: String) { #expect(withoutUserInformation(text) == shown) }
}
