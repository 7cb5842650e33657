import Fixtures
import OCI
import Testing

@testable import Registry

@Suite struct CatalogTests {
    private func read(_ registry: StubRegistry, conf: String = "", as name: String? = nil) async throws -> [String] {
        var catalog = try registryClient(registries: conf).catalog(name ?? registry.host, pageSize: 2)
        var found: [String] = []
        while let page = try await catalog.page() { found += page.map(\.path) }
        return found
    }

    private func page(_ names: [String], next: String? = nil) -> StubAction {
        var response = StubResponse(
            200, text: "{\"repositories\":[\(names.map { "\"\($0)\"" }.joined(separator: ","))]}")
        if let next { response.set("Link", "<\(next)>; rel=\"next\"") }
        return .respond(response)
    }

    @Test func readsPagesByLink() async throws {
        let registry = StubRegistry()
        registry.rule("_catalog?n=2", times: 1, page(["a/b", "c/d"], next: "/v2/_catalog?last=c%2Fd&n=2"))
        registry.rule("last=", page(["e", "UPPER", "a/b", "f/g"]))
        #expect(try await read(registry) == ["a/b", "c/d", "e", "f/g"])
        #expect(registry.requests.map(\.target) == ["/v2/_catalog?n=2", "/v2/_catalog?last=c%2Fd&n=2"])
    }

    @Test func readsPagesByTheLastName() async throws {
        let registry = StubRegistry()
        registry.rule("last=c/d", page(["e/f"]))
        registry.rule("_catalog", page(["a/b", "c/d"]))
        #expect(try await read(registry) == ["a/b", "c/d", "e/f"])
        #expect(registry.requests.map(\.target) == ["/v2/_catalog?n=2", "/v2/_catalog?n=2&last=c/d"])
    }

    @Test func aRegistryWithoutPagesIsReadOnce() async throws {
        let registry = StubRegistry()
        registry.rule("_catalog", page(["a/b", "c/d"]))
        #expect(try await read(registry) == ["a/b", "c/d"])
        #expect(registry.requests.count == 2)
    }

    /// A registry that stands for another one may have it below a path, and holds others' repositories beside it.
    @Test func whatConfigurationPutsElsewhere() async throws {
        let registry = StubRegistry()
        registry.rule("_catalog", page(["hub/library/nginx", "hub/team/app", "other/x", "hub/short"]))
        let conf = "[[registry]]\nprefix = \"docker.io\"\nlocation = \"\(registry.host)/hub\"\n"
        #expect(try await read(registry, conf: conf, as: "docker.io") == ["library/nginx", "team/app"])
    }

    @Test(
        arguments: [
            (StubAction.status(404), RegistryError.Reason.unsupported), (.status(403), .denied),
            (.respond(StubResponse(200, text: "{}")), .malformed),
            (.respond(StubResponse(200, text: "\u{FF}")), .malformed),
        ] as [(StubAction, RegistryError.Reason)])
    func badAnswers(_ action: StubAction, _ reason: RegistryError.Reason) async throws {
        let registry = StubRegistry()
        registry.rule("_catalog", skip: 0, times: 1, action)
        var catalog = try registryClient().catalog(registry.host)
        await expectFailure(reason) { () throws(RegistryError) in _ = try await catalog.page() }
    }

    @Test(arguments: ["", "nginx", "a/b", "host:1/x", "UPPER CASE", "host:1?x", "ghcr.io/"])
    func whatIsNoRegistry(_ name: String) async throws {
        let client = try registryClient()
        await expectFailure(.notFound) { () throws(RegistryError) in _ = try client.catalog(name) }
    }
}
