import Fixtures
import Foundation
import OCI
import Testing

@testable import Registry

/// Pushing again after a run that was cut off: it goes on from what the registry has, or begins anew.
@Suite struct LaterUploadTests {
    private let fixture: UploadFixture
    private var stub: StubRegistry { fixture.stub }
    private var bytes: [UInt8] { fixture.bytes }
    private var blob: Descriptor { fixture.blob }
    private var methods: [String] { fixture.methods }

    init() throws { fixture = try UploadFixture() }

    private func notingClient(_ directory: TemporaryDirectory, attempts: Int = 1) throws -> RegistryClient {
        let client = try registryClient(attempts: attempts, stall: .seconds(10))
        var configuration = client.configuration
        configuration.uploads = UploadNotes(directory: directory.path + "/cache/uploads", leastSize: 1 << 20)
        return RegistryClient(http: client.http, configuration: configuration)
    }

    private func notes(_ directory: TemporaryDirectory) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory.path + "/cache/uploads")) ?? []
    }

    @Test("Pushing a blob in chunks: a later run goes on from what the registry has")
    func goesOnLater() async throws {
        let directory = TemporaryDirectory()
        stub.breakUploads(after: [3_000_000])
        let first = try await fixture.upload(client: try notingClient(directory))
        await expectFailure(.network) { () throws(RegistryError) in try first.get() }
        #expect(stub.openSessions == 1 && notes(directory).count == 1)
        let path = directory.path + "/cache/uploads/" + (notes(directory).first ?? "")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        stub.forgetRequests()
        let outcome = try await fixture.upload(client: try notingClient(directory)).get()
        #expect(outcome == UploadOutcome(how: .uploaded, sent: 6_000_000))
        #expect(methods == ["HEAD", "GET", "PATCH", "PUT"])
        #expect(stub.requests("uploads/").map { $0.header("Content-Range") }.contains("3000000-8999999"))
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
        #expect(stub.openSessions == 0 && notes(directory).isEmpty)
    }

    /// What the registry keeps is not what it says, has gone, or is somebody else's: all is sent, and right.
    @Test(
        "Pushing a blob in chunks: a later run begins anew where it cannot go on",
        arguments: ["forgotten", "wrong", "400", "torn", "other"])
    func beginsAnewLater(_ how: String) async throws {
        let directory = TemporaryDirectory()
        stub.breakUploads(after: [3_000_000])
        let first = try await fixture.upload(client: try notingClient(directory))
        await expectFailure(.network) { () throws(RegistryError) in try first.get() }
        let path = directory.path + "/cache/uploads/" + (notes(directory).first ?? "")
        switch how {
        case "forgotten": stub.forgetSessions()
        case "wrong": stub.spoilSessions()
        case "400": stub.rule("uploads/", method: "GET", times: 1, .status(400, "BLOB_UPLOAD_INVALID", "no"))
        case "torn": try Data("{\"Upload\":\"".utf8).write(to: URL(fileURLWithPath: path))
        default:
            try Data("{\"Upload\":\"x\",\"Session\":\"\(stub.url)/v2/x\"}".utf8).write(to: URL(fileURLWithPath: path))
        }
        stub.forgetRequests()
        let outcome = try await fixture.upload(client: try notingClient(directory, attempts: 3)).get()
        #expect(outcome.how == .uploaded)
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
        #expect(notes(directory).isEmpty)
        #expect(stub.requests("x").allSatisfy { !$0.path.hasSuffix("/v2/x") })
    }

    @Test("Pushing a blob in chunks: two at once have a session each")
    func twoAtOnce() async throws {
        let directory = TemporaryDirectory()
        let client = try notingClient(directory, attempts: 3)
        async let one = fixture.upload(client: client)
        async let two = fixture.upload(client: client)
        #expect(try await one.get().how == .uploaded)
        #expect([.uploaded, .exists].contains(try await two.get().how))
        #expect(stub.uploaded("team/new", blob.digest.description) == bytes)
        #expect(notes(directory).isEmpty)
    }
}
