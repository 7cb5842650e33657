import Fixtures
import OCI
import Testing

@testable import Registry

/// How `insecure = true` finds out what a registry speaks.
@Suite struct OriginTests {
    private func client(_ host: String) throws -> RegistryClient {
        try registryClient(registries: "[[registry]]\nlocation = \"\(host)\"\ninsecure = true\n", attempts: 1)
    }

    private func origin(_ client: RegistryClient, _ host: String) async throws(RegistryError) -> String {
        try await client.origin(of: try client.rootEndpoint(host))
    }

    /// One that harms only what it is told to.
    private func proxy(to host: String) -> FaultProxy {
        var rates = FaultProxy.Rates()
        (rates.reset, rates.cut, rates.refuse, rates.delay) = (0, 0, 0, 0)
        return FaultProxy(to: host, rates: rates, seed: 1)
    }

    /// Whoever can break a connection cannot make dsh speak in the clear.
    @Test func aBrokenConnectionDoesNotLeadToPlainHTTP() async throws {
        let server = TLSRegistryServer()
        let port = server.host.split(separator: ":").last ?? ""
        let proxy = proxy(to: "127.0.0.1:\(port)")
        defer { proxy.stop() }
        let client = try client(proxy.host)
        // TLS alone breaks, then the look in the clear as well.
        for count in [1, 2] {
            proxy.refuse(next: count)
            await expectFailure(.network) { () throws(RegistryError) in try await origin(client, proxy.host) }
        }
        #expect(try await origin(client, proxy.host) == "https://" + proxy.host)
        try await client.ping(proxy.host)
    }

    @Test func aServerWithoutTLSIsSpokenToInTheClear() async throws {
        let registry = try SmallRegistry()
        let client = try client(registry.stub.host)
        #expect(try await origin(client, registry.stub.host) == "http://" + registry.stub.host)
        // What is known is not asked again.
        registry.stub.forgetRequests()
        #expect(try await origin(client, registry.stub.host) == "http://" + registry.stub.host)
        #expect(registry.stub.requests.isEmpty)
    }

    /// One that takes no TLS and breaks the connection over it is known by what it answers in the clear.
    @Test(arguments: [
        (StubAction.nothing, true), (.status(401), true), (.status(404), true), (.redirect("/v2/index"), true),
        (.redirect("https://registry.example/v2/"), false), (.status(502), false), (.delivery(.hangUp), false),
        (.respond(StubResponse(400, text: "Client sent an HTTP request to an HTTPS server.\n")), false),
        (.respond(StubResponse(426, text: "Upgrade Required")), false),
    ])
    func whatIsAnsweredInTheClearTells(_ answer: StubAction, _ isPlain: Bool) async throws {
        let stub = StubRegistry()
        stub.rule("/v2/", times: 1, answer)
        let proxy = proxy(to: stub.host)
        defer { proxy.stop() }
        let client = try client(proxy.host)
        proxy.refuse(next: 1)
        do throws(RegistryError) {
            let found = try await origin(client, proxy.host)
            #expect(isPlain && found == "http://" + proxy.host)
        } catch { #expect(!isPlain && error.reason == .network, "\(error)") }
        // What could not be told is asked anew.
        #expect(try await origin(client, proxy.host) == "http://" + proxy.host)
    }

    @Test func aServerThatIsNotThereIsNeither() async throws {
        let stub = StubRegistry()
        let host = stub.host
        stub.stop()
        let client = try client(host)
        await expectFailure(.network) { () throws(RegistryError) in try await origin(client, host) }
    }
}
