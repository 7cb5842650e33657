import Fixtures
import Foundation
import JSON
import Testing

/// tags, catalog, resolve, exists, manifest, referrers, outdated, ratelimit and diff: the built dsh on a real registry, and
/// on one that misbehaves.
@Suite struct RegistryReadingTests {
    private let host = RegistryServer.shared.host

    private func lines(_ result: ProcessResult) -> [JSONValue] {
        result.output.split(separator: "\n").compactMap { try? JSONValue.parse(Array($0.utf8)) }
    }

    private func run(_ sandbox: Sandbox, _ text: String) -> ProcessResult {
        sandbox.start(["-o", "jsonl", "-c", text]).wait(timeout: 120)
    }

    @Test func tagsInTheOrderOfVersions() {
        let sandbox = Sandbox()
        #expect(lines(run(sandbox, "tags lab/tags | .Tag")) == ["v1", "v2", "v3", "v4", "v5"])
        let record = value(run(sandbox, "tags lab/tags --match v3"))
        #expect(record == ["Reference": "lab/tags:v3", "Repository": "lab/tags", "Tag": "v3"])
        #expect(lines(run(sandbox, "\"lab/tags\", {Reference: \"lab/tags:v1\"} | tags | .Tag")).count == 5)
        expectFailure(run(sandbox, "tags"), code: "usage", exit: 2)
        expectFailure(run(sandbox, "tags lab/tags --match '['"), code: "usage", exit: 2)
        expectFailure(run(sandbox, "tags lab/tags --jobs 0"), code: "usage", exit: 2)
    }

    @Test func detailAgreesWithWhatIsPulled() throws {
        let sandbox = Sandbox()
        let detail = value(run(sandbox, "tags --detail --match 1.25 nginx"))
        let pulled = value(run(sandbox, "pull -q nginx:1.25 | {Digest, Size}"))
        #expect(detail["Digest"] == pulled["Digest"] && detail["Size"] == pulled["Size"])
        let document = value(run(sandbox, "inspect nginx:1.25 | .[0] | {Created, Os, Architecture}"))
        #expect(detail["Created"] == document["Created"])
        #expect(detail["Platforms"]?.arrayValue?.contains("linux/amd64") == true)
        #expect(value(run(sandbox, "resolve nginx:1.25 | .Digest")) == detail["Digest"])
        let remote = value(run(sandbox, "inspect --remote nginx:1.25 | .[0] | del(.Size, .RepoTags, .RepoDigests)"))
        let local = value(run(sandbox, "inspect nginx:1.25 | .[0] | del(.Size, .RepoTags, .RepoDigests)"))
        #expect(remote == local)
        #expect(
            run(sandbox, "inspect --remote --format '{{json .Config.Env}}' nginx:1.25").output
                == run(sandbox, "inspect --format '{{json .Config.Env}}' nginx:1.25").output)
    }

    @Test func skopeoSeesTheSame() throws {
        let sandbox = Sandbox(registry: nil)
        let names = sandbox.tool("skopeo", "list-tags", "--tls-verify=false", "docker://\(host)/lab/tags")
        #expect(sorted(value(names)["Tags"]) == lines(run(sandbox, "tags \(host)/lab/tags | .Tag")).sorted())
        let raw = sandbox.tool(
            "skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(host)/library/nginx:1.25")
        #expect(
            sandbox.start(["-r", "-c", "manifest raw \(host)/library/nginx:1.25"]).wait().output == raw.output + "\n")
        let inspected = value(
            sandbox.tool("skopeo", "inspect", "--tls-verify=false", "docker://\(host)/library/nginx:1.25"))
        #expect(inspected["Digest"] == value(run(sandbox, "resolve \(host)/library/nginx:1.25 | .Digest")))
    }

    @Test func catalogAndTagsOfEverything() {
        let sandbox = Sandbox(registry: nil)
        let names = lines(run(sandbox, "catalog \(host) | .Path"))
        #expect(names.contains("library/nginx") && names.contains("lab/tags"))
        let all = lines(run(sandbox, "catalog \(host) | tags | .Reference"))
        #expect(all.contains(.string("\(host)/lab/tags:v5")) && all.contains(.string("\(host)/library/nginx:1.25")))
        #expect(
            lines(run(sandbox, "catalog \(host) | select(.Path == \"lab/tags\") | tags --detail | .Created")).count == 5
        )
        expectFailure(run(sandbox, "catalog nginx"), code: "not_found")
    }

    @Test func existsAndManifest() {
        let sandbox = Sandbox()
        let found = lines(run(sandbox, "exists nginx:1.25 nginx:none none/none:1 | .Exists"))
        #expect(found == [true, false, false])
        #expect(
            value(run(sandbox, "manifest nginx:1.25")) == value(run(sandbox, "manifest inspect nginx:1.25")))
        let child = value(run(sandbox, "manifest nginx:1.25 --platform linux/arm64 | has(\"layers\")"))
        #expect(child == true)
        expectFailure(run(sandbox, "manifest nginx:1.25 --platform linux/s390x"), code: "no_matching_platform")
        expectFailure(run(sandbox, "manifest nginx:none"), code: "manifest_unknown")
        expectFailure(run(sandbox, "manifest inspect"), code: "usage", exit: 2)
    }

    @Test func whatFailsDoesNotStopTheOthers() {
        let sandbox = Sandbox()
        let result = run(sandbox, "resolve nginx:none nginx:1.25 BAD none/none:1 alpine:3.19 | .Reference")
        #expect(lines(result) == ["nginx:1.25", "alpine:3.19"])
        #expect(result.code == 1)
        #expect(result.errors.components(separatedBy: "error[").count == 4, "\(result)")
        let caught = value(
            run(sandbox, "try { resolve nginx:none BAD } catch e { {code: $e.code, others: ($e.others | map(.code))} }")
        )
        #expect(caught == ["code": "manifest_unknown", "others": ["invalid_reference"]])
    }

    // MARK: A stub

    @Test func theSecondRunOnlyAsksForDigests() {
        let registry = StubRegistry()
        defer { registry.stop() }
        for number in 0..<30 {
            registry.add(StandardImages.alpine(label: "v\(number)").build(), "lab/app", tags: ["1.\(number)"])
        }
        let sandbox = Sandbox(registry: nil)
        let text = "tags --detail \(registry.host)/lab/app"
        let first = run(sandbox, text)
        #expect(first.code == 0 && lines(first).count == 30, "\(first)")
        registry.forgetRequests()
        #expect(run(sandbox, text).output == first.output)
        #expect(registry.requests.filter { $0.method == "GET" }.map(\.path) == ["/v2/lab/app/tags/list"])
        #expect(registry.requests.filter { $0.method == "HEAD" }.count == 30)
        expectValidStore(sandbox.store)
    }

    @Test func singleTagsThatCannotBeReadAreListedAtTheEnd() {
        let registry = StubRegistry()
        defer { registry.stop() }
        let image = StandardImages.alpine(label: "a").build()
        registry.add(image, "lab/app", tags: (0..<40).map { "1.\($0)" })
        registry.addTags("lab/app", ["ghost"])
        registry.rule("/manifests/1.7", .status(403))
        registry.rule("/manifests/1.9", .status(418))
        let result = run(Sandbox(registry: nil), "tags --detail \(registry.host)/lab/app | .Tag")
        #expect(lines(result).count == 38, "\(result)")
        #expect(result.code == 1)
        for (code, tag) in [("manifest_unknown", "ghost"), ("denied", "1.7"), ("corrupt", "1.9")] {
            #expect(result.errors.contains("error[\(code)]"), "\(tag)\n\(result)")
        }
    }

    @Test func connectionsAreBounded() {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.add(StandardImages.alpine(label: "a").build(), "lab/app", tags: (0..<300).map { "1.\($0)" })
        let result = run(Sandbox(registry: nil), "tags --detail --jobs 64 \(registry.host)/lab/app | .Tag")
        #expect(lines(result).count == 300)
        #expect(registry.connections <= 16, "\(registry.connections)")
    }

    @Test func controlCEndsItAtOnceAndACountIsShown() throws {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.add(StandardImages.alpine(label: "a").build(), "lab/app", tags: (0..<300).map { "1.\($0)" })
        registry.rule("/manifests/1.2", .delivery(.silence))
        let terminal = Sandbox(registry: nil).terminal()
        try #require(terminal.expect("dsh>"), "\(terminal.history)")
        terminal.send("tags --detail \(registry.host)/lab/app | select(false)\r")
        #expect(terminal.expect("of 300"), "\(terminal.history)")
        let start = ContinuousClock.now
        terminal.send("\u{3}")
        #expect(terminal.expect("interrupted"), "\(terminal.history)")
        #expect(ContinuousClock.now - start < .seconds(3))
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
    }

    @Test func referrersByAPIAndByTag() throws {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.add(StandardImages.alpine(label: "a").build(), "lab/app", tags: ["1"])
        let sandbox = Sandbox(registry: nil)
        let digest = try #require(value(run(sandbox, "resolve \(registry.host)/lab/app:1 | .Digest")).stringValue)
        #expect(run(sandbox, "referrers \(registry.host)/lab/app:1").output == "")
        let type = "application/vnd.oci.image.index.v1+json"
        let index = """
            {"schemaVersion":2,"mediaType":"\(type)","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "digest":"sha256:\(String(repeating: "a", count: 64))","size":7,"artifactType":"a/sbom","annotations":{"k":"v"}}]}
            """
        registry.addManifest("lab/app", tags: [digest.replacing(":", with: "-")], Array(index.utf8), mediaType: type)
        let found = value(run(sandbox, "referrers \(registry.host)/lab/app:1"))
        #expect(found["ArtifactType"] == "a/sbom" && found["Source"] == "tag" && found["Annotations"] == ["k": "v"])
        #expect(found["Reference"] == .string("\(registry.host)/lab/app@sha256:" + String(repeating: "a", count: 64)))
        #expect(run(sandbox, "referrers --type other \(registry.host)/lab/app:1").output == "")
        registry.rule("/referrers/", .respond(StubResponse(200, [("Content-Type", type)], Array(index.utf8))))
        #expect(value(run(sandbox, "referrers \(registry.host)/lab/app:1 | .Source")) == "api")
    }

    @Test func rateLimit() {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.rule(
            "/manifests/",
            StubAction { _, plain in
                var response = plain
                response.set("ratelimit-limit", "100;w=21600")
                response.set("ratelimit-remaining", "12;w=21600")
                return response
            })
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write(
            "r.conf", "[[registry]]\nprefix = \"docker.io\"\nlocation = \"\(registry.host)\"\ninsecure = true\n")
        let result = sandbox.start(
            ["-o", "jsonl", "-c", "ratelimit"],
            environment: ["CONTAINERS_REGISTRIES_CONF": sandbox.directory.path + "/r.conf"]
        ).wait()
        #expect(
            value(result) == [
                "Registry": "docker.io", "Limit": 100, "Remaining": 12, "Window": 21600, "Source": .null,
            ])
        #expect(registry.requests("/manifests/").map(\.method) == ["HEAD"])
    }

    /// What names a registry alone, and a word that is mistyped: nothing is asked for.
    @Test(arguments: [
        ("tags localhost:6101", "invalid_reference", "`catalog localhost:6101` lists them"),
        ("ratelimit 127.0.0.1:5000", "invalid_reference", "127.0.0.1:5000/NAME"),
        ("resolve registry.example.com:443", "invalid_reference", "is a registry"),
        ("manifest insepct nginx", "usage", "did you mean `manifest inspect`?"),
        ("manifest rwa nginx", "usage", "did you mean `manifest raw`?"),
    ])
    func mistakesAreSaidBeforeAnybodyIsAsked(_ line: String, _ code: String, _ told: String) {
        let result = Sandbox(registry: nil).dsh("set trace on; \(line)")
        expectFailure(result, code: code, exit: code == "usage" ? 2 : 1)
        #expect(result.errors.contains(told), "\(result)")
        #expect(!result.errors.contains("trace:"), "\(result)")
    }

    /// What a registry lists and nobody can use is counted, and cannot move the terminal's cursor.
    @Test func namesThatAreNoneAreTold() {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.rule(
            "/tags/list", .respond(StubResponse(200, text: #"{"tags":["1","bad\u001b[31m","a b","-rf","x/y"]}"#)))
        registry.rule("/_catalog", .respond(StubResponse(200, text: #"{"repositories":["ok","UP"]}"#)))
        let sandbox = Sandbox(registry: nil)
        let tags = run(sandbox, "tags \(registry.host)/lab/app | .Tag")
        #expect(tags.code == 0 && tags.output == "\"1\"\n", "\(tags)")
        #expect(
            tags.errors
                == "warning: \(registry.host) lists 4 names that are no tag of \(registry.host)/lab/app, left out: "
                + "\"bad\\u{1b}[31m\", \"a b\", \"-rf\", …\n")
        let catalog = run(sandbox, "catalog \(registry.host) | .Path")
        #expect(catalog.output == "\"ok\"\n", "\(catalog)")
        #expect(
            catalog.errors == "warning: \(registry.host) lists 1 name that is no repository, left out: \"UP\"\n")
        registry.forgetRules()
        registry.rule("/tags/list", .respond(StubResponse(200, text: #"{"tags":null}"#)))
        let none = run(sandbox, "tags \(registry.host)/lab/app")
        #expect(none.code == 0 && none.output == "", "\(none)")
        #expect(none.errors == "note: \(registry.host)/lab/app has no tags\n")
    }

    @Test func outdatedAndUpdate() throws {
        let registry = StubRegistry()
        defer { registry.stop() }
        let old = StandardImages.alpine(label: "old").build()
        for name in ["lab/app", "lab/other"] { registry.add(old, name, tags: ["1"]) }
        let sandbox = Sandbox(registry: nil)
        try #require(run(sandbox, "pull -q \(registry.host)/lab/app:1 \(registry.host)/lab/other:1").code == 0)
        try #require(run(sandbox, "tag \(registry.host)/lab/app:1 \(registry.host)/lab/mine:1").code == 0)
        registry.add(StandardImages.alpine(label: "new").build(), "lab/app", tags: ["1"])
        registry.forgetRequests()
        let all = lines(run(sandbox, "outdated | [.Reference, .Status]"))
        #expect(
            all.sorted() == [
                [.string("\(registry.host)/lab/app:1"), "outdated"],
                [.string("\(registry.host)/lab/mine:1"), "missing"],
                [.string("\(registry.host)/lab/other:1"), "current"],
            ])
        #expect(registry.requests.allSatisfy { $0.method == "HEAD" })
        #expect(lines(run(sandbox, "outdated '*/lab/o*' | .Status")) == ["current"])
        expectFailure(run(sandbox, "outdated ghost"), code: "not_found")

        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../scripts/update.dsh").standardizedFileURL.path
        let before = run(sandbox, "images").output
        let plan = sandbox.start(["-o", "jsonl", script, "--dry-run"]).wait()
        #expect(value(plan)["Status"] == "outdated", "\(plan)")
        #expect(run(sandbox, "images").output == before)
        let done = sandbox.start(["-o", "jsonl", script]).wait()
        #expect(value(done)["Status"] == "updated" && value(done)["To"] == value(plan)["To"], "\(done)")
        #expect(sandbox.start(["-o", "jsonl", script]).wait().output == "")
        #expect(lines(run(sandbox, "outdated '*/lab/app' | .Status")) == ["current"])
        expectValidStore(sandbox.store)
        registry.rule("lab/app/manifests", .status(403))
        let partly = sandbox.start(["-o", "jsonl", script, "--dry-run"]).wait()
        expectFailure(partly, code: "denied")
    }

    @Test func outdatedNamesTheImageThatItCannotAskFor() throws {
        let sandbox = Sandbox()
        try #require(run(sandbox, "pull -q alpine:3.19; tag alpine:3.19 localhost:1/lab/app:1").code == 0)
        let result = run(sandbox, "outdated | .Status")
        #expect(result.errors.hasPrefix("error[network]: localhost:1/lab/app:1: "), "\(result)")
        #expect(lines(result) == ["current"])
    }

    @Test func diffOfConfigsLayersAndFiles() throws {
        let sandbox = Sandbox()
        let remote = value(run(sandbox, "diff alpine:3.19 node:20-alpine"))
        #expect(remote["Files"] == .null && remote["Same"] == false)
        #expect(remote["Layers"]?.arrayValue?.first?["Change"] == "shared")
        let keys = remote["Config"]?.arrayValue?.compactMap { $0["Key"]?.stringValue } ?? []
        #expect(keys.contains("Config.Env.NODE_VERSION") && keys.contains("Config.Entrypoint"), "\(keys)")
        #expect(sandbox.dsh("images | length").text == "0")
        try #require(run(sandbox, "pull -q alpine:3.19 node:20-alpine").code == 0)
        let local = value(run(sandbox, "diff alpine:3.19 node:20-alpine"))
        #expect(local["Config"] == remote["Config"] && local["Layers"] == remote["Layers"])
        let files = local["Files"]?.arrayValue ?? []
        #expect(files.contains { $0["Path"] == "/usr/local/bin/node" && $0["Change"] == "added" }, "\(files)")
        let same = value(run(sandbox, "diff alpine:3.19 alpine:3.19"))
        #expect(same["Same"] == true && same["Config"] == [] && same["Files"] == [])
        expectFailure(run(sandbox, "diff alpine:3.19"), code: "usage", exit: 2)
        expectFailure(run(sandbox, "diff alpine:3.19 alpine:none"), code: "manifest_unknown")
    }
}
