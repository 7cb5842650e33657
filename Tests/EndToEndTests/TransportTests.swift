import Fixtures
import Foundation
import JSON
import Testing

/// How registries are reached from the built program: proxies, rates, and what `set trace on` tells.
@Suite struct TransportTests {
    private static let secret = "pr0xy-secret"

    @Test(arguments: [("HTTP_PROXY", true), ("http_proxy", true), ("ALL_PROXY", true), ("HTTPS_PROXY", false)])
    func proxiesAreUsedAndTheirPasswordsNotShown(_ variable: String, _ isPlain: Bool) {
        let proxy = StubServer { _ in StubResponse(404, text: "{}") }
        let line = "set trace on; pull \(isPlain ? "--plain-http" : "") registry.invalid/team/app:1"
        let environment = [variable: "http://me:\(Self.secret)@\(proxy.host)"]
        let result = Sandbox(registry: nil).dsh(line, environment: environment, timeout: 120)
        #expect(result.code == 1, "\(result)")
        #expect(!proxy.requests.isEmpty)
        for request in proxy.requests {
            #expect(request.method == (isPlain ? "GET" : "CONNECT") || request.method == "HEAD")
            #expect(request.header("Proxy-Authorization") == StubRegistry.basic("me", Self.secret))
        }
        #expect(result.errors.contains("trace: ") && !result.errors.contains(Self.secret), "\(result)")
        let others = Sandbox(registry: nil).dsh(
            "pull --plain-http registry.invalid/team/app:1",
            environment: environment.merging(["NO_PROXY": "other.example,.invalid"]) { $1 }, timeout: 120)
        expectFailure(others, code: "network")
        #expect(others.errors.contains("cannot resolve registry.invalid"), "\(others)")
    }

    @Test func aProxyThatIsNoneIsToldWithoutItsPassword() {
        let result = Sandbox(registry: nil).dsh(
            "pull --plain-http registry.invalid/team/app:1",
            environment: ["HTTP_PROXY": "http://me:\(Self.secret)@:port"], timeout: 120)
        #expect(result.code == 1 && !result.errors.contains(Self.secret), "\(result)")
    }

    @Test func aRateIsKept() {
        let registry = StubRegistry()
        let layer = (0..<600_000).map { _ in UInt8.random(in: 0...255) }
        let digest = registry.addBlob(layer)
        let config = Array(
            #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["\#(digest)"]}}"#.utf8)
        registry.addManifest(
            "team/app", tags: ["1"],
            Array(
                """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\(registry.addBlob(config))",\
                "size":\(config.count)},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",\
                "digest":"\(digest)","size":\(layer.count)}]}
                """.utf8))
        let sandbox = Sandbox(registry: nil)
        let start = Date()
        let pulled = sandbox.dsh("pull --limit-rate 400kB --platform linux/amd64 \(registry.host)/team/app:1")
        #expect(pulled.code == 0, "\(pulled)")
        #expect(Date().timeIntervalSince(start) >= 1.3)
    }

    @Test func theTraceTellsEachRequestWithoutSecrets() {
        let registry = StubRegistry()
        registry.add(StandardImages.named("library/alpine", "3.19"), "team/app", tags: ["1"])
        registry.login = .bearer(username: "me", password: Self.secret)
        let sandbox = Sandbox(registry: nil)
        let auth = StubRegistry.base64("me:" + Self.secret)
        _ = sandbox.directory.write(
            "home/.docker/config.json", "{\"auths\":{\"\(registry.host)\":{\"auth\":\"\(auth)\"}}}")
        let quiet = sandbox.dsh("pull --dry-run \(registry.host)/team/app:1")
        #expect(quiet.code == 0 && !quiet.errors.contains("trace:"), "\(quiet)")
        let told = sandbox.dsh(
            "set trace on; pull -q \(registry.host)/team/app:1; set trace off; pull -q \(registry.host)/team/app:1")
        #expect(told.code == 0, "\(told)")
        let lines = told.errors.split(separator: "\n").filter { $0.hasPrefix("trace: ") }
        #expect(lines.contains { $0.contains("GET http://\(registry.host)/v2/team/app/manifests/1 401 ") })
        #expect(lines.contains { $0.contains("/token?service=stub&") && $0.contains(" basic") })
        #expect(lines.contains { $0.contains("/blobs/sha256:") && $0.contains(" 200 ") && $0.contains(" bearer") })
        #expect(!told.errors.contains(Self.secret) && !told.errors.contains(auth) && !told.errors.contains("token-"))
    }
}
