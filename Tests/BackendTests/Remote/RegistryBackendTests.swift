import Backend
import Fixtures
import Foundation
import HTTP
import OCI
import Registry
import Store
import Testing

/// Reading from a stub registry, with a store of its own for the cache.
@Suite struct RegistryBackendTests {
    private let directory = TemporaryDirectory()
    private let registry = StubRegistry()

    /// As a new process would have it.
    private func backend() throws -> RegistryBackend {
        let store = try Store(path: directory.path + "/store")
        return RegistryBackend(store: store) { () throws(RegistryError) in
            var configuration = RegistryConfiguration()
            configuration.retry = RetryPolicy(attempts: 2, base: .milliseconds(2), longest: .milliseconds(4))
            return RegistryClient(
                http: HTTPClient(HTTPClient.Configuration(proxy: .none)), configuration: configuration)
        }
    }

    private func reference(_ text: String) throws -> Reference { try Reference("\(registry.host)/\(text)") }
    private var methods: [String] { registry.requests.map(\.method).sorted() }

    @Test func theSecondReadingOnlyAsksForTheDigest() async throws {
        registry.add(StandardImages.named("library/node", "20"), "team/app", tags: ["1"])
        let first = try await backend().image(reference("team/app:1"))
        #expect(methods.contains("GET"))
        registry.forgetRequests()
        let second = try await backend().image(reference("team/app:1"))
        #expect(methods == ["HEAD"])
        #expect(second.manifest == first.manifest && second.config == first.config)
        registry.forgetRequests()
        _ = try await backend().image(reference("team/app@\(first.root.digest)"))
        #expect(methods.isEmpty)
    }

    @Test func theCacheMayGoAway() async throws {
        registry.add(StandardImages.named("library/alpine", "3.19"), "team/app", tags: ["1"])
        let backend = try backend()
        let first = try await backend.image(reference("team/app:1"))
        try FileManager.default.removeItem(atPath: directory.path + "/store/cache")
        #expect(try await backend.image(reference("team/app:1")).config == first.config)
    }

    @Test func aTagThatMovedIsReadAnew() async throws {
        registry.add(StandardImages.named("library/alpine", "3.19"), "team/app", tags: ["1"])
        let first = try await backend().image(reference("team/app:1"))
        registry.add(StandardImages.named("library/node", "20"), "team/app", tags: ["1"])
        #expect(try await backend().image(reference("team/app:1")).config != first.config)
    }

    @Test func manyAtOnceFetchADocumentOnce() async throws {
        registry.add(StandardImages.named("library/alpine", "3.19"), "team/app", tags: (0..<40).map { "v\($0)" })
        let backend = try backend()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { _ = try await backend.image(self.reference("team/app:v\(number)")) }
            }
            try await group.waitForAll()
        }
        let targets = registry.requests.filter { $0.method == "GET" }.map(\.target)
        #expect(targets.count == Set(targets).count, "\(targets)")
    }

    @Test func platforms() async throws {
        registry.add(StandardImages.named("library/nginx", "1.25"), "team/app", tags: ["1"])
        let backend = try backend()
        let image = try await backend.image(reference("team/app:1"))
        #expect(image.platforms.count > 1)
        let other = try #require(image.platforms.first { $0 != image.config?.platform })
        let chosen = try await backend.image(reference("team/app:1"), platform: other)
        #expect(chosen.config?.platform == other)
        let none = try Platform("linux/s390x")
        let error = await failure { _ = try await backend.image(self.reference("team/app:1"), platform: none) }
        #expect(error?.code == .noMatchingPlatform)
    }

    @Test(
        arguments: [
            ("/manifests/", StubAction.corrupt, BackendError.Code.digestMismatch),
            ("/manifests/", .body([UInt8](repeating: 32, count: 100 << 20)), .corrupt),
            ("/manifests/", .body([0x7B, 0xFF, 0xFE, 0x7D]), .digestMismatch), ("/blobs/", .corrupt, .digestMismatch),
            ("/blobs/", .short(by: 3), .corrupt), ("/blobs/", .status(404), .notFound),
            ("/manifests/", .status(429, retryAfter: "600"), .rateLimited),
        ] as [(String, StubAction, BackendError.Code)])
    func whatIsWrongIsNeitherGivenNorKept(_ part: String, _ action: StubAction, _ code: BackendError.Code) async throws
    {
        registry.add(StandardImages.named("library/alpine", "3.19"), "team/app", tags: ["1"])
        registry.rule(part, method: "GET", action)
        let backend = try backend()
        let error = await failure { _ = try await backend.image(self.reference("team/app:1")) }
        #expect(error?.code == code, "\(String(describing: error))")
        registry.forgetRules()
        _ = try await backend.image(reference("team/app:1"))
    }

    @Test func whatIsNotThere() async throws {
        let backend = try backend()
        #expect(try await backend.find(reference("team/app:none")) == nil)
        registry.login = .bearer(username: "me", password: "secret")
        let error = await failure { _ = try await backend.find(self.reference("team/app:none")) }
        #expect(error?.code == .unauthorized)
    }
}
