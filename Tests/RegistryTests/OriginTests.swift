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

    /// Whoever can break a connection cannot make dsh speak in the clear.
    @Test func aBrokenConnectionDoesNotLeadToPlainHTTP() async throws {
        let server = TLSRegistryServer()
        let port = server.host.split(separator: ":").last ?? ""
        var rates = FaultProxy.Rates()
        (rates.reset, rates.cut, rates.refuse, rates.delay) = (0, 0, 0, 0)
        let proxy = FaultProxy(to: "127.0.0.1:\(port)", rates: rates, seed: 1)
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

    @Test(arguments: [
        StubAction.redirect("https://registry.example/v2/"),
        .respond(StubResponse(400, text: "Client sent an HTTP request to an HTTPS server.\n")),
        .respond(StubResponse(400, text: "The plain HTTP request was sent to HTTPS port")), .delivery(.hangUp),
    ])
    func aServerThatWantsTLSIsNot(_ answer: StubAction) async throws {
        let stub = StubRegistry()
        stub.rule("/v2/", answer)
        let client = try client(stub.host)
        do throws(RegistryError) {
            let found = try await origin(client, stub.host)
            Issue.record("it speaks to \(found)")
        } catch { #expect([.network, .certificate].contains(error.reason), "\(error)") }
        // It is asked anew, and may have got well.
        stub.forgetRules()
        #expect(try await origin(client, stub.host) == "http://" + stub.host)
    }

    @Test func aServerThatIsNotThereIsNeither() async throws {
        let stub = StubRegistry()
        let host = stub.host
        stub.stop()
        let client = try client(host)
        await expectFailure(.network) { () throws(RegistryError) in try await origin(client, host) }
    }
}
