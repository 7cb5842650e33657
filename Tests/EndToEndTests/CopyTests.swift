import Fixtures
import Foundation
import JSON
import Testing

/// `copy` and `sync` between real registries, and against one that misbehaves.
@Suite struct CopyTests {
    private let registry = RegistryServer()
    private let sandbox = Sandbox()
    private var source: String { RegistryServer.shared.host }

    @Test(arguments: ["library/nginx:1.27", "library/postgres:16", "lab/big:1", "lab/zstd:1"])
    func digestsStayTheSame(image: String) throws {
        let target = "\(registry.host)/mirror/\(image)"
        let copied = value(sandbox.dsh("copy -q \(source)/\(image) \(target)"))
        let parts = image.split(separator: ":").map(String.init)
        #expect(copied["Digest"]?.stringValue == StandardImages.named(parts[0], parts[1]).root.digest)
        #expect(value(sandbox.dsh("resolve \(target)"))["Digest"] == copied["Digest"])
        let pulled = sandbox.dsh("pull -q --all-platforms \(target)")
        #expect(pulled.code == 0, "\(pulled)")
        // Nothing went through the store, and the second time nothing goes at all.
        expectValidStore(sandbox.store)
        #expect(value(sandbox.dsh("copy -q \(source)/\(image) \(target)"))["Status"] == "up_to_date")
        // Within the registry it is mounted.
        let within = value(sandbox.dsh("copy -q \(target) \(registry.host)/second/\(image)"))
        #expect(within["Sent"] == 0, "\(within)")
        #expect(within["Digest"] == copied["Digest"])
    }

    @Test func fromTheStoreAndFromALayout() throws {
        let target = "\(registry.host)/team/alpine"
        try #require(sandbox.dsh("pull -q alpine:3.19").code == 0)
        #expect(value(sandbox.dsh("copy -q store:alpine:3.19 \(target)"))["Reference"]?.stringValue == target + ":3.19")
        let layout = sandbox.directory.path + "/layout"
        ImageLayout.write([("one", StandardImages.alpine(label: "one").build())], to: layout)
        let copied = value(sandbox.dsh("copy -q oci:\(layout):one \(target):one"))
        #expect(copied["Digest"]?.stringValue == StandardImages.alpine(label: "one").build().root.digest)
        #expect(value(sandbox.dsh("resolve \(target):one"))["Digest"] == copied["Digest"])
        expectFailure(sandbox.dsh("copy oci:\(layout):two \(target)"), code: "not_found")
        expectFailure(sandbox.dsh("copy dir:x \(target)"), code: "unsupported")
        expectFailure(sandbox.dsh("copy \(target):one dir:\(layout)"), code: "unsupported")
        expectFailure(sandbox.dsh("copy alpine:3.19"), code: "usage", exit: 2)
    }

    /// What another tool wrote of an image in a registry goes back with the digest that it had, past the store.
    @Test(arguments: ["", "gzip", "zstd"]) func fromSkopeosArchiveToARegistry(packing: String) throws {
        let image = "\(source)/library/nginx:1.27"
        let written = sandbox.tool(
            "skopeo", "copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false", "docker://\(image)",
            "oci-archive:nginx.tar:1.27")
        try #require(written.code == 0, "\(written)")
        if !packing.isEmpty {
            try #require(sandbox.tool("sh", "-c", "\(packing) < nginx.tar > packed && mv packed nginx.tar").code == 0)
        }
        let target = "\(registry.host)/archived/nginx-\(packing.isEmpty ? "plain" : packing):1.27"
        let planned = value(sandbox.dsh("copy -q --dry-run oci-archive:nginx.tar \(target)"))
        #expect(planned["Status"] == "planned", "\(planned)")
        expectFailure(sandbox.dsh("resolve \(target)"), code: "manifest_unknown")
        let copied = value(sandbox.dsh("copy -q oci-archive:nginx.tar:1.27 \(target)"))
        #expect(copied["Digest"]?.stringValue == StandardImages.named("library/nginx", "1.27").root.digest, "\(copied)")
        #expect(value(sandbox.dsh("resolve \(target)"))["Digest"] == copied["Digest"])
        #expect(value(sandbox.dsh("images -a")).arrayValue?.isEmpty == true)
        let again = value(sandbox.dsh("copy -q oci-archive:nginx.tar \(target)"))
        #expect(again["Status"] == "up_to_date", "\(again)")
        let read = sandbox.tool(
            "skopeo", "copy", "-q", "--all", "--src-tls-verify=false", "docker://\(target)", "dir:back-\(packing)")
        #expect(read.code == 0, "\(read)")
        // One platform of it.
        let one = value(sandbox.dsh("copy -q --platform linux/arm64 oci-archive:nginx.tar \(target)-arm64"))
        #expect(one["Manifests"] == 1, "\(one)")
        expectValidStore(sandbox.store)
    }

    @Test func fromADockerArchiveToARegistry() throws {
        let one = StandardImages.named("lab/plain", "1")
        let two = StandardImages.named("library/postgres", "16")
        let path = sandbox.directory.write(
            "work/both.tar", DockerArchive([(["team/one:1"], one), (["team/two:2"], two)]).bytes)
        let target = "\(registry.host)/docker-archive/app"
        let copied = value(sandbox.dsh("copy -q docker-archive:\(path):team/one:1 \(target)"))
        #expect(copied["Reference"]?.stringValue == target + ":1", "\(copied)")
        let pulled = sandbox.tool("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(target):1")
        let manifest = try JSONValue.parse(pulled.outputBytes)
        #expect(manifest["config"]?["digest"]?.stringValue == one.config?.digest, "\(pulled)")
        // By the tag alone, and by the digest that the manifest got.
        #expect(value(sandbox.dsh("copy -q docker-archive:\(path):2 \(target):two"))["Status"] == "copied")
        let digest = copied["Digest"]?.stringValue ?? ""
        #expect(value(sandbox.dsh("copy -q docker-archive:\(path):\(digest) \(target):1"))["Status"] == "up_to_date")
        #expect(value(sandbox.dsh("images -a")).arrayValue?.isEmpty == true)
        expectValidStore(sandbox.store)
        let several = sandbox.dsh("copy -q docker-archive:\(path) \(target)")
        expectFailure(several, code: "usage", exit: 2)
        #expect(several.errors.contains("team/one:1, team/two:2"), "\(several)")
        expectFailure(sandbox.dsh("copy -q docker-archive:\(path):none \(target)"), code: "not_found")
        expectFailure(sandbox.dsh("copy -q docker-archive:none.tar \(target)"), code: "not_found")
        expectFailure(sandbox.dsh("copy -q docker-archive: \(target)"), code: "usage", exit: 2)
    }

    /// What the store has does not change what an archive is.
    @Test func anArchiveIsTheSameImageOnEveryMachine() throws {
        let path = sandbox.directory.path + "/same.tar"
        let written = sandbox.tool(
            "skopeo", "copy", "-q", "--override-arch=amd64", "--override-os=linux", "--src-tls-verify=false",
            "--format=v2s2",
            "docker://\(source)/library/nginx:1.27", "docker-archive:\(path):same:1")
        try #require(written.code == 0, "\(written)")
        let alone = value(sandbox.dsh("copy -q docker-archive:\(path) \(registry.host)/same/alone:1"))
        try #require(sandbox.dsh("pull -q --all-platforms \(source)/library/nginx:1.27").code == 0)
        let beside = value(sandbox.dsh("copy -q docker-archive:\(path) \(registry.host)/same/beside:1"))
        #expect(alone["Digest"] == beside["Digest"], "\(alone) \(beside)")
        #expect(value(sandbox.dsh("copy -q docker-archive:\(path) store:same:2"))["Digest"] == alone["Digest"])
    }

    /// An index whose parts somebody deleted is not up to date, whatever its own digest says.
    @Test func partsThatAreGoneFromTheTargetComeAgain() throws {
        let target = "\(registry.host)/broken/nginx"
        let copied = value(sandbox.dsh("copy -q \(source)/library/nginx:1.27 \(target):1"))
        let children = StandardImages.named("library/nginx", "1.27").root
        try #require(children.digest == copied["Digest"]?.stringValue)
        let child = value(sandbox.dsh("manifest raw \(target):1"))["manifests"]?[0]?["digest"]?.stringValue ?? ""
        for name in ["1", "2"] {
            let deleted = sandbox.dsh("rmi --remote --force \(target)@\(child)")
            try #require(deleted.code == 0, "\(deleted)")
            let planned = value(sandbox.dsh("copy -q --dry-run \(source)/library/nginx:1.27 \(target):\(name)"))
            #expect(planned["Status"] == "planned", "\(planned)")
            let again = value(sandbox.dsh("copy -q \(source)/library/nginx:1.27 \(target):\(name)"))
            #expect(again["Status"] == "copied" && again["Digest"] == copied["Digest"], "\(again)")
            #expect(value(sandbox.dsh("exists \(target)@\(child)"))["Exists"] == true)
        }
        #expect(value(sandbox.dsh("copy -q \(source)/library/nginx:1.27 \(target):1"))["Status"] == "up_to_date")
    }

    @Test func ofADamagedArchiveNothingIsSent() throws {
        let image = StandardImages.named("lab/plain", "1")
        let layer = try #require(image.blobs.last { $0.digest != image.config?.digest })
        let damaged = DockerArchive(layout: [("app:1", image)])
            .changing("blobs/sha256/" + DockerArchive.hex(layer.digest)) { bytes in
                bytes.dropLast() + [(bytes.last ?? 0) ^ 1]
            }
        let path = sandbox.directory.write("work/damaged.tar", damaged.bytes)
        let target = "\(registry.host)/archived/damaged:1"
        let result = sandbox.dsh("copy -q oci-archive:\(path) \(target)")
        expectFailure(result, code: "digest_mismatch")
        #expect(result.errors.contains("cannot read \(path)"), "\(result)")
        expectFailure(sandbox.dsh("resolve \(target)"), code: "manifest_unknown")
        expectValidStore(sandbox.store)
    }

    @Test func onePlatform() throws {
        let target = "\(registry.host)/team/nginx:1.27"
        let copied = value(sandbox.dsh("copy -q --platform linux/arm64 \(source)/library/nginx:1.27 \(target)"))
        #expect(copied["Manifests"] == 1)
        let pulled = value(sandbox.dsh("pull -q --platform linux/arm64 \(target) | .Platform"))
        #expect(pulled.stringValue?.hasPrefix("linux/arm64") == true)
    }

    @Test func whatRefersToAnImageComesAlong() throws {
        let target = "\(registry.host)/team/signed:1"
        let stub = StubRegistry()
        defer { stub.stop() }
        let image = StandardImages.named("library/alpine", "3.19")
        stub.add(image, "team/signed", tags: ["1"])
        let config = Array("{}".utf8)
        let signature = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/x.signature","digest":"\(stub.addBlob(config))","size":2},"layers":[],\
            "subject":{"mediaType":"\(image.root.mediaType)","digest":"\(image.root.digest)","size":\(image.root.bytes.count)}}
            """.utf8)
        let digest = stub.addManifest("team/signed", tags: [], signature)
        let index = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":\
            "application/vnd.oci.image.manifest.v1+json","digest":"\(digest)","size":\(signature.count)}]}
            """.utf8)
        stub.addManifest(
            "team/signed", tags: [image.root.digest.replacingOccurrences(of: ":", with: "-")], index,
            mediaType: "application/vnd.oci.image.index.v1+json")
        let copied = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/signed:1 \(target)"))
        #expect(copied["Manifests"] == 2, "\(copied)")
        let referrers = value(sandbox.dsh("referrers \(target) | collect")).arrayValue ?? []
        #expect(referrers.map { $0["Digest"]?.stringValue } == [digest], "\(referrers)")
    }

    @Test func faultsAreOvercomeOrSaid() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        stub.add(StandardImages.named("lab/big", "1"), "lab/big", tags: ["1"])
        let from = "\(stub.host)/lab/big:1"
        func target(_ name: String) -> String { "\(registry.host)/fault/\(name):1" }
        stub.rule("blobs/", method: "GET", times: 2, .delivery(.reset(after: 900_000)))
        #expect(sandbox.dsh("copy -q \(from) \(target("reset"))").code == 0)
        stub.forgetRules()
        stub.rule("blobs/", method: "GET", times: 1, .status(503))
        #expect(sandbox.dsh("copy -q \(from) \(target("burst"))").code == 0)
        stub.forgetRules()
        stub.servesRanges = false
        stub.rule("blobs/", method: "GET", times: 1, .delivery(.cut(after: 700_000)))
        #expect(sandbox.dsh("copy -q \(from) \(target("ranges"))").code == 0)
        stub.forgetRules()
        stub.rule("blobs/", method: "GET", .corrupt)
        expectFailure(sandbox.dsh("copy -q \(from) \(registry.host)/fault/corrupt:1"), code: "digest_mismatch")
        expectFailure(sandbox.dsh("resolve \(registry.host)/fault/corrupt:1"), code: "manifest_unknown")
    }

    // MARK: sync

    @Test func onlyWhatDiffersIsCopied() throws {
        let target = "\(registry.host)/mirror/nginx"
        let plan = value(sandbox.dsh("sync -q --dry-run \(source)/library/nginx \(target) | collect")).arrayValue ?? []
        #expect(plan.count > 3)
        #expect(plan.allSatisfy { $0["Status"] == "planned" }, "\(plan)")
        let first = value(sandbox.dsh("sync -q \(source)/library/nginx \(target) | collect")).arrayValue ?? []
        #expect(first.count == plan.count)
        let again = value(sandbox.dsh("sync -q \(source)/library/nginx \(target) | collect")).arrayValue ?? []
        #expect(again.allSatisfy { $0["Status"] == "up_to_date" }, "\(again)")
        let tags = value(sandbox.dsh("tags \(target) | .Tag | collect"))
        #expect(tags == value(sandbox.dsh("tags \(source)/library/nginx | .Tag | collect")))
        // A range, and what another has more.
        let some = value(
            sandbox.dsh("sync -q --semver '~1.25' \(source)/library/nginx \(registry.host)/mirror/some | collect"))
        #expect(some.arrayValue?.compactMap { $0["Reference"]?.stringValue } == ["\(registry.host)/mirror/some:1.25"])
        try #require(sandbox.dsh("tag --remote \(target):1.25 \(target):old").code == 0)
        expectFailure(sandbox.dsh("sync -q --delete \(source)/library/nginx \(target)"), code: "unsupported")
        let deleted = value(
            sandbox.dsh(
                "sync -q --delete --dry-run \(source)/library/nginx \(target) | select(.Status == \"to_delete\") | .Reference"
            ))
        #expect(deleted.stringValue == target + ":old")
    }

    /// Deleting is careful: several sources of one target, what refers to images, a source that lists nothing.
    @Test func nothingIsDeletedThatASourceHasOrThatRefersToAnImage() throws {
        let host = registry.host
        let nginx = "\(source)/library/nginx"
        let subject = String(repeating: "a", count: 64)
        let made = sandbox.script(
            """
            copy -q \(nginx):1.25 \(host)/one/app:1
            copy -q \(nginx):alpine \(host)/two/app:2
            sync -q \(host)/one/app \(host)/two/app \(host)/all
            copy -q \(nginx):1.25 \(host)/all/one/app:sha256-\(subject)
            """)
        try #require(made.code == 0, "\(made)")
        let work = [("one/app", 1), ("two/app", 2)].map {
            #"{"Source": "\#(host)/\#($0.0)", "Target": "\#(host)/both"}"#
        }
        sandbox.directory.write("work/work.jsonl", work.joined(separator: "\n"))
        for _ in 0..<2 { try #require(sandbox.dsh("read work.jsonl | sync -q --delete --yes").code == 0) }
        #expect(value(sandbox.dsh("tags \(host)/both | .Tag | collect")) == ["1", "2"])
        try #require(sandbox.dsh("sync -q --delete --yes \(host)/one/app \(host)/all/one/app").code == 0)
        #expect(value(sandbox.dsh("tags \(host)/all/one/app | .Tag | collect | length")) == 2)
        // Emptied, or ill: nobody knows.
        try #require(sandbox.dsh("rmi --remote --force \(host)/one/app:1").code == 0)
        expectFailure(sandbox.dsh("sync -q --delete --yes \(host)/one/app \(host)/all/one/app"), code: "conflict")
        #expect(value(sandbox.dsh("tags \(host)/all/one/app | .Tag | collect | length")) == 2)
    }

    @Test func aPlanOfARemovalTellsWhatSharesTheManifest() throws {
        let name = "\(registry.host)/shared/app"
        try #require(
            sandbox.dsh("copy -q \(source)/library/nginx:1.25 \(name):1; tag --remote \(name):1 \(name):2").code == 0)
        let plan = value(sandbox.dsh("rmi --remote --dry-run --force \(name):1"))
        #expect(plan["Others"] == [.string("\(name):2")] && plan["Deleted"] == "manifest", "\(plan)")
        // What the deletion would fail with, the plan does.
        func told(_ result: ProcessResult) -> Substring { result.errors.prefix { $0 != "\n" } }
        for line in ["", "--force"] {
            let plan = sandbox.dsh("rmi --remote --dry-run \(line) \(name):1 | .Deleted, .Others")
            let done = sandbox.dsh("rmi --remote \(line) \(name):1 | .Deleted, .Others")
            #expect(plan.code == done.code && plan.output == done.output && told(plan) == told(done))
            #expect(plan.code == (line.isEmpty ? 1 : 0), "\(plan) \(done)")
        }
        // Where nothing is deleted at all, --force is not what is missing.
        let image = StandardImages.alpine().build()
        let closed = RegistryServer([("team/app", ["1", "2"], image)], deletes: false)
        for name in ["team/app:1", "team/app@\(image.root.digest)"] {
            let refused = ["--dry-run", ""].map { sandbox.dsh("rmi --remote \($0) \(closed.host)/\(name)") }
            expectFailure(refused[0], code: "unsupported")
            #expect(refused[1].code == 1 && told(refused[0]).hasPrefix("error[unsupported]"), "\(refused)")
            #expect(told(refused[1]).hasPrefix("error[unsupported]"), "\(refused)")
            #expect(refused.allSatisfy { $0.errors.contains("or it is read-only") }, "\(refused)")
        }
    }

    /// A registry that only says that there is no such tag may delete tags alone or may not.
    @Test func aPlanTellsWhatItCannotKnow() {
        let stub = StubRegistry()
        defer { stub.stop() }
        stub.add(StandardImages.alpine().build(), "team/app", tags: ["1", "2"])
        let plan = sandbox.dsh("rmi --remote --dry-run \(stub.host)/team/app:1")
        #expect(value(plan)["Deleted"] == .null && value(plan)["Others"] == [.string("\(stub.host)/team/app:2")])
        #expect(plan.errors.hasPrefix("note: \(stub.host)/team/app:1: ") && plan.errors.contains("--force"), "\(plan)")
        #expect(stub.manifest("team/app", "1") != nil && stub.requests.filter { $0.method == "DELETE" }.count == 1)
        #expect(value(sandbox.dsh("rmi --remote \(stub.host)/team/app:1"))["Deleted"] == "tag")
    }

    @Test func aManifestThatAnIndexListsIsNotDeletedUnasked() throws {
        let name = "\(registry.host)/listed/app"
        let made = sandbox.script(
            """
            copy -q \(source)/library/nginx:1.25 \(name):all
            copy -q --platform linux/amd64 \(source)/library/nginx:1.25 \(name):one
            """)
        try #require(made.code == 0, "\(made)")
        let digest = value(sandbox.dsh("resolve \(name):one"))["Digest"]?.stringValue ?? ""
        for line in ["--dry-run \(name):one", "--dry-run \(name)@\(digest)", "\(name)@\(digest)", "\(name):one"] {
            let refused = sandbox.dsh("rmi --remote \(line)")
            expectFailure(refused, code: "conflict")
            #expect(refused.errors.contains("\(name):all is an index that lists the manifest"), "\(refused)")
        }
        // What is not there is no error with --force, and both together can go.
        expectFailure(sandbox.dsh("rmi --remote \(name):none"), code: "manifest_unknown")
        let absent = sandbox.dsh("rmi --remote --force \(name):none")
        #expect(absent.code == 0 && absent.errors.isEmpty, "\(absent)")
        let both = sandbox.dsh("rmi --remote \(name):one \(name):all")
        #expect(both.code == 0, "\(both)")
        for tag in ["one", "all"] { #expect(value(sandbox.dsh("exists \(name):\(tag)"))["Exists"] == false) }
    }

    @Test func aPlatformThatTheImageIsNotForIsAnError() throws {
        let target = "\(registry.host)/platform/app:1"
        try #require(sandbox.dsh("copy -q --platform linux/amd64 \(source)/library/nginx:1.25 \(target)").code == 0)
        expectFailure(
            sandbox.dsh("copy -q --platform linux/arm64 \(target) \(registry.host)/platform/app:2"),
            code: "no_matching_platform")
        expectFailure(sandbox.dsh("sync --semver zzz \(source)/library/nginx \(target)"), code: "usage", exit: 2)
    }

    @Test func shardsHaveNothingInCommonAndMissNothing() throws {
        let all = value(sandbox.dsh("catalog \(source) | tags | .Reference | collect"))
        var seen: [String] = []
        for number in 1...3 {
            let part = sandbox.dsh(
                "catalog \(source) | sync -q --dry-run --shard \(number)/3 \(registry.host)/all | .Source | collect")
            // Images that no registry would take over HTTP are among them.
            let rows = (try? JSONValue.parse(part.outputBytes))?.arrayValue ?? []
            seen += rows.compactMap(\.stringValue)
        }
        #expect(Set(seen).count == seen.count)
        #expect(Set(seen).isSubset(of: Set(all.arrayValue?.compactMap(\.stringValue) ?? [])))
        #expect(seen.count > 10)
    }

    @Test func aFailureDoesNotStopTheOthers() throws {
        let lines = """
            [{Source: "\(source)/library/alpine:3.19", Target: "\(registry.host)/w/alpine"}, \
            {Source: "\(source)/library/none:1", Target: "\(registry.host)/w/none"}, \
            {Source: "\(source)/library/node:20", Target: "\(registry.host)/w/node:twenty"}]
            """
        let result = sandbox.dsh("\(lines) | sync -q | .Reference")
        expectFailure(result, code: "manifest_unknown")
        #expect(result.output.contains("/w/alpine:3.19") && result.output.contains("/w/node:twenty"), "\(result)")
    }
}
