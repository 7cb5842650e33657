import Fixtures
import HTTP
import OCI
import Testing

@testable import Registry

@Suite struct SearchTests {
    @Test(
        arguments: [
            ("nginx", "docker.io", "nginx"), ("library/nginx", "docker.io", "nginx"), ("a/b/c", "docker.io", "a/b/c"),
            ("index.docker.io/library/x", "docker.io", "x"), ("docker.io/x/y", "docker.io", "x/y"),
            ("localhost/x", "localhost", "x"), ("h.example/x/y", "h.example", "x/y"), ("h:5000/", "h:5000", ""),
            ("h:5000/library/x", "h:5000", "library/x"), ("a b&c=d", "docker.io", "a b&c=d"), ("", "docker.io", ""),
            ("/x", "docker.io", "/x"), ("h.example", "docker.io", "h.example"),
        ])
    func termsAreReadAsDockerDoes(_ text: String, _ registry: String, _ query: String) throws {
        let term = try SearchTerm(text)
        #expect(term.registry == registry && term.query == query)
    }

    @Test(
        arguments: [
            ("https://h/x", "invalid repository name (ex: \"registry.domain.tld/myrepos\")"),
            ("-h.example/x", "invalid index name (-h.example). Cannot begin or end with a hyphen"),
            ("h b.example/x", "invalid registry name (h b.example)"),
            ("me:secret@h.example/x", "invalid registry name (me:secret@h.example)"),
            ("h:99999/x", "invalid registry name (h:99999)"),
            ("h.example?a=/x", "invalid registry name (h.example?a=)"),
        ])
    func whatIsNoTerm(_ text: String, _ message: String) {
        #expect(throws: SearchTerm.Invalid(message: message)) { try SearchTerm(text) }
    }

    private func search(
        _ hub: StubHub, _ text: String = "nginx", hits: Int = 25, pageSize: Int = 25, pages: Int = 20,
        registries: String? = nil, isWanted: @Sendable (SearchHit) -> Bool = { _ in true }
    ) async throws -> [String] {
        let client = try registryClient(registries: registries ?? hub.registriesConf)
        return try await client.search(
            try SearchTerm(text), limits: SearchLimits(hits: hits, pageSize: pageSize, pages: pages),
            isWanted: isWanted
        ).map(\.name)
    }

    @Test func findsWithEverythingTheHubTells() async throws {
        let hub = StubHub([
            StubHub.Repository("a/b", "text", stars: 7, automated: true),
            StubHub.Repository(raw: #""name":"c","star_count":1e3,"is_official":true,"pull_count":12"#),
        ])
        let client = try registryClient(registries: hub.registriesConf)
        let found = try await client.search(try SearchTerm("library/a"), limits: SearchLimits(hits: 5, pageSize: 5))
        #expect(
            found == [
                SearchHit(name: "a/b", description: "text", starCount: 7, isAutomated: true),
                SearchHit(name: "c", starCount: 1000, isOfficial: true, pullCount: 12),
            ])
        #expect(hub.requests.last?.target == "/v1/search?q=a&n=5")
    }

    @Test func aQueryIsEncoded() async throws {
        let hub = StubHub()
        _ = try await search(hub, "a b&n=1#ü+")
        #expect(hub.requests.last?.target == "/v1/search?q=a%20b%26n%3D1%23%C3%BC%2B&n=25")
    }

    private static let many = (1...250).map { StubHub.Repository("r/\($0)", stars: $0) }

    @Test(
        arguments: [
            // Wanted, asked for at once, given at once, pages that are asked for.
            (25, 25, 100, 1), (100, 100, 100, 1), (100, 100, 30, 4), (60, 100, 25, 3),
        ])
    func goesOnWhileThereAreTooFew(_ hits: Int, _ size: Int, _ given: Int, _ pages: Int) async throws {
        let hub = StubHub(Self.many, pageSize: given)
        #expect(try await search(hub, "r", hits: hits, pageSize: size) == (1...hits).map { "r/\($0)" })
        let searches = hub.requests.filter { $0.path == "/v1/search" }
        #expect(searches.count == pages)
        #expect(searches.last?.query == "q=r&n=\(size)\(pages > 1 ? "&page=\(pages)" : "")")
    }

    @Test func filtersGoOnToWhatFits() async throws {
        let hub = StubHub(Self.many, pageSize: 50)
        let found = try await search(hub, "r", hits: 3, pageSize: 100) { $0.starCount > 110 }
        #expect(found == ["r/111", "r/112", "r/113"])
        #expect(try await search(hub, "r", hits: 3, pageSize: 100) { _ in false } == [])
        #expect(try await search(hub, "r", hits: 300, pageSize: 100, pages: 2).count == 100)
    }

    /// A registry that gives its first page for each is not asked for ever, and nothing is there twice.
    @Test func aRegistryWithoutPagesIsAskedTwice() async throws {
        let hub = StubHub(Self.many, pageSize: 20, pages: false)
        #expect(try await search(hub, "r", hits: 100, pageSize: 100).count == 20)
        #expect(hub.requests.filter { $0.path == "/v1/search" }.count == 2)
    }

    @Test(arguments: [StubResponse(503, text: "busy"), StubResponse(429, [("Retry-After", "0")], text: "{}")])
    func triesAgain(_ answer: StubResponse) async throws {
        let hub = StubHub()
        hub.answerFirst(answer, answer)
        #expect(try await search(hub, "httpd") == ["httpd"])
        #expect(hub.requests.filter { $0.path == "/v1/search" }.count == 3)
    }

    @Test(
        arguments: [
            (StubResponse(429, [("Retry-After", "3600")], text: "{\"errors\":[]}"), RegistryError.Reason.rateLimited),
            (StubResponse(404, text: "404 page not found"), .unsupported),
            (StubResponse(401, text: "who?"), .unsupported), (StubResponse(403, text: "{}"), .denied),
            (StubResponse(200, text: "<html>"), .malformed), (StubResponse(200, text: "{\"results\":{}}"), .malformed),
            (StubResponse(200, text: "null"), .malformed),
            (StubResponse(200, [], [UInt8](repeating: 0x20, count: 9 << 20)), .answerTooLarge),
        ])
    func failuresHaveErrorsOfTheirOwn(_ answer: StubResponse, _ reason: RegistryError.Reason) async throws {
        let hub = StubHub()
        hub.answerFirst(answer)
        let client = try registryClient(registries: hub.registriesConf)
        await expectFailure(reason) { () throws(RegistryError) in
            try await client.search(.nginx, limits: SearchLimits(hits: 25, pageSize: 25))
        }
    }

    @Test func hostileResultsAreTakenAsTheyAre() async throws {
        let hub = StubHub([
            StubHub.Repository(raw: #""name":"evil\u001b[2J","description":"a\u0007\u009b31m\u202eb\ud800""#),
            StubHub.Repository(raw: #""name":7,"description":"no name""#), StubHub.Repository(raw: #""name":"""#),
            StubHub.Repository(
                raw: #""name":"types","description":["x"],"star_count":"many","is_official":"yes","is_automated":1"#),
            StubHub.Repository(raw: #""name":"negative","star_count":-5"#),
            StubHub.Repository(raw: #""name":"huge","star_count":1e300"#),
            StubHub.Repository(raw: #""name":"huge","description":"again""#),
        ])
        let client = try registryClient(registries: hub.registriesConf)
        let found = try await client.search(.nginx, limits: SearchLimits(hits: 25, pageSize: 25))
        #expect(found.map(\.name) == ["evil\u{1B}[2J", "types", "negative", "huge"])
        #expect(found[0].description.hasPrefix("a\u{7}\u{9B}31m\u{202E}b"))
        #expect(found.dropFirst().allSatisfy { $0 == SearchHit(name: $0.name) })

        hub.answerFirst(
            StubResponse(
                200, [], Array(#"{"results":[{"name":"x","description":""#.utf8) + [0xFF, 0xC3] + Array("\"}]}".utf8)))
        let repaired = try await client.search(.nginx, limits: SearchLimits(hits: 25, pageSize: 25))
        #expect(repaired.map(\.name) == ["x"] && repaired[0].description.hasPrefix("\u{FFFD}"))
    }

    @Test func registriesConfSaysWhereToAsk() async throws {
        let (hub, mirror) = (StubHub(), StubHub([StubHub.Repository("nginx-mirrored")]))
        #expect(try await search(hub, registries: hub.registriesConf + mirror.mirrorTable) == ["nginx-mirrored"])
        #expect(hub.requests.isEmpty)
        // A mirror without a search, as they mostly are.
        mirror.answerFirst(StubResponse(404, text: "404 page not found"))
        #expect(try await search(hub, "httpd", registries: hub.registriesConf + mirror.mirrorTable) == ["httpd"])

        let named = try await search(hub, "\(hub.host)/httpd", registries: "")
        #expect(named == ["httpd"])
        for blocked in ["docker.io", hub.host] {
            let client = try registryClient(registries: "[[registry]]\nlocation = \"\(blocked)\"\nblocked = true\n")
            let term = try SearchTerm(blocked == hub.host ? hub.host + "/x" : "x")
            await expectFailure(.blocked) { () throws(RegistryError) in
                try await client.search(term, limits: SearchLimits(hits: 25, pageSize: 25))
            }
        }
    }

    @Test func whereTheHubsSearchIs() throws {
        func hosts(_ text: String, _ registry: String) throws -> [String] {
            try registryClient(registries: text).configuration.registries.searchEndpoints(for: registry)
                .map { "\($0.authority) \($0.transport)" }
        }
        #expect(try hosts("", "docker.io") == ["index.docker.io https"])
        #expect(try hosts("", "127.0.0.1:5000") == ["127.0.0.1:5000 http"])
        #expect(
            try hosts(
                """
                [[registry]]
                prefix = "docker.io"
                location = "registry-1.docker.io"
                [[registry.mirror]]
                location = "m.example/hub"
                [[registry.mirror]]
                location = "m.example/other"
                [[registry.mirror]]
                location = "d.example"
                pull-from-mirror = "digest-only"
                """, "docker.io") == ["m.example https", "index.docker.io https"])
        // What is said of some of its repositories is not said of the whole.
        #expect(
            try hosts("[[registry]]\nlocation = \"docker.io/library\"\nblocked = true", "docker.io")
                == ["index.docker.io https"])
    }

    @Test func loginsAreSentWhereTheyAreAskedFor() async throws {
        let hub = StubHub()
        var challenge = StubRegistry.error(401, "UNAUTHORIZED", "authentication required")
        challenge.set("WWW-Authenticate", "Basic realm=\"hub\"")
        hub.answerFirst(challenge)
        let client = try registryClient(
            docker: "{\"auths\":{\"\(hub.host)\":{\"username\":\"me\",\"password\":\"secret\"}}}")
        let term = try SearchTerm(hub.host + "/httpd")
        #expect(try await client.search(term, limits: SearchLimits(hits: 25, pageSize: 25)).count == 1)
        let sent = hub.requests.map { $0.header("Authorization") }
        #expect(sent == [nil, StubRegistry.basic("me", "secret")])
    }
}

extension SearchTerm {
    fileprivate static var nginx: SearchTerm {
        get throws(RegistryError) {
            do { return try SearchTerm("nginx") } catch {
                throw RegistryError(.malformed, error.message, registry: "")
            }
        }
    }
}
