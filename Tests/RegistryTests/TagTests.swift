import Fixtures
import HTTP
import OCI
import Synchronization
import Testing

@testable import Registry

@Suite struct TagTests {
    @Test func readsEveryPage() async throws {
        let registry = StubRegistry()
        let names = (0..<250).map { "v\($0)" }
        registry.addTags("team/app", names)
        let tags = try await registryClient().tags(Repository("\(registry.host)/team/app"), pageSize: 100)
        #expect(tags == names)
        #expect(registry.requests.map(\.query) == ["n=100", "n=100&last=v99", "n=100&last=v199"])
    }

    /// Registries without `Link` go on behind the last tag of a full page.
    @Test func readsPagesByTheLastTag() async throws {
        let registry = StubRegistry()
        registry.addTags("team/app", (0..<250).map { "v\($0)" })
        registry.rule("/tags/list", .header("Link", nil))
        let tags = try await registryClient().tags(Repository("\(registry.host)/team/app"), pageSize: 100)
        #expect(tags.count == 250)
        #expect(registry.requests.map(\.query) == ["n=100", "n=100&last=v99", "n=100&last=v199"])
    }

    @Test(arguments: [
        ("{\"name\":\"a\",\"tags\":null}", []), ("{\"tags\":[]}", []),
        ("{\"tags\":[\"a\",1,\"b/c\",\"\\u001b\",\"d\"]}", ["a", "d"]),
    ])
    func takesWhatIsATag(_ text: String, _ expected: [String]) async throws {
        let registry = StubRegistry()
        registry.rule("/tags/list", .respond(StubResponse(200, text: text)))
        let told = Mutex<[String]>([])
        let client = try registryClient { text in told.withLock { $0.append(text) } }
        #expect(try await client.tags(Repository("\(registry.host)/team/app")) == expected)
        let leftOut = "lists 3 names that are no tag of \(registry.host)/team/app, left out: \"b/c\", \"\\u{1b}\", …"
        #expect(told.withLock { $0 } == (expected.isEmpty ? [] : ["\(registry.host) \(leftOut)"]))
    }

    @Test(
        arguments: [
            (StubAction.header("Link", "<http://other.example/v2/x>; rel=\"next\""), RegistryError.Reason.malformed),
            (.header("Link", "<//other.example/>; rel=next"), .malformed),
            (.header("Link", "<file:///etc/passwd>; rel=\"next\""), .malformed),
            (.header("Link", "</v2/team/app/tags/list?n=1>; rel=\"next\""), .malformed),
            (.respond(StubResponse(200, text: "[]")), .malformed),
            (.respond(StubResponse(200, text: "<html>")), .malformed),
            (.respond(StubResponse(200, text: "{\"tags\":{}}")), .malformed),
            (.respond(StubResponse(200, text: "{\"tags\":\"a\"}")), .malformed),
            (.status(404, "NAME_UNKNOWN"), .notFound), (.status(401), .unsupported),
        ] as [(StubAction, RegistryError.Reason)])
    func badAnswersHaveErrorsOfTheirOwn(_ action: StubAction, _ reason: RegistryError.Reason) async throws {
        let registry = StubRegistry()
        registry.addTags("team/app", ["a", "b"])
        registry.rule("/tags/list", action)
        let client = try registryClient()
        let repository = try Repository("\(registry.host)/team/app")
        await expectFailure(reason) { () throws(RegistryError) in try await client.tags(repository) }
        #expect(registry.requests.count < 5)
    }

    /// Each page names another next one, and brings a tag of its own or none.
    @Test(
        arguments: [
            (TagListLimits(pages: 5), true, RegistryError.Reason.malformed),
            (TagListLimits(idlePages: 3), false, .malformed), (TagListLimits(tags: 4), true, .answerTooLarge),
            (TagListLimits(bytes: 100), true, .answerTooLarge), (TagListLimits(time: .zero), true, .timeout),
        ] as [(TagListLimits, Bool, RegistryError.Reason)])
    func aListThatNeverEndsIsGivenUp(_ limits: TagListLimits, _ isNew: Bool, _ reason: RegistryError.Reason)
        async throws
    {
        let registry = StubRegistry()
        registry.rule(
            "/tags/list",
            StubAction { request, _ in
                let number = Int(request.query.split(separator: "=").last ?? "") ?? 0
                var page = StubResponse(200, text: "{\"tags\":[\"v\(isNew ? number : 0)\"]}")
                page.set("Link", "</v2/team/app/tags/list?n=1&last=\(number + 1)>; rel=\"next\"")
                return page
            })
        let client = try registryClient(tagList: limits)
        let repository = try Repository("\(registry.host)/team/app")
        let error = await expectFailure(reason) { () throws(RegistryError) in try await client.tags(repository) }
        #expect(error?.hint?.contains(":TAG") == true)
        #expect(registry.requests.count < 12)
    }

    @Test func aTagOnTwoPagesIsOne() async throws {
        let registry = StubRegistry()
        registry.addTags("team/app", ["a", "b", "a", "c"])
        #expect(try await registryClient().tags(Repository("\(registry.host)/team/app")) == ["a", "b", "c"])
    }

    @Test(
        arguments: [
            ("</a>; rel=\"next\"", "/a"), ("</a>; rel=next", "/a"),
            ("</p>; rel=prev, </n>; title=x; rel=\"a next\"", "/n"),
            ("</a>; rel=\"prev\"", nil), ("garbage", nil), ("<", nil), ("</a>", nil), ("</a>; REL = next", "/a"),
        ] as [(String, String?)])
    func links(_ field: String, _ expected: String?) {
        #expect(LinkField.next(field) == expected)
    }
}

@Suite struct RetryPolicyTests {
    private func error(_ wait: Duration? = nil, retryable: Bool = true) -> RegistryError {
        RegistryError(.network, "x", registry: "r", isRetryable: retryable, retryAfter: wait)
    }

    @Test func growsWithinItsBounds() {
        let policy = RetryPolicy(attempts: 100, base: .seconds(1), longest: .seconds(10), random: { 0.5 })
        let waits = (1...6).map { policy.delay(after: $0, error()) }
        #expect(waits == [0.5, 1, 2, 4, 5, 5].map { .seconds($0) })
        #expect(policy.delay(after: 99, error()) == .seconds(5))
        #expect(policy.delay(after: 100, error()) == nil)
        #expect(policy.delay(after: 1, error(retryable: false)) == nil)
        #expect(policy.delay(after: 1, error(.seconds(7))) == .seconds(7.5))
        #expect(policy.delay(after: 1, error(.seconds(61))) == nil)
    }

    /// A registry that starts again within a second is waited for, and nobody waits long for one that is not there.
    @Test(arguments: [0, 0.5, 0.999])
    func aConnectionThatNothingTakesIsTriedForAWhile(random: Double) {
        let policy = RetryPolicy(random: { random })
        var error = error()
        error.isUnconnected = true
        let waits = (1...6).map { policy.delay(after: $0, error) }
        let whole = waits.compactMap { $0 }.reduce(.zero, +)
        #expect(waits.map { $0 != nil } == [true, true, true, false, false, false])
        #expect(whole > .seconds(1) && whole < .seconds(2), "\(waits)")
        #expect(RetryPolicy(attempts: 1).delay(after: 1, error) == nil)
    }

    @Test func aRegistryThatIsNotThereIsTriedAgain() async throws {
        let registry = try SmallRegistry()
        let reference = try registry.reference()
        registry.stub.stop()
        let client = try registryClient(attempts: 9)
        let tries = Mutex(0)
        await expectFailure(.network) { () throws(RegistryError) in
            try await client.manifest(reference, onRetry: { _, _ in tries.withLock { $0 += 1 } })
        }
        #expect(tries.withLock { $0 } == 3)
    }
}
