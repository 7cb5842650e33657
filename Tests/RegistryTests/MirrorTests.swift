import Fixtures
import HTTP
import OCI
import Synchronization
import Testing
import Threads

@testable import Registry

@Suite struct MirrorTests {
    private func configuration(_ mirrors: StubRegistry..., primary: StubRegistry) -> String {
        "[[registry]]\nprefix = \"hub.example\"\nlocation = \"\(primary.host)\"\n"
            + mirrors.map { "[[registry.mirror]]\nlocation = \"\($0.host)\"\n" }.joined()
    }

    private let reference = Result { try Reference("hub.example/team/app:1") }

    @Test func theMirrorIsAskedFirst() async throws {
        let (mirror, primary) = (try SmallRegistry(), try SmallRegistry())
        let client = try registryClient(registries: configuration(mirror.stub, primary: primary.stub))
        let found = try await client.manifest(try reference.get())
        #expect(found.endpoint.isMirror)
        #expect(found.repository.registry == "hub.example")
        #expect(primary.stub.requests.isEmpty)
    }

    @Test(arguments: [
        StubAction.status(404), .status(503), .status(403), .delivery(.hangUp), .corrupt, .contentType("text/html"),
    ])
    func theNextIsAskedWhereOneFails(_ action: StubAction) async throws {
        let (mirror, primary) = (try SmallRegistry(), try SmallRegistry())
        mirror.stub.rule("/manifests/", action)
        let client = try registryClient(registries: configuration(mirror.stub, primary: primary.stub))
        let found = try await client.manifest(try reference.get())
        #expect(!found.endpoint.isMirror)
        #expect(mirror.stub.requests.count <= 2)
    }

    @Test func everyFailureIsTold() async throws {
        let (mirror, primary) = (StubRegistry(), StubRegistry())
        mirror.rule("/manifests/", .status(503, "UNAVAILABLE", "maintenance"))
        let client = try registryClient(registries: configuration(mirror, primary: primary), attempts: 2)
        let reference = try reference.get()
        let error = await expectFailure(.manifestUnknown) { () throws(RegistryError) in
            try await client.manifest(reference)
        }
        #expect(error?.hint?.contains("mirror \(mirror.host)") == true)
        #expect(error?.hint?.contains("maintenance") == true)
        #expect(error?.isRetryable == false)
        // A mirror that may recover is tried again while the registry itself is out of reach.
        primary.stop()
        mirror.forgetRequests()
        await expectFailure(.network) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(mirror.requests.count == 2)
    }

    /// One that answered and has it not says more than one that did not answer.
    @Test func aMirrorThatHasNoneOutweighsARegistryOutOfReach() async throws {
        let (mirror, primary) = (StubRegistry(), StubRegistry())
        let client = try registryClient(registries: configuration(mirror, primary: primary), attempts: 1)
        let reference = try reference.get()
        primary.stop()
        let unknown = await expectFailure(.manifestUnknown) { () throws(RegistryError) in
            try await client.manifest(reference)
        }
        #expect(unknown?.message.contains(mirror.host) == true && unknown?.message.contains(primary.host) == true)
        #expect(unknown?.hint?.contains("check the name") == true)
    }

    @Test func blobsGoOnAtTheNextPlace() async throws {
        let (mirror, primary) = (try SmallRegistry(), try SmallRegistry())
        mirror.stub.rule("/blobs/", .delivery(.cut(after: 120_000)))
        let client = try registryClient(registries: configuration(mirror.stub, primary: primary.stub))
        let (descriptor, repository) = (primary.descriptor, try reference.get().repository)
        let sink = Mutex((bytes: [UInt8](), starts: [Int64]()))
        let result = await onThread {
            Result { () throws(RegistryError) in
                try client.downloadBlob(
                    descriptor, from: repository, cancellation: CancellationFlag(),
                    onStart: { place in sink.withLock { $0.starts.append(place) } },
                    onBytes: { bytes in sink.withLock { $0.bytes += bytes } })
            }
        }
        try result.get()
        #expect(sink.withLock { $0.bytes } == primary.layer)
        #expect(sink.withLock { $0.starts.first } == 0)
        #expect(primary.stub.requests.first?.header("Range")?.hasPrefix("bytes=") == true)
    }

    @Test(
        arguments: [
            ("all", true, true), ("digest-only", false, true), ("tag-only", true, false), ("", true, true),
        ])
    func mirrorsAreForWhatTheyAreConfigured(_ use: String, _ byTag: Bool, _ byDigest: Bool) async throws {
        let (mirror, primary) = (try SmallRegistry(), try SmallRegistry())
        let text = configuration(mirror.stub, primary: primary.stub) + "pull-from-mirror = \"\(use)\"\n"
        let client = try registryClient(registries: text)
        #expect(try await client.manifest(try reference.get()).endpoint.isMirror == byTag)
        let named = try Reference("hub.example/team/app@\(primary.manifestDigest)")
        #expect(try await client.manifest(named).endpoint.isMirror == byDigest)
        #expect(mirror.stub.requests.isEmpty == (!byTag && !byDigest))
    }

    /// A login is for the registry that it was made for: neither a mirror nor whoever a mirror sends us to sees it.
    @Test(arguments: [
        StubRegistry.Login.basic(username: "me", password: "secret"), .bearer(username: "me", password: "secret"),
    ])
    func loginsAreNotForMirrorsOfAnotherHost(_ login: StubRegistry.Login) async throws {
        let (mirror, primary) = (try SmallRegistry(), try SmallRegistry())
        mirror.stub.login = login
        primary.stub.login = login
        let auth = StubRegistry.base64("me:secret")
        let docker =
            "{\"auths\":{\"\(primary.stub.host)\":{\"auth\":\"\(auth)\"},\"hub.example\":{\"auth\":\"\(auth)\"}}}"
        let client = try registryClient(
            registries: configuration(mirror.stub, primary: primary.stub), docker: docker)
        #expect(try await client.manifest(try reference.get()).endpoint.isMirror == false)
        #expect(!mirror.stub.requests.isEmpty)
        #expect(mirror.stub.requests.allSatisfy { $0.header("Authorization") == nil && !$0.target.contains("me") })
        #expect(primary.stub.requests.contains { $0.header("Authorization") != nil })
    }

    @Test func insecureFallsBackToPlainHTTP() async throws {
        let registry = try SmallRegistry()
        let client = try registryClient(
            registries: "[[registry]]\nlocation = \"\(registry.stub.host)\"\ninsecure = true\n")
        #expect(try await client.manifest(try registry.reference()).bytes == registry.manifest)
        let secure = try registryClient(
            registries: "[[registry]]\nlocation = \"\(registry.stub.host)\"\ninsecure = false\n")
        let reference = try registry.reference()
        await expectFailure(.certificate) { () throws(RegistryError) in try await secure.manifest(reference) }
    }

    @Test func insecureTakesAnyCertificate() async throws {
        let server = TLSRegistryServer()
        let insecure = try registryClient(registries: "[[registry]]\nlocation = \"\(server.host)\"\ninsecure = true\n")
        try await insecure.ping(server.host)
        let reference = try Reference("\(server.host)/none:1")
        let error = await expectFailure(.notFound) { () throws(RegistryError) in
            try await insecure.tags(reference.repository)
        }
        #expect(error?.status == 404)
        let secure = try registryClient(registries: "[[registry]]\nlocation = \"\(server.host)\"\ninsecure = false\n")
        await expectFailure(.certificate) { () throws(RegistryError) in try await secure.ping(server.host) }
        let plain = try registryClient(registries: "")
        let said = await expectFailure(.malformed) { () throws(RegistryError) in try await plain.ping(server.host) }
        #expect(said?.hint?.contains("TLS") == true)
    }

    @Test func blockedRegistriesAreNotAsked() async throws {
        let registry = try SmallRegistry()
        let client = try registryClient(
            registries: "[[registry]]\nlocation = \"\(registry.stub.host)\"\nblocked = true\n")
        let reference = try registry.reference()
        await expectFailure(.blocked) { () throws(RegistryError) in try await client.manifest(reference) }
        await expectFailure(.blocked) { () throws(RegistryError) in try await client.ping(registry.stub.host) }
        #expect(registry.stub.requests.isEmpty)
    }
}
