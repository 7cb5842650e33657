import Fixtures
import HTTP
import OCI
import Testing

@testable import Registry

/// Answers that are too much or no text: each is refused for what it is, and none is held whole.
@Suite(.serialized) struct BoundTests {
    /// What of a body was taken is seen by the stub's own end of the connection: it cannot send the rest.
    @Test(arguments: [StubResponse.Length.actual, .chunked, .untilClose])
    func aManifestOfAHundredMegabytesIsNotRead(_ length: StubResponse.Length) async throws {
        let registry = try SmallRegistry()
        var response = StubResponse(
            200, [("Content-Type", MediaType.ociManifest.rawValue)], [UInt8](repeating: 32, count: 100 << 20))
        response.length = length
        registry.stub.rule("/manifests/", .respond(response))
        let (client, reference) = (try registryClient(stall: .seconds(10)), try registry.reference())
        let error = await expectFailure(.manifestTooLarge) { () throws(RegistryError) in
            try await client.manifest(reference)
        }
        #expect(error?.isRetryable == false && registry.stub.requests.count == 1)
    }

    /// Bytes that are no UTF-8 are no JSON; as a manifest they are what they are until somebody reads them.
    @Test func whatIsNoUTF8IsSaid() async throws {
        let registry = try SmallRegistry()
        let bytes: [UInt8] = [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]
        registry.stub.rule("/tags/", .respond(StubResponse(200, [], [0x7b, 0xff, 0x7d])))
        registry.stub.rule("/token", .respond(StubResponse(200, [], bytes)))
        registry.stub.rule("/manifests/", .respond(StubResponse(403, [], bytes)))
        let client = try registryClient(attempts: 1)
        let (reference, repository) = (try registry.reference(), try registry.repository())
        await expectFailure(.malformed) { () throws(RegistryError) in try await client.tags(repository) }
        let denied = await expectFailure(.denied) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(denied?.message.unicodeScalars.allSatisfy { $0.value >= 32 } == true)
        registry.stub.forgetRules()
        registry.stub.login = .bearer()
        registry.stub.rule("/token", .respond(StubResponse(200, [], bytes)))
        await expectFailure(.malformed) { () throws(RegistryError) in try await client.manifest(reference) }
    }

    @Test(arguments: [
        "<", "<>", "<>; rel=next", "</v2/>; rel=next; rel=prev", String(repeating: "<a>;", count: 3000),
        "<http://[::1>; rel=next", "<\u{e9}>; rel=next", "<//>; rel=next", "</v2/team/app/tags/list>; rel=\"next",
        "<javascript:alert(1)>; rel=next", "<?" + String(repeating: "n=1&", count: 5000) + ">; rel=next",
    ])
    func linksThatAreAbsurdEndTheList(_ link: String) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/tags/", .header("Link", link))
        let client = try registryClient(attempts: 1)
        let repository = try registry.repository()
        // Whole or an error, and in a few requests: never a loop.
        do throws(RegistryError) {
            #expect(try await client.tags(repository) == ["1"])
        } catch {
            #expect([.malformed, .network, .notFound].contains(error.reason), "\(error.message)")
        }
        #expect(registry.stub.requests.count < 20)
    }
}
