import Fixtures
import Foundation
import HTTP
import OCI
import Synchronization
import Testing
import Threads

@testable import Registry

/// Pushing, as the distribution specification has it; each case is named with its section.
@Suite struct UploadTests {
    private let fixture: UploadFixture
    private var stub: StubRegistry { fixture.stub }
    private var bytes: [UInt8] { fixture.bytes }
    private var blob: Descriptor { fixture.blob }
    private var methods: [String] { fixture.methods }

    init() throws { fixture = try UploadFixture() }

    @Test("Checking if content exists in the registry: what is there is not sent")
    func exists() async throws {
        #expect(try await fixture.upload().get().how == .uploaded)
        stub.forgetRequests()
        #expect(try await fixture.upload().get() == UploadOutcome(how: .exists, sent: 0))
        #expect(methods == ["HEAD"])
    }

    @Test("POST then PUT: a small blob goes in one piece")
    func monolithic() async throws {
        let small = Array(bytes.prefix(70_000))
        #expect(try await fixture.upload(small).get() == UploadOutcome(how: .uploaded, sent: 70_000))
        #expect(methods == ["HEAD", "POST", "PUT"])
        #expect(stub.uploaded("team/new", sha256(small)) == small)
        #expect(stub.requests("digest=").first?.header("Content-Length") == "70000")
        #expect(stub.requests("digest=").first?.header("Content-Type") == "application/octet-stream")
    }

    @Test("POST then PUT: a blob of no bytes")
    func empty() async throws {
        #expect(try await fixture.upload([]).get() == UploadOutcome(how: .uploaded, sent: 0))
        #expect(stub.uploaded("team/new", sha256([])) == [])
    }

    @Test("Pushing a blob in chunks: Content-Range, the next Location, an empty PUT")
    func chunked() async throws {
        #expect(try await fixture.upload().get() == UploadOutcome(how: .uploaded, sent: 9_000_000))
        #expect(methods == ["HEAD", "POST", "PATCH", "PUT"])
        #expect(stub.requests("uploads/").first { $0.method == "PATCH" }?.header("Content-Range") == "0-8999999")
        let put = try #require(stub.requests("digest=").first)
        #expect(put.target.contains("state=9000000&digest=\(blob.digest)"))
        #expect(put.body.isEmpty)
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
    }

    @Test("Pushing a blob in chunks: a registry that takes less at once, and OCI-Chunk-Min-Length")
    func smallerPieces() async throws {
        stub.setPieces(least: 1_500_000, largest: 3_000_000)
        #expect(try await fixture.upload().get().how == .uploaded)
        let pieces = stub.requests("uploads/").filter { $0.method == "PATCH" && $0.body.count <= 3_000_000 }
        #expect(pieces.count >= 3)
        #expect(pieces.dropLast().allSatisfy { $0.body.count >= 1_500_000 })
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
    }

    @Test("Pushing a blob in chunks: after a failure it goes on from what the registry has")
    func resumes() async throws {
        stub.breakUploads(after: [2_000_000, 3_000_000])
        let retries = Mutex(0)
        let outcome = try await fixture.upload(events: UploadEvents(onRetry: { _ in retries.withLock { $0 += 1 } }))
            .get()
        #expect(outcome.how == .uploaded)
        #expect(retries.withLock { $0 } == 2)
        let ranges = stub.requests("uploads/").filter { $0.method == "PATCH" }.map { $0.header("Content-Range") }
        #expect(ranges == ["0-8999999", "2000000-8999999", "5000000-8999999"])
        #expect(stub.requests("uploads/").filter { $0.method == "GET" }.count == 2)
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
    }

    @Test("Pushing a blob in chunks: a session that vanished is begun anew")
    func vanishes() async throws {
        stub.rule("uploads/session-1", method: "PATCH", times: 1, .status(404, "BLOB_UPLOAD_UNKNOWN", "gone"))
        stub.rule("uploads/session-2", method: "PUT", times: 1, .status(404, "BLOB_UPLOAD_UNKNOWN", "gone"))
        #expect(try await fixture.upload().get().how == .uploaded)
        #expect(stub.requests("uploads/").filter { $0.method == "POST" }.count == 3)
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
    }

    @Test("Pushing a blob in chunks: sessions that always vanish end in an error, not in a loop")
    func alwaysVanishes() async throws {
        stub.rule("uploads/session-", method: "PUT", .status(404, "BLOB_UPLOAD_UNKNOWN", "gone"))
        let upload = try await fixture.upload()
        let error = await expectFailure(.network) { () throws(RegistryError) in try upload.get() }
        #expect(error?.isRetryable == true)
        #expect(stub.requests("uploads/").filter { $0.method == "POST" }.count <= 12)
    }

    @Test("Pushing blobs: the answer of the last request is lost, and the blob is there")
    func lostAnswer() async throws {
        stub.rule("digest=", method: "PUT", times: 1, .delivery(.hangUp))
        let small = Array(bytes.prefix(50_000))
        #expect(try await fixture.upload(small).get().how == .uploaded)
        #expect(methods == ["HEAD", "POST", "PUT", "HEAD"])
    }

    @Test("Mounting a blob from another repository: 201, nothing is sent")
    func mounts() async throws {
        #expect(try await fixture.upload(to: "team/old").get().how == .uploaded)
        stub.forgetRequests()
        let mounted = try await fixture.upload(mountable: [try fixture.repository("team/old")]).get()
        #expect(mounted == UploadOutcome(how: .mounted, sent: 0, mountedFrom: "team/old"))
        #expect(stub.requests("mount=").first?.query == "mount=\(blob.digest)&from=team/old")
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
    }

    @Test("Mounting a blob from another repository: 202, the session is used; any other answer, one is begun")
    func mountsNot() async throws {
        #expect(try await fixture.upload(to: "team/old").get().how == .uploaded)
        stub.setMounts(false)
        stub.forgetRequests()
        #expect(try await fixture.upload(mountable: [try fixture.repository("team/old")]).get().how == .uploaded)
        #expect(methods == ["HEAD", "POST", "PATCH", "PUT"])
        stub.rule("mount=", .status(403, "DENIED", "not yours"))
        let other = try await fixture.upload(to: "team/third", mountable: [try fixture.repository("team/old")]).get()
        #expect(other.how == .uploaded)
    }

    @Test("Mounting a blob from another repository: never from another registry")
    func mountsNotAcross() async throws {
        let elsewhere = try Repository("127.0.0.1:1/team/old")
        #expect(try await fixture.upload(mountable: [elsewhere]).get().how == .uploaded)
        #expect(stub.requests("mount=").isEmpty)
    }

    @Test("Authentication: one token to look, push and mount; another in the middle of an upload")
    func tokens() async throws {
        stub.login = .bearer(username: "me", password: "secret")
        let docker = "{\"auths\":{\"\(stub.host)\":{\"auth\":\"\(StubRegistry.base64("me:secret"))\"}}}"
        let client = try registryClient(docker: docker, attempts: 6)
        #expect(try await fixture.upload(client: client).get().how == .uploaded)
        #expect(
            stub.requests("/token").map(\.query).allSatisfy {
                $0.contains("repository:team/new:pull,push") || $0.contains("%2Cpush")
            })
        #expect(stub.requests("/token").count == 1)
        stub.rule(
            "uploads/", method: "PATCH", times: 1, .challenge("Bearer realm=\"\(stub.url)/token\",service=\"stub\""))
        stub.revokeTokens()
        #expect(try await fixture.upload(Array(bytes.dropLast()), client: client).get().how == .uploaded)
    }

    @Test("Pushing blobs: a Location on another host gets the bytes and no login")
    func otherHost() async throws {
        let stub = stub
        let storage = StubServer { request in
            // What the storage is given, the registry has: it is asked in its place.
            var response = StubResponse(request.method == "PUT" ? 201 : 202)
            if request.method == "PATCH" { response.set("Location", "/upload?part=2") }
            return response
        }
        defer { storage.stop() }
        stub.login = .basic(username: "me", password: "secret")
        stub.rule(
            "uploads/", method: "POST", .respond(StubResponse(202, [("Location", storage.url + "/upload?part=1")])))
        let docker = "{\"auths\":{\"\(stub.host)\":{\"auth\":\"\(StubRegistry.base64("me:secret"))\"}}}"
        #expect(try await fixture.upload(client: try registryClient(docker: docker)).get().how == .uploaded)
        #expect(storage.requests.map(\.method) == ["PATCH", "PUT"])
        #expect(storage.requests.allSatisfy { $0.header("Authorization") == nil })
        #expect(storage.requests.first?.body == bytes)
        #expect(storage.requests.last?.target == "/upload?part=2&digest=\(blob.digest)")
    }

    @Test("Pushing blobs: a session on another host is not deleted there")
    func sessionElsewhere() async throws {
        let other = StubServer { _ in StubResponse(403) }
        defer { other.stop() }
        stub.setSessionHost(other.url)
        let upload = try await fixture.upload(Array(bytes.prefix(100)))
        #expect(throws: RegistryError.self) { try upload.get() }
        #expect(!other.requests.isEmpty && other.requests.allSatisfy { $0.method != "DELETE" })
    }

    @Test("Pushing blobs: a redirect of an upload sends all of it again, without the login")
    func redirected() async throws {
        let storage = StubServer { _ in StubResponse(201) }
        defer { storage.stop() }
        stub.login = .basic(username: "me", password: "secret")
        stub.rule("digest=", method: "PUT", .redirect(storage.url + "/else"))
        let docker = "{\"auths\":{\"\(stub.host)\":{\"auth\":\"\(StubRegistry.base64("me:secret"))\"}}}"
        let small = Array(bytes.prefix(5000))
        #expect(try await fixture.upload(small, client: try registryClient(docker: docker)).get().how == .uploaded)
        #expect(storage.requests.first?.body == small)
        #expect(storage.requests.first?.header("Authorization") == nil)
        stub.forgetRules()
        stub.rule("digest=", method: "PUT", .redirect("/v2/team/new/blobs/uploads/loop?digest=x"))
        let upload = try await fixture.upload(Array(bytes.prefix(6000)), client: try registryClient(docker: docker))
        await expectFailure(.malformed) { () throws(RegistryError) in try upload.get() }
    }

    @Test(
        "Pushing blobs: what is refused is said",
        arguments: [
            (405, "UNSUPPORTED", RegistryError.Reason.unsupported), (403, "DENIED", .denied),
            (404, "NAME_UNKNOWN", .notFound), (429, "TOOMANYREQUESTS", .rateLimited), (503, "", .network),
        ])
    func refused(status: Int, code: String, reason: RegistryError.Reason) async throws {
        stub.rule("uploads/", method: "POST", .status(status, code, "no"))
        let upload = try await fixture.upload()
        let error = await expectFailure(reason) { () throws(RegistryError) in try upload.get() }
        #expect(error?.hint?.isEmpty == false)
    }

    @Test("Pushing blobs: content of another digest is refused, and sent once")
    func wrongDigest() async throws {
        let other = Descriptor(mediaType: .ociLayerGzip, digest: Digest.of([1]), size: 100)
        let upload = try await fixture.upload(Array(bytes.prefix(100)), as: other)
        await expectFailure(.digestMismatch) { () throws(RegistryError) in try upload.get() }
        #expect(stub.requests("digest=").count == 1)
    }

    @Test("Pushing blobs: a source that is too short is no upload")
    func shortSource() async throws {
        let other = Descriptor(mediaType: .ociLayerGzip, digest: Digest.of(bytes), size: 100)
        let upload = try await fixture.upload(Array(bytes.prefix(10)), as: other)
        await expectFailure(.blobTooShort) { () throws(RegistryError) in try upload.get() }
    }

    @Test("Pushing blobs: 5xx bursts pass")
    func bursts() async throws {
        stub.rule("uploads/", method: "POST", times: 2, .status(500))
        stub.rule("uploads/", method: "PATCH", times: 2, .status(502))
        stub.rule("digest=", method: "PUT", times: 1, .status(503))
        #expect(try await fixture.upload().get().how == .uploaded)
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
    }

    @Test("Pushing blobs: cancelled at once")
    func cancelled() async throws {
        stub.rule("uploads/", method: "PATCH", .delivery(.silence))
        let flag = CancellationFlag()
        let clock = ContinuousClock()
        let start = Mutex(clock.now)
        // Its session is ended without hurry: whether, and not how soon, is the question here.
        let answers = AnswerLimits(sessionEnd: .seconds(60))
        async let outcome = fixture.upload(
            client: try registryClient(stall: .seconds(120), answers: answers), cancellation: flag,
            events: UploadEvents(onProgress: {
                guard $0 == 9_000_000 else { return }
                start.withLock { $0 = clock.now }
                flag.cancel()
            }))
        let result = try await outcome
        await expectFailure(.interrupted) { () throws(RegistryError) in try result.get() }
        #expect(clock.now - start.withLock { $0 } < .seconds(90))
        // The registry need not keep what nobody will finish.
        // The stub may see the end of what was cancelled after that.
        #expect(methods.contains("DELETE") && stub.openSessions == 0, "\(methods) \(stub.openSessions)")
    }

    @Test("Pushing blobs: a registry that does not end a cancelled session is not waited for long")
    func cancelledWithoutAnAnswer() async throws {
        stub.rule("uploads/", method: "PATCH", .delivery(.silence))
        stub.rule("uploads/", method: "DELETE", .delivery(.silence))
        let flag = CancellationFlag()
        let clock = ContinuousClock()
        let start = Mutex(clock.now)
        let result = try await fixture.upload(
            client: try registryClient(stall: .seconds(30)), cancellation: flag,
            events: UploadEvents(onProgress: {
                guard $0 == 9_000_000 else { return }
                start.withLock { $0 = clock.now }
                flag.cancel()
            }))
        await expectFailure(.interrupted) { () throws(RegistryError) in try result.get() }
        #expect(clock.now - start.withLock { $0 } < .seconds(5))
    }

    @Test("Pushing blobs: what is refused for good leaves no session")
    func refusedForGood() async throws {
        stub.rule("digest=", method: "PUT", .status(403, "DENIED", "no"))
        let upload = try await fixture.upload(Array(bytes.prefix(100)))
        await expectFailure(.denied) { () throws(RegistryError) in try upload.get() }
        #expect(stub.openSessions == 0)
    }

    @Test(
        arguments: [
            ("/v2/x/blobs/uploads/1", "https://r.example/v2/x/blobs/uploads/1"),
            ("https://cdn.example/1?a=b", "https://cdn.example/1?a=b"),
            ("http://r.example/v2/1?s=2", "https://r.example/v2/1?s=2"),
        ])
    func locations(text: String, url: String) throws {
        let base = "https://r.example/v2/x/blobs/uploads/"
        #expect(try UploadLocation.resolve(text, from: base, registry: "r") == url)
    }

    @Test func aLocationWithoutTLSIsRefused() async throws {
        await expectFailure(.redirect) { () throws(RegistryError) in
            try UploadLocation.resolve("http://evil.example/1", from: "https://r.example/v2/", registry: "r")
        }
    }

    @Test(
        arguments: [
            ("0-0", 0), ("0-99", 100), ("bytes=0-99", 100), ("5-9", nil), ("0--1", nil), ("x", nil), (nil, nil),
        ] as [(String?, Int64?)])
    func ends(field: String?, end: Int64?) { #expect(UploadLocation.end(field) == end) }

    @Test func scopesAreJoined() {
        #expect(RegistryAccess.push.reading(from: "b").scope(of: "a") == "repository:a:pull,push repository:b:pull")
        #expect(
            RegistryAccess.union("repository:a:pull,push", "repository:a:pull repository:b:pull")
                == "repository:a:pull,push repository:b:pull")
    }
}
