import Fixtures
import Foundation
import HTTP
import OCI
import Testing

@testable import Registry

/// A client for tests: quick retries, short stalls, configuration from text.
func registryClient(
    registries: String = "", docker: String? = nil, attempts: Int = 4, stall: Duration = .milliseconds(600),
    proxy: HTTPClient.Configuration.Proxy = .none, tagList: TagListLimits = TagListLimits(),
    resolve: [String] = [], environment: [String: String] = [:], answers: AnswerLimits = AnswerLimits(),
    helperSeconds: Double? = nil, warn: @escaping @Sendable (String) -> Void = { _ in }
) throws -> RegistryClient {
    var configuration = RegistryConfiguration()
    configuration.registries.add(try RegistriesParser.parse(Array(registries.utf8), path: "registries.conf"))
    if let docker {
        configuration.logins = Logins(
            [LoginFile(bytes: Array(docker.utf8), path: "config.json")], environment: environment,
            helperSeconds: helperSeconds)
    }
    configuration.retry = RetryPolicy(attempts: attempts, base: .milliseconds(4), longest: .milliseconds(20))
    configuration.limits = HTTPLimits(stall: stall)
    configuration.answers = answers
    configuration.tagList = tagList
    configuration.warn = warn
    return RegistryClient(
        http: HTTPClient(HTTPClient.Configuration(proxy: proxy, resolve: resolve)), configuration: configuration)
}

/// A registry with one small image `team/app:1` of two layers.
struct SmallRegistry {
    static let repository = "team/app"
    let stub = StubRegistry()
    let manifest: [UInt8]
    let manifestDigest: String
    let layer: [UInt8]
    let descriptor: Descriptor

    init(layerBytes: Int = 300_000) throws {
        layer = (0..<layerBytes).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 9) }
        let digest = stub.addBlob(layer)
        let config = Array("{\"architecture\":\"amd64\",\"os\":\"linux\"}".utf8)
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
            "config":{"mediaType":"\(MediaType.ociConfig)","digest":"\(stub.addBlob(config))","size":\(config.count)},\
            "layers":[{"mediaType":"\(MediaType.ociLayerGzip)","digest":"\(digest)","size":\(layer.count)}]}
            """
        manifest = Array(text.utf8)
        manifestDigest = stub.addManifest(Self.repository, tags: ["1"], manifest)
        descriptor = Descriptor(mediaType: .ociLayerGzip, digest: try Digest(digest), size: Int64(layer.count))
    }

    func reference(_ suffix: String = ":1") throws -> Reference {
        try Reference("\(stub.host)/\(Self.repository)\(suffix)")
    }

    func repository() throws -> Repository { try reference().repository }
}

/// Expects a `RegistryError` for that reason, whose word is one of the shell's, and returns it.
@discardableResult
func expectFailure<Value>(
    _ reason: RegistryError.Reason, location: SourceLocation = #_sourceLocation,
    _ body: () async throws(RegistryError) -> Value
) async -> RegistryError? {
    do throws(RegistryError) {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: location)
        return nil
    } catch {
        #expect(error.reason == reason, "\(error.message)", sourceLocation: location)
        #expect(error.code == reason.word, sourceLocation: location)
        #expect(!error.message.isEmpty, sourceLocation: location)
        return error
    }
}

/// Runs blocking work on a thread of its own, as dsh does.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: work()) }.start()
    }
}
