import Fixtures
import HTTP
import OCI
import Testing

@testable import Registry

@Suite struct ManifestTests {
    @Test func byTagAndByDigest() async throws {
        let registry = try SmallRegistry()
        let client = try registryClient()
        for suffix in [":1", "@\(registry.manifestDigest)", ":1@\(registry.manifestDigest)"] {
            let found = try await client.manifest(try registry.reference(suffix))
            #expect(found.bytes == registry.manifest)
            #expect(found.digest.description == registry.manifestDigest)
            #expect(found.mediaType == .ociManifest)
            #expect(found.descriptor.size == Int64(registry.manifest.count))
            #expect(found.endpoint.isMirror == false)
        }
        let asked = registry.stub.requests("/manifests/")
        #expect(
            asked.map { $0.path.split(separator: "/").last.map(String.init) } == [
                "1", registry.manifestDigest, registry.manifestDigest,
            ])
        let accept = asked.first?.header("Accept") ?? ""
        for type in MediaType.accepted { #expect(accept.contains(type.rawValue)) }
    }

    @Test func headGivesADescriptor() async throws {
        let registry = try SmallRegistry()
        let client = try registryClient()
        let found = try await client.head(try registry.reference())
        #expect(found.digest.description == registry.manifestDigest)
        #expect(found.size == Int64(registry.manifest.count))
        #expect(registry.stub.requests.map(\.method) == ["HEAD"])
        // A registry that does not say the digest is asked for the manifest.
        registry.stub.rule("/manifests/", .header("Docker-Content-Digest", nil))
        #expect(try await client.head(try registry.reference()).digest == found.digest)
        #expect(registry.stub.requests.map(\.method) == ["HEAD", "HEAD", "GET"])
    }

    @Test(
        arguments: [
            (StubAction.status(404, "MANIFEST_UNKNOWN"), RegistryError.Reason.manifestUnknown),
            (.status(404, "NAME_UNKNOWN"), .notFound),
            (.respond(StubResponse(404, text: "<html>")), .manifestUnknown),
            (.status(403, "DENIED"), .denied), (.status(401, "DENIED"), .unsupported),
            (.status(400, "BAD", "strange"), .malformed), (.status(418), .malformed),
            (.contentType("text/html; charset=utf-8"), .wrongContentType),
            (.contentType("application/vnd.example+json"), .wrongContentType),
            (.contentType("application/vnd.docker.distribution.manifest.v1+prettyjws"), .unsupported),
            (.contentType("application/vnd.docker.distribution.manifest.v1+json"), .unsupported),
            (.header("Docker-Content-Digest", "sha256:" + String(repeating: "0", count: 64)), .digestMismatch),
            (.header("Docker-Content-Digest", "nonsense"), .malformed),
            (.corrupt, .digestMismatch),
            (.body([UInt8](repeating: 0x20, count: (4 << 20) + 1)), .manifestTooLarge),
            (.redirect("/v2/team/app/manifests/1"), .redirect), (.redirect("ftp://127.0.0.1/"), .redirect),
        ] as [(StubAction, RegistryError.Reason)])
    func badAnswersHaveErrorsOfTheirOwn(_ action: StubAction, _ reason: RegistryError.Reason) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", action)
        let client = try registryClient()
        let reference = try registry.reference()
        let error = await expectFailure(reason) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(error?.registry == registry.stub.host)
        #expect(error?.message.contains("127.0.0.1") == true)
        // None of these passes by itself, so none was tried again.
        #expect(registry.stub.requests("/manifests/").count <= 11)
        #expect(error?.isRetryable == false)
    }

    @Test func aWrongDigestIsFoundWhereTheRegistryIsSilent() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/sha256", .header("Docker-Content-Digest", nil))
        let client = try registryClient()
        let reference = try registry.reference("@\(registry.manifestDigest)")
        #expect(try await client.manifest(reference).bytes == registry.manifest)
        registry.stub.forgetRules()
        registry.stub.rule(
            "/manifests/sha256",
            StubAction { _, _ in StubResponse(200, [("Content-Type", MediaType.ociManifest.rawValue)], text: "{}") })
        await expectFailure(.digestMismatch) { () throws(RegistryError) in try await client.manifest(reference) }
    }

    @Test(arguments: ["application/json", "text/plain; charset=utf-8", nil])
    func vagueContentTypesGoByTheManifest(_ type: String?) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", .contentType(type))
        #expect(try await registryClient().manifest(try registry.reference()).mediaType == .ociManifest)
    }

    @Test(arguments: [
        StubAction.status(500), .status(502), .status(503, retryAfter: "0"), .status(504),
        .status(429, "TOOMANYREQUESTS", retryAfter: "0"), .delivery(.hangUp), .delivery(.reset(after: 10)),
        .delivery(.cut(after: 10)),
    ])
    func whatMayPassIsTriedAgain(_ action: StubAction) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", times: 2, action)
        #expect(try await registryClient().manifest(try registry.reference()).bytes == registry.manifest)
        // libcurl itself asks once more when a connection that it used again is closed on it.
        #expect((3...4).contains(registry.stub.requests("/manifests/").count))
    }

    @Test(arguments: [(StubAction.status(503), RegistryError.Reason.network), (.status(429), .rateLimited)])
    func givesUpInTheEnd(_ action: StubAction, _ reason: RegistryError.Reason) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", action)
        let client = try registryClient(attempts: 3)
        let reference = try registry.reference()
        await expectFailure(reason) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(registry.stub.requests("/manifests/").count == 3)
    }

    @Test func aLongRetryAfterIsToldAndNotWaitedFor() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", .status(429, "TOOMANYREQUESTS", "slow down", retryAfter: "3600"))
        let client = try registryClient()
        let reference = try registry.reference()
        let error = await expectFailure(.rateLimited) { () throws(RegistryError) in try await client.manifest(reference)
        }
        #expect(error?.message.contains("3600 s") == true)
        #expect(error?.message.contains("slow down") == true)
        #expect(registry.stub.requests.count == 1)
    }

    @Test func aWaitCanBeCancelled() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", .status(503, retryAfter: "30"))
        let client = try registryClient()
        let reference = try registry.reference()
        let task = Task { try await client.manifest(reference) }
        while registry.stub.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(30))
        let start = ContinuousClock.now
        task.cancel()
        let result = await task.result
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(throws: RegistryError.self) { try result.get() }
    }

    @Test func outsideTextIsTamedInMessages() async throws {
        let registry = try SmallRegistry()
        let text = "\\u001b[31m" + String(repeating: "x", count: 5000)
        registry.stub.rule("/manifests/", .status(400, "BAD", text))
        let client = try registryClient()
        let reference = try registry.reference()
        let error = await expectFailure(.malformed) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(error?.message.contains("\u{1b}") == false)
        #expect((error?.message.count ?? 0) < 600)
    }

    @Test func pingSaysWhatIsThere() async throws {
        let registry = StubRegistry()
        let client = try registryClient()
        try await client.ping(registry.host)
        registry.login = .bearer()
        try await client.ping(registry.host)
        registry.login = .basic(username: "a", password: "b")
        await expectFailure(.unauthorized) { () throws(RegistryError) in try await client.ping(registry.host) }
        registry.stop()
        await expectFailure(.network) { () throws(RegistryError) in try await client.ping(registry.host) }
    }
}
