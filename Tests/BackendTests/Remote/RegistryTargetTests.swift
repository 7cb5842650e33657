import Fixtures
import HTTP
import OCI
import Registry
import Testing

@testable import Backend

@Suite struct RegistryTargetTests {
    /// A registry that does not answer is not asked for one repository after the other; one that refuses a look is.
    @Test(arguments: [(StubAction.delivery(.hangUp), true), (.status(403, "DENIED"), false)])
    func aLookForMountsEndsWithTheRegistry(_ action: StubAction, isEnd: Bool) async throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        var configuration = RegistryConfiguration()
        configuration.retry = RetryPolicy(attempts: 2, base: .milliseconds(2), longest: .milliseconds(4))
        let client = RegistryClient(
            http: HTTPClient(HTTPClient.Configuration(proxy: .none)), configuration: configuration)
        let target = RegistryTarget(
            try Reference("\(stub.host)/team/new:1"), source: "x", client: client, uploads: UploadFlights())
        let bytes: [UInt8] = [1, 2, 3]
        stub.addBlob(bytes)
        let blob = Descriptor(mediaType: .ociLayerGzip, digest: Digest.of(bytes), size: 3)
        let others = try ["a", "b", "c"].map { try Repository("\(stub.host)/team/\($0)") }
        for name in ["a", "b"] { stub.rule("team/\(name)/blobs/", action) }
        do throws(BackendError) {
            let found = try await target.mountSource(of: blob, among: others)
            #expect(!isEnd && found == others[2])
        } catch { #expect(isEnd && error.code == .network, "\(error)") }
        #expect(stub.requests("team/b/").isEmpty == isEnd)
    }
}
