import Fixtures
import HTTP
import OCI
import Testing
import Threads

@testable import Registry

/// Registries that do not answer, or whose answers never end: how long they are waited for.
@Suite struct AnswerLimitTests {
    private static let quick = AnswerLimits(
        stall: .milliseconds(200), stallBytes: 100, total: .milliseconds(700), totalOfLarge: .milliseconds(900))

    private func client(_ registry: SmallRegistry, login: StubRegistry.Login = .none) throws -> RegistryClient {
        registry.stub.login = login
        return try registryClient(attempts: 6, stall: .seconds(30), answers: Self.quick)
    }

    /// What each small answer is asked for with, and the part of the URL that it is found by.
    private static let questions: [(String, @Sendable (RegistryClient, SmallRegistry) async throws -> Void)] = [
        ("/manifests/", { _ = try await $0.manifest($1.reference()) }),
        ("/manifests/", { _ = try await $0.head($1.reference()) }),
        ("/tags/list", { _ = try await $0.tags($1.repository()) }),
        ("/referrers/", { _ = try await $0.referrers(of: $1.descriptor.digest, in: $1.repository()) }),
        ("/blobs/", { _ = try await $0.smallBlob($1.descriptor, from: $1.repository(), maximumBytes: 1 << 20) }),
        ("/v2/", { try await $0.ping($1.stub.host) }),
    ]

    @Test(arguments: questions.indices) func oneThatNeverAnswersIsAskedTwice(_ index: Int) async throws {
        let (part, ask) = Self.questions[index]
        let registry = try SmallRegistry()
        registry.stub.rule(part, .delivery(.silence))
        let client = try client(registry)
        let error = await #expect(throws: RegistryError.self) { try await ask(client, registry) }
        #expect(error?.reason == .timeout, "\(error?.message ?? "")")
        #expect(registry.stub.requests.count == 2)
    }

    @Test func oneThatWakesUpIsHeard() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", times: 1, .delivery(.stall(after: 10)))
        // Its own answer may be late where the machine has much to do.
        let client = try registryClient(stall: .seconds(3), answers: AnswerLimits(stall: .seconds(3)))
        #expect(try await client.manifest(try registry.reference()).bytes == registry.manifest)
    }

    /// The token server's answer is one of those, too.
    @Test func soIsATokenServer() async throws {
        let registry = try SmallRegistry()
        let client = try client(registry, login: .bearer())
        registry.stub.rule("/token", .delivery(.silence))
        let reference = try registry.reference()
        let error = await expectFailure(.timeout) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(error?.message.contains("the token server of") == true)
        #expect(registry.stub.requests("/token").count == 2)
    }

    /// One that moves a little all the time is no stall, and no answer either.
    @Test func oneThatDripsHasATimeLimitAsAWhole() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule(
            "/manifests/",
            StubAction { _, response in
                var response = response
                response.body = [UInt8](repeating: 32, count: 200_000)
                response.delivery = .slow(piece: 100, milliseconds: 20)
                return response
            })
        let (client, reference) = (try client(registry), try registry.reference())
        let start = ContinuousClock.now
        let error = await expectFailure(.timeout) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(error?.message.contains("was not complete after") == true)
        // It would take 40 s, and another try as long.
        #expect(registry.stub.requests.count == 1)
        #expect(ContinuousClock.now - start < .seconds(39))
    }

    @Test func dripsBelowTheRateAreAStall() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/manifests/", .delivery(.slow(piece: 1, milliseconds: 20)))
        let (client, reference) = (try client(registry), try registry.reference())
        let error = await expectFailure(.timeout) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(error?.message.contains("stalled") == true)
        #expect(registry.stub.requests.count == 2)
    }

    /// Blobs keep a rule of their own: what comes slowly comes, and a stall is taken up where it was as often as need be.
    @Test func blobsMayTakeTheirTime() async throws {
        let registry = try SmallRegistry(layerBytes: 60_000)
        registry.stub.rule("/blobs/", .delivery(.slow(piece: 2_000, milliseconds: 40)))
        let (client, repository, descriptor) = (
            try client(registry), try registry.repository(), registry.descriptor
        )
        let result = await onThread {
            Result { () throws(RegistryError) in
                try client.downloadBlob(
                    descriptor, from: repository, cancellation: CancellationFlag(), onStart: { _ in }, onBytes: { _ in }
                )
            }
        }
        try result.get()
        #expect(registry.stub.requests.count == 1)
    }

    @Test func limitsAreThoseOfTheAnswersSize() {
        var configuration = RegistryConfiguration()
        #expect(configuration.limits(forAnswerOf: 64 << 10).total == .seconds(60))
        #expect(configuration.limits(forAnswerOf: 16 << 20).total == .seconds(120))
        #expect(configuration.limits(forAnswerOf: 1).stall == .seconds(15))
        // Whoever configured less gets less.
        configuration.limits = HTTPLimits(stall: .seconds(2), total: .seconds(5))
        #expect(configuration.limits(forAnswerOf: 1).stall == .seconds(2))
        #expect(configuration.limits(forAnswerOf: 1).total == .seconds(5))
        #expect(configuration.patientLimits.total == .seconds(5))
        // Two tries of a registry that is dead, with the wait between them.
        let policy = RetryPolicy()
        #expect(AnswerLimits().stall * policy.timeoutAttempts + policy.longest < .seconds(60))
    }
}
