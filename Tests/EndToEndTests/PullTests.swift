import Fixtures
import Foundation
import JSON
import Testing

@Suite struct PullTests {
    /// What is typed, what it is called then, and where the registry has it.
    static let references: [(typed: String, shown: String, repository: String, tag: String)] = [
        ("nginx", "nginx:latest", "library/nginx", "latest"),
        ("nginx:1.25", "nginx:1.25", "library/nginx", "1.25"),
        ("docker.io/library/nginx:1.25", "nginx:1.25", "library/nginx", "1.25"),
        ("nginx:alpine", "nginx:alpine", "library/nginx", "alpine"),
        ("node:20", "node:20", "library/node", "20"),
        ("node:20-alpine", "node:20-alpine", "library/node", "20-alpine"),
        ("python:3.11", "python:3.11", "library/python", "3.11"),
        ("ghcr.io/owner/image-name:tag", "ghcr.io/owner/image-name:tag", "owner/image-name", "tag"),
        ("lab/zstd:1", "lab/zstd:1", "lab/zstd", "1"), ("lab/plain:1", "lab/plain:1", "lab/plain", "1"),
        ("lab/mixed:1", "lab/mixed:1", "lab/mixed", "1"), ("lab/many:120", "lab/many:120", "lab/many", "120"),
        ("lab/odd:1", "lab/odd:1", "lab/odd", "1"),
    ]

    @Test(arguments: references.indices)
    func whatIsPulledIsWhatTheRegistryHas(row: Int) throws {
        let (typed, shown, repository, tag) = Self.references[row]
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull \(typed)")
        try #require(pulled.code == 0, "\(pulled)")
        let image = StandardImages.named(repository, tag)
        let audit = expectValidStore(sandbox.store)
        #expect(audit.unreferenced.isEmpty)

        let images = value(sandbox.dsh("images")).arrayValue ?? []
        try #require(images.count == 1, "\(images)")
        #expect(images[0]["Reference"]?.stringValue == shown)
        #expect(images[0]["Digest"]?.stringValue == image.root.digest)
        #expect(images[0]["Dangling"] == false)
        if let config = image.config { #expect(images[0]["Id"]?.stringValue == config.digest) }
        let document = value(sandbox.dsh("inspect \(typed)"))[0]
        #expect(document?["RepoTags"]?[0]?.stringValue == shown)
        #expect(document?["Size"] == images[0]["Size"])
        #expect(document?["Id"] == images[0]["Id"])
        // Pulled again, by the digest this time: the same image, and nothing new on disk.
        let colon = shown.lastIndex(of: ":") ?? shown.endIndex
        let again = sandbox.dsh("pull \(shown[..<colon])@\(image.root.digest)")
        #expect(again.code == 0, "\(again)")
        #expect(StoreAudit(sandbox.store).blobs == audit.blobs)
    }

    @Test func severalReferencesShareTheirLayers() throws {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull nginx nginx:1.25 nginx:alpine node:20 node:20-alpine | collect | length")
        #expect(pulled.text == "5", "\(pulled)")
        let audit = expectValidStore(sandbox.store)
        #expect(audit.references.count == 5)
        #expect(audit.unreferenced.isEmpty)
        let sizes = value(sandbox.dsh("images | map({key: .Reference, value: .Size}) | from_entries"))
        let (large, small) = (sizes["node:20"]?.intValue ?? 0, sizes["node:20-alpine"]?.intValue ?? 0)
        #expect(large > small && small > 0, "\(sizes.compact)")
    }

    @Test(arguments: [
        ("linux/arm64", "arm64", "v8"), ("linux/arm64/v8", "arm64", "v8"), ("linux/arm/v7", "arm", "v7"),
        ("linux/amd64", "amd64", nil),
    ])
    func aPlatformIsChosen(asked: String, architecture: String, variant: String?) throws {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull --platform \(asked) nginx")
        try #require(pulled.code == 0, "\(pulled)")
        let document = value(sandbox.dsh("inspect nginx"))[0]
        #expect(document?["Architecture"]?.stringValue == architecture)
        #expect(document?["Variant"]?.stringValue ?? "" == variant ?? "")
        expectValidStore(sandbox.store)
    }

    @Test func theHostsPlatformIsTheDefaultAndAnAttestationIsNone() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull nginx").code == 0)
        let machine = runTool("uname", "-m").text
        let architecture = ["x86_64": "amd64", "aarch64": "arm64"][machine] ?? machine
        #expect(value(sandbox.dsh("inspect nginx"))[0]?["Architecture"]?.stringValue == architecture)
        expectFailure(sandbox.dsh("pull --platform linux/s390x nginx"), code: "no_matching_platform")
        expectFailure(sandbox.dsh("pull --platform unknown/unknown nginx"), code: "no_matching_platform")
    }

    @Test func allTagsComeAtOnce() throws {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -a lab/tags")
        #expect(pulled.code == 0, "\(pulled)")
        let names = value(sandbox.dsh("images | map(.Reference) | sort"))
        #expect(names == .array((1...5).map { .string("lab/tags:v\($0)") }), "\(names.compact)")
    }

    @Test(
        arguments: [
            ("pull nginx:no-such-tag", "manifest_unknown", 1), ("pull no-such-image-at-all", "manifest_unknown", 1),
            ("pull lab/arm-only:1", "no_matching_platform", 1), ("pull Nginx", "invalid_reference", 1),
            ("pull nginx:", "invalid_reference", 1), ("pull --no-such-option nginx", "usage", 2), ("pull", "usage", 2),
            ("pull --platform nonsense/// nginx", "usage", 2),
            ("pull --platform linux/arm64 --all-platforms nginx", "usage", 2), ("pull -j -1 nginx", "usage", 2),
            ("pull -j 0 nginx", "usage", 2),
        ] as [(String, String, Int32)])
    func failuresHaveTheirCodeAndLeaveNothing(command: String, code: String, exit: Int32) {
        let sandbox = Sandbox()
        expectFailure(sandbox.dsh(command), code: code, exit: exit)
        #expect(expectValidStore(sandbox.store).blobs.isEmpty)
        #expect(value(sandbox.dsh("images")) == [])
    }

    /// Public images need no login: a configuration that cannot be read is told, and done without.
    @Test func aDamagedDockerConfigurationIsAWarning() {
        let sandbox = Sandbox()
        _ = sandbox.directory.write("home/.docker/config.json", "{\"auths\": broken")
        let quiet = sandbox.dsh("pull alpine:3.19")
        #expect(quiet.code == 0 && !quiet.errors.contains("warning: "), "\(quiet)")
        // It is read where a login is asked for, and an anonymous one is good enough.
        let registry = StubRegistry()
        registry.add(StandardImages.named("library/alpine", "3.19"), "library/alpine", tags: ["3.19"])
        registry.login = .bearer()
        let pulled = sandbox.dsh("pull \(registry.host)/library/alpine:3.19")
        #expect(pulled.code == 0, "\(pulled)")
        #expect(pulled.errors.contains("warning: ") && pulled.errors.contains("config.json is not JSON"))
    }

    @Test func oneThatIsMissingDoesNotStopTheOthers() {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull alpine:3.19 nginx:no-such-tag")
        #expect(pulled.code == 1, "\(pulled)")
        #expect(pulled.errors.contains("no-such-tag"), "\(pulled)")
        #expect(expectValidStore(sandbox.store).unreferenced.isEmpty)
    }

    @Test func aRegistryThatIsNotThereIsANetworkError() {
        // Port 1 of loopback: refused at once.
        let result = Sandbox().dsh("pull 127.0.0.1:1/nothing:1", timeout: 90)
        expectFailure(result, code: "network")
        #expect(!result.timedOut)
    }

    @Test func aLoopbackRegistryIsPlainHTTP() {
        let sandbox = Sandbox(registry: nil)
        let host = RegistryServer.shared.host
        let pulled = sandbox.dsh("pull \(host)/library/alpine:3.19")
        #expect(pulled.code == 0, "\(pulled)")
        #expect(value(sandbox.dsh("images"))[0]?["Reference"]?.stringValue == "\(host)/library/alpine:3.19")
    }

    @Test func aMovedTagLeavesTheOldImageDangling() throws {
        let registry = RegistryServer([("lab/moving", ["latest"], StandardImages.alpine(label: "old").build())])
        let sandbox = Sandbox(registry: registry)
        try #require(sandbox.dsh("pull lab/moving").code == 0)
        registry.storage.add(
            StandardImages.alpine(label: "new").build(), repository: "lab/moving", tags: ["latest"])
        try #require(sandbox.dsh("pull lab/moving").code == 0)
        let images = value(sandbox.dsh("images -a")).arrayValue ?? []
        #expect(images.count == 2)
        let dangling = images.filter { $0["Dangling"] == true }
        #expect(dangling.count == 1 && dangling[0]["Reference"] != "lab/moving:latest", "\(images)")
        #expect(value(sandbox.dsh("images -f dangling=true")).arrayValue?.count == 1)
        expectValidStore(sandbox.store)
        let identifier = dangling.first?["Id"]?.stringValue ?? ""
        #expect(sandbox.dsh("rmi \(identifier)").code == 0)
        #expect(expectValidStore(sandbox.store).unreferenced.isEmpty)
    }

    @Test func verifyChecksEveryLayer() {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull --verify nginx:alpine lab/zstd:1 lab/plain:1")
        #expect(pulled.code == 0, "\(pulled)")
    }

    @Test func progressIsPlainLinesWithoutATerminal() {
        let pulled = Sandbox().dsh("pull lab/big:1")
        #expect(pulled.code == 0)
        #expect(!pulled.errors.contains("\u{1b}"), "\(pulled)")
        #expect(!pulled.errors.contains("\r"), "\(pulled)")
        #expect(Sandbox().dsh("pull -q alpine:3.19").errors.isEmpty)
    }
}
