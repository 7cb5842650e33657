import Fixtures
import HTTP
import OCI
import Testing

@testable import Registry

@Suite struct LimitsTests {
    @Test(
        arguments: [
            ("100;w=21600", "76;w=21600", 100, 76, 21600), ("100", "0", 100, 0, nil), ("", "", nil, nil, nil),
            ("many", "-;w=x", nil, nil, nil), ("99999999999999999999", "1", nil, 1, nil), ("5; w=60", "4", 5, 4, 60),
        ] as [(String, String, Int?, Int?, Int?)])
    func fields(_ limit: String, _ remaining: String, _ most: Int?, _ left: Int?, _ window: Int?) {
        let read = RateLimit(["RateLimit-Limit": limit, "RateLimit-Remaining": remaining])
        #expect(read.limit == most && read.remaining == left && read.window == window)
    }

    /// Also where the limit is used up, or the image is not there; and without spending any of it.
    @Test(arguments: [200, 404, 429]) func headTellsIt(_ status: Int) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule(
            "/manifests/",
            StubAction { _, plain in
                var response = status == 200 ? plain : StubRegistry.error(status, "TOOMANYREQUESTS", "no more")
                response.set("ratelimit-limit", "100;w=21600")
                response.set("ratelimit-remaining", "7;w=21600")
                response.set("docker-ratelimit-source", "192.0.2.1")
                return response
            })
        let limit = try await registryClient().rateLimit(registry.reference())
        #expect(limit.limit == 100 && limit.remaining == 7 && limit.window == 21600 && limit.source == "192.0.2.1")
        #expect(registry.stub.requests.map(\.method) == ["HEAD"])
    }

    @Test func aRegistryWithoutLimits() async throws {
        let registry = try SmallRegistry()
        let limit = try await registryClient().rateLimit(registry.reference())
        #expect(limit.limit == nil && limit.remaining == nil)
    }
}

@Suite struct SmallBlobTests {
    @Test(
        arguments: [
            (StubAction.respond(StubResponse(200, text: "{}")), RegistryError.Reason.blobTooShort),
            (.respond(StubResponse(200, [], [UInt8](repeating: 32, count: 3000))), .blobTooLong),
            (.respond(StubResponse(200, [], [UInt8](repeating: 32, count: 300))), .digestMismatch),
            (.status(404), .notFound), (.status(403), .denied),
        ] as [(StubAction, RegistryError.Reason)])
    func isVerified(_ action: StubAction, _ reason: RegistryError.Reason) async throws {
        let registry = try SmallRegistry(layerBytes: 300)
        let client = try registryClient()
        let repository = try registry.repository()
        #expect(
            try await client.smallBlob(registry.descriptor, from: repository, maximumBytes: 300) == registry.layer)
        registry.stub.rule("/blobs/", action)
        await expectFailure(reason) { () throws(RegistryError) in
            _ = try await client.smallBlob(registry.descriptor, from: repository, maximumBytes: 300)
        }
        await expectFailure(.blobTooLong) { () throws(RegistryError) in
            _ = try await client.smallBlob(registry.descriptor, from: repository, maximumBytes: 299)
        }
    }
}
