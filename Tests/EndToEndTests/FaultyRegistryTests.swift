import Fixtures
import Foundation
import JSON
import Testing

/// A registry that misbehaves: what may pass is tried again, what may not is said, and nothing half done is kept.
@Suite struct FaultyRegistryTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var what: String
        var part = "blobs/"
        var skip = 0
        var times = Int.max
        var action: StubAction
        /// nil: the pull succeeds.
        var code: String?
        var testDescription: String { what }
    }

    static let faults = [
        Fault(what: "503 twice, then fine", times: 2, action: .status(503), code: nil),
        Fault(what: "429 once, come back in a second", times: 1, action: .status(429, retryAfter: "1"), code: nil),
        Fault(what: "500 for the manifest, once", part: "manifests/", times: 1, action: .status(500), code: nil),
        Fault(what: "reset in the middle, once", times: 1, action: .delivery(.reset(after: 1_000_000)), code: nil),
        Fault(what: "cut in the middle, once", times: 1, action: .delivery(.cut(after: 1_000_000)), code: nil),
        Fault(what: "no answer at all, once", times: 1, action: .delivery(.hangUp), code: nil),
        Fault(what: "silent in the middle, once", times: 1, action: .delivery(.stall(after: 500_000)), code: nil),
        Fault(what: "chunked", action: .length(.chunked), code: nil),
        Fault(what: "no length", action: .length(.untilClose), code: nil),
        Fault(what: "429 for ever", action: .status(429, "TOOMANYREQUESTS", "slow down"), code: "rate_limited"),
        Fault(what: "one bit wrong, for ever", skip: 2, action: .corrupt, code: "digest_mismatch"),
        Fault(what: "too short, for ever", skip: 2, action: .short(by: 10), code: "corrupt"),
        Fault(what: "too long, for ever", skip: 2, action: .long(by: 10), code: "corrupt"),
        Fault(what: "403", action: .status(403, "DENIED", "requested access is denied"), code: "denied"),
        Fault(what: "another manifest", part: "manifests/", action: .body(Array("{}".utf8)), code: "digest_mismatch"),
        Fault(
            what: "a page of HTML for a manifest", part: "manifests/",
            action: .respond(
                StubResponse(200, [("Content-Type", "text/html")], text: "<html>login</html>")), code: "corrupt"),
        Fault(
            what: "a manifest of 5 MB", part: "manifests/",
            action: .respond(
                StubResponse(
                    200, [("Content-Type", "application/vnd.oci.image.manifest.v1+json")],
                    [UInt8](repeating: 0x20, count: 5 << 20))), code: "corrupt"),
        Fault(
            what: "a redirect to itself", part: "manifests/", action: .redirect("/v2/lab/big/manifests/1"),
            code: "network"),
    ]

    @Test(arguments: faults)
    func aFaultIsOvercomeOrSaid(fault: Fault) {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.add(StandardImages.named("lab/big", "1"), "lab/big", tags: ["1"])
        registry.rule(fault.part, skip: fault.skip, times: fault.times, fault.action)
        let sandbox = Sandbox(registry: nil)
        let name = "\(registry.host)/lab/big:1"
        let pulled = sandbox.dsh("pull \(name)", timeout: 180)
        if let code = fault.code {
            expectFailure(pulled, code: code)
            #expect(value(sandbox.dsh("images")) == [])
            #expect(expectValidStore(sandbox.store, after: fault.what).references.isEmpty)
            // The registry mends itself, and the same command completes.
            registry.forgetRules()
            let again = sandbox.dsh("pull \(name)")
            #expect(again.code == 0, "\(again)")
        } else {
            #expect(pulled.code == 0, "\(pulled)")
        }
        #expect(expectValidStore(sandbox.store, after: fault.what).references == [name])
    }

    @Test func whatAKilledPullLeftIsTakenUpByTheNext() throws {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.add(StandardImages.named("lab/big", "1"), "lab/big", tags: ["1"])
        registry.rule("blobs/", .delivery(.slow(piece: 100_000, milliseconds: 30)))
        let sandbox = Sandbox(registry: nil)
        let name = "\(registry.host)/lab/big:1"
        let pull = sandbox.start(["-c", "pull \(name)"])
        usleep(700_000)
        pull.signal(SIGKILL)
        #expect(pull.wait().code == 128 + SIGKILL)
        expectValidStore(sandbox.store)
        registry.forgetRules()
        registry.forgetRequests()
        #expect(sandbox.dsh("pull \(name)").code == 0)
        let resumed = registry.requests("blobs/").compactMap { $0.header("Range") }
        #expect(!resumed.isEmpty, "nothing was resumed: \(registry.requests.map(\.target))")
        expectValidStore(sandbox.store)
    }

    @Test func sharedLayersCrossTheWireOnce() {
        let registry = StubRegistry()
        defer { registry.stop() }
        for tag in ["1", "2"] { registry.add(StandardImages.named("lab/big", tag), "lab/big", tags: [tag]) }
        let sandbox = Sandbox(registry: nil)
        let names = ["1", "2"].map { "\(registry.host)/lab/big:\($0)" }
        #expect(sandbox.dsh("pull \(names.joined(separator: " "))").code == 0)
        let blobs = registry.requests("blobs/").map(\.target)
        #expect(blobs.count == Set(blobs).count, "asked for twice: \(blobs)")
        registry.forgetRequests()
        #expect(sandbox.dsh("pull \(names[0])").code == 0)
        #expect(registry.requests("blobs/").isEmpty, "up to date, and still fetched")
    }

    @Test(arguments: [
        StubRegistry.Login.basic(username: "me", password: "secret"),
        .bearer(username: "me", password: "secret"),
    ])
    func credentialsOfTheDockerConfigAreUsedAndNeverShown(login: StubRegistry.Login) {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.add(StandardImages.alpine().build(), "lab/private", tags: ["1"])
        registry.login = login
        let sandbox = Sandbox(registry: nil)
        let name = "\(registry.host)/lab/private:1"
        let refused = sandbox.dsh("pull \(name)")
        expectFailure(refused, code: "unauthorized")
        let secret = StubRegistry.base64("me:secret")
        sandbox.directory.write(
            "home/.docker/config.json", #"{"auths": {"\#(registry.host)": {"auth": "\#(secret)"}}}"#)
        let pulled = sandbox.dsh("pull \(name)")
        #expect(pulled.code == 0, "\(pulled)")
        for text in [refused.errors, pulled.errors, pulled.output] {
            #expect(!text.contains("secret") && !text.contains(secret))
        }
    }
}
