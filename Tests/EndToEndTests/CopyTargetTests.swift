import Fixtures
import Foundation
import JSON
import Testing

/// `copy` into layouts, archives and the store: whole, with the digests that were, and read by other tools.
@Suite struct CopyTargetTests {
    private let sandbox = Sandbox()
    private var source: String { RegistryServer.shared.host }
    private var work: String { sandbox.directory.path + "/work" }

    private func digest(_ repository: String, _ tag: String) -> String {
        StandardImages.named(repository, tag).root.digest
    }

    private func files(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: work + "/" + path)) ?? []).sorted()
    }

    // MARK: A layout

    @Test func aLayoutIsAddedToAndOthersReadIt() throws {
        let planned = value(sandbox.dsh("copy -q --dry-run nginx:1.27 oci:layout"))
        #expect(planned["Status"] == "planned" && files("") == [], "\(planned)")
        let copied = value(sandbox.dsh("copy -q nginx:1.27 oci:layout"))
        #expect(copied["Digest"]?.stringValue == digest("library/nginx", "1.27"), "\(copied)")
        #expect(copied["Digest"] == planned["Digest"] && copied["Size"] == planned["Size"])
        #expect(copied["Reference"] == "oci:layout:1.27" && copied["Status"] == "copied")
        // Nothing of dsh's own is in it, and nothing went through the store.
        #expect(files("layout") == ["blobs", "index.json", "oci-layout"])
        #expect(expectValidStore(work + "/layout").unreferenced == [])
        #expect(value(sandbox.dsh("images -a")) == [])
        let again = value(sandbox.dsh("copy -q nginx:1.27 oci:layout"))
        #expect(again["Status"] == "up_to_date" && again["Sent"] == 0, "\(again)")
        #expect(value(sandbox.dsh("copy -q --dry-run nginx:1.27 oci:layout"))["Status"] == "up_to_date")
        // Another tag of the same repository, a name of its own, and what another tool adds.
        try #require(sandbox.dsh("copy -q nginx:1.25 oci:layout; copy -q alpine:3.19 oci:layout:small").code == 0)
        let added = sandbox.tool(
            "skopeo", "copy", "-q", "--src-tls-verify=false", "docker://\(source)/library/postgres:16",
            "oci:layout:theirs")
        try #require(added.code == 0, "\(added)")
        #expect(value(sandbox.dsh("copy -q oci:layout:theirs oci:second:ours"))["Status"] == "copied")
        let audit = expectValidStore(work + "/layout")
        #expect(audit.references == ["1.27", "1.25", "small", "theirs"] && audit.unreferenced == [])
        for name in ["1.27", "theirs"] {
            let inspected = value(
                sandbox.tool("skopeo", "--override-arch", "amd64", "inspect", "oci:layout:\(name)"))
            #expect(inspected["Architecture"] == "amd64")
        }
        let raw = sandbox.tool("skopeo", "inspect", "--raw", "oci:layout:1.27")
        #expect(sha256(raw.outputBytes) == digest("library/nginx", "1.27"))
        let back = sandbox.tool("skopeo", "copy", "-q", "--all", "--preserve-digests", "oci:layout:1.27", "dir:back")
        #expect(back.code == 0, "\(back)")
    }

    @Test func umociReadsIt() throws {
        try #require(sandbox.dsh("copy -q --platform linux/amd64 nginx:1.25 oci:layout:web").code == 0)
        #expect(sandbox.tool("umoci", "list", "--layout", "layout").text == "web")
        let status = sandbox.tool("umoci", "stat", "--json", "--image", "layout:web")
        #expect(value(status)["history"]?.arrayValue?.isEmpty == false, "\(status)")
        try #require(sandbox.tool("umoci", "tag", "--image", "layout:web", "other").code == 0)
        #expect(value(sandbox.dsh("copy -q oci:layout:other oci:layout:third"))["Sent"] == 0)
        expectValidStore(work + "/layout")
    }

    @Test func aNameThatMovesLeavesTheOldImageInTheLayout() throws {
        try #require(sandbox.dsh("copy -q nginx:1.25 oci:l:web; copy -q alpine:3.19 oci:l:web").code == 0)
        let rows = try JSONValue.parse(readFile(work + "/l/index.json") ?? [])["manifests"]?.arrayValue ?? []
        #expect(rows.map { $0["annotations"]?["org.opencontainers.image.ref.name"]?.stringValue } == [nil, "web"])
        #expect(expectValidStore(work + "/l").unreferenced == [])
        #expect(value(sandbox.dsh("copy -q oci:l oci:m"))["Digest"]?.stringValue == digest("library/alpine", "3.19"))
    }

    @Test func whatIsNoLayoutIsLeftAlone() throws {
        sandbox.directory.write("work/mine/notes.txt", "mine")
        sandbox.directory.write("work/file", "mine")
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:mine"), code: "usage", exit: 2)
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:file"), code: "usage", exit: 2)
        #expect(files("mine") == ["notes.txt"])
        sandbox.directory.write("work/later/oci-layout", #"{"imageLayoutVersion":"2.0.0"}"#)
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:later"), code: "unsupported")
        sandbox.directory.write("work/broken/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        sandbox.directory.write("work/broken/index.json", #"{"schemaVersion":2,"manifests":[{]}"#)
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:broken"), code: "corrupt")
        #expect(files("broken") == ["index.json", "oci-layout"])
    }

    /// What another program is at the same time, and rows that nobody understands.
    @Test func manyAtOnceInOneLayout() throws {
        sandbox.directory.write("work/shared/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        sandbox.directory.write(
            "work/shared/index.json",
            #"{"schemaVersion":2,"x":1,"manifests":[{"digest":"../../../etc/passwd","size":1},7]}"#)
        let lines = ["nginx:1.25", "nginx:1.27", "node:20", "node:18", "python:3.11", "lab/many:120", "lab/zstd:1"]
        let running = lines.enumerated().map { position, line in
            sandbox.start(["-c", "copy -q \(line) oci:shared:n\(position)"])
        }
        for child in running {
            let result = child.wait(timeout: 120)
            #expect(result.code == 0, "\(result)")
        }
        let index = try JSONValue.parse(readFile(work + "/shared/index.json") ?? [])
        #expect(index["x"] == 1 && index["manifests"]?.arrayValue?.count == lines.count + 2, "\(index)")
        for position in lines.indices {
            #expect(sandbox.dsh("copy -q oci:shared:n\(position) oci:copies:n\(position)").code == 0)
        }
        #expect(expectValidStore(work + "/copies").unreferenced == [])
    }

    @Test func aStoreCanBeTheLayout() throws {
        try #require(sandbox.dsh("pull -q alpine:3.19").code == 0)
        let copied = value(sandbox.dsh("copy -q nginx:1.25 oci:\(sandbox.store)"))
        #expect(copied["Status"] == "copied", "\(copied)")
        #expect(value(sandbox.dsh("images nginx:1.25"))[0]?["Digest"] == copied["Digest"])
        #expect(expectValidStore(sandbox.store).unreferenced == [])
    }

    // MARK: What fails leaves nothing

    @Test func ofAnImageThatIsDamagedNothingIsLeft() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        stub.add(StandardImages.named("lab/big", "1"), "lab/big", tags: ["1"])
        stub.rule("blobs/", method: "GET", .corrupt)
        sandbox.directory.write("work/kept.tar", "kept")
        for target in ["oci:new", "oci-archive:new.tar", "docker-archive:kept.tar"] {
            expectFailure(sandbox.dsh("copy -q \(stub.host)/lab/big:1 \(target)"), code: "digest_mismatch")
        }
        #expect(files("") == ["kept.tar"])
        #expect(readFile(work + "/kept.tar") == Array("kept".utf8))
        // What a layout has stays.
        try #require(sandbox.dsh("copy -q alpine:3.19 oci:old").code == 0)
        expectFailure(sandbox.dsh("copy -q \(stub.host)/lab/big:1 oci:old"), code: "digest_mismatch")
        let audit = expectValidStore(work + "/old")
        #expect(audit.unreferenced == [] && audit.references == ["3.19"])
    }

    @Test(.enabled(if: geteuid() == 0, "mounting a tmpfs needs root"))
    func aFullDiskLeavesNothing() throws {
        let mount = sandbox.directory.path + "/small"
        sandbox.directory.directory("small")
        try #require(runTool("mount", "-t", "tmpfs", "-o", "size=2m", "dsh-test", mount).code == 0)
        defer { _ = runTool("umount", mount) }
        for target in ["oci:\(mount)/layout", "oci-archive:\(mount)/a.tar", "docker-archive:\(mount)/b.tar"] {
            expectFailure(sandbox.dsh("copy -q lab/big:1 \(target)"), code: "no_space")
            #expect(try FileManager.default.contentsOfDirectory(atPath: mount) == [], "\(target)")
        }
        // Another image fits, and then again there is no room beside it.
        try #require(sandbox.dsh("copy -q alpine:3.19 oci:\(mount)/layout").code == 0)
        expectFailure(sandbox.dsh("copy -q lab/big:1 oci:\(mount)/layout"), code: "no_space")
        let audit = expectValidStore(mount + "/layout")
        #expect(audit.unreferenced == [] && audit.references == ["3.19"])
    }

    @Test(arguments: ["oci:new", "oci-archive:new.tar", "docker-archive:new.tar"])
    func interruptedItLeavesNothing(target: String) throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        stub.add(StandardImages.named("lab/big", "1"), "lab/big", tags: ["1"])
        stub.rule("blobs/", method: "GET", .delivery(.stall(after: 300_000)))
        let child = sandbox.start(["-c", "copy -q \(stub.host)/lab/big:1 \(target)"])
        for _ in 0..<500 where stub.requests("blobs/").count < 2 { usleep(10_000) }
        usleep(200_000)
        kill(child.id, SIGINT)
        let result = child.wait(timeout: 20)
        #expect(result.code == 130, "\(result)")
        #expect(files("") == [])
    }

    // MARK: Archives

    @Test func anOCIArchiveGoesThereAndBack() throws {
        let planned = value(sandbox.dsh("copy -q --dry-run nginx:1.27 oci-archive:nginx.tar"))
        #expect(planned["Status"] == "planned" && files("") == [], "\(planned)")
        let copied = value(sandbox.dsh("copy -q nginx:1.27 oci-archive:nginx.tar"))
        #expect(copied["Digest"]?.stringValue == digest("library/nginx", "1.27"), "\(copied)")
        #expect(copied["Digest"] == planned["Digest"] && copied["Size"] == planned["Size"])
        let raw = sandbox.tool("skopeo", "inspect", "--raw", "oci-archive:nginx.tar:1.27")
        #expect(sha256(raw.outputBytes) == digest("library/nginx", "1.27"))
        // The same image makes the same archive, whatever was done at once.
        try #require(sandbox.dsh("copy -q -j 8 nginx:1.27 oci-archive:again.tar").code == 0)
        #expect(readFile(work + "/nginx.tar") == readFile(work + "/again.tar"))
        #expect(value(sandbox.dsh("load -q -i nginx.tar"))["Reference"] == "nginx:1.27")
        // And out of one archive into another.
        let moved = value(sandbox.dsh("copy -q oci-archive:nginx.tar oci-archive:nginx.tar:renamed"))
        #expect(moved["Digest"] == copied["Digest"], "\(moved)")
        #expect(value(sandbox.dsh("copy -q oci-archive:nginx.tar oci:layout"))["Reference"] == "oci:layout:renamed")
    }

    @Test(arguments: ["nginx:1.25", "node:20", "lab/zstd:1", "lab/mixed:1"])
    func aDockerArchiveIsWhatSaveWrites(reference: String) throws {
        let copied = value(sandbox.dsh("copy -q \(reference) docker-archive:copied.tar"))
        #expect(copied["Manifests"] == 1, "\(copied)")
        try #require(sandbox.dsh("pull -q \(reference)").code == 0)
        let saved = value(sandbox.dsh("save -q --platform linux/amd64 \(reference) -o saved.tar"))
        #expect(copied["Digest"] == saved["Images"]?[0]?["Digest"])
        func member(_ name: String, _ archive: String) -> JSONValue {
            value(sandbox.tool("tar", "-xOf", archive, name))
        }
        for name in ["manifest.json", "index.json"] {
            #expect(member(name, "copied.tar") == member(name, "saved.tar"), "\(name)")
        }
        let id = saved["Images"]?[0]?["Id"]
        let read = sandbox.tool("skopeo", "copy", "-q", "docker-archive:copied.tar:\(reference)", "dir:back")
        #expect(read.code == 0, "\(read)")
        #expect(value(sandbox.tool("cat", "back/manifest.json"))["config"]?["digest"] == id)
        let loaded = EngineServer.shared.docker("load", "-i", work + "/copied.tar")
        #expect(loaded.text == "Loaded image: \(reference)", "\(loaded)")
        _ = EngineServer.shared.docker("rmi", reference)
        let other = Sandbox(registry: nil)
        #expect(value(other.dsh("load -q -i \(work)/copied.tar"))["Id"] == id)
    }

    @Test func podmanLoadsADockerArchive() throws {
        let copied = value(sandbox.dsh("copy -q alpine:3.19 docker-archive:a.tar:localhost/mine/alpine:1"))
        let root = sandbox.directory.path
        let podman = [
            "podman", "--root", "\(root)/p", "--runroot", "\(root)/r", "--tmpdir", "\(root)/t", "--storage-driver",
            "vfs",
        ]
        func run(_ arguments: String...) -> ProcessResult {
            ChildProcess(podman + arguments, environment: ProcessInfo.processInfo.environment).wait(timeout: 120)
        }
        let loaded = run("load", "-q", "-i", work + "/a.tar")
        try #require(loaded.code == 0, "\(loaded)")
        let id = run("inspect", "--format", "{{.Id}}", "localhost/mine/alpine:1")
        #expect("sha256:" + id.text == StandardImages.named("library/alpine", "3.19").config?.digest, "\(copied)")
        _ = run("rmi", "-af")
    }

    @Test func anArchiveIsOfOneImage() throws {
        let both = sandbox.dsh("[\"nginx:1.25\", \"alpine:3.19\"] | copy -q docker-archive:both.tar")
        expectFailure(both, code: "usage", exit: 2)
        #expect(both.errors.contains("an archive is of one image"), "\(both)")
        let several = value(sandbox.dsh("[\"nginx:1.25\", \"alpine:3.19\"] | copy -q oci:both | collect"))
        #expect(several.arrayValue?.count == 2)
        #expect(Set(expectValidStore(work + "/both").references) == ["1.25", "3.19"])
        expectFailure(sandbox.dsh("copy --referrers nginx:1.25 docker-archive:x.tar"), code: "usage", exit: 2)
    }

    // MARK: The store, and names

    @Test func intoTheStore() throws {
        let copied = value(sandbox.dsh("copy -q nginx:1.25 store:mine:1"))
        #expect(copied["Reference"] == "store:mine:1" && copied["Status"] == "copied", "\(copied)")
        #expect(value(sandbox.dsh("images mine"))[0]?["Digest"]?.stringValue == digest("library/nginx", "1.25"))
        #expect(value(sandbox.dsh("copy -q nginx:1.25 store:mine:1"))["Status"] == "up_to_date")
        // Whole, as a copy is: all platforms are there.
        let pushed = value(sandbox.dsh("copy -q store:mine:1 oci:layout"))
        #expect(pushed["Digest"] == copied["Digest"], "\(pushed)")
        #expect(value(sandbox.dsh("copy -q nginx:1.25 store:"))["Reference"] == "store:nginx:1.25")
        #expect(value(sandbox.dsh("copy -q oci:layout store:"))["Reference"] == "store:mine:1")
        expectFailure(sandbox.dsh("copy --referrers nginx:1.25 store:x"), code: "usage", exit: 2)
        try #require(sandbox.dsh("copy -q alpine:3.19 oci:bare:only-a-tag").code == 0)
        expectFailure(sandbox.dsh("copy -q oci:bare store:"), code: "usage", exit: 2)
        #expect(expectValidStore(sandbox.store).unreferenced == [])
    }

    @Test func tagsAreKeptAndWhatHasNoneGetsNone() throws {
        let registry = RegistryServer()
        let target = "\(registry.host)/kept/app"
        try #require(sandbox.dsh("copy -q nginx:1.25 oci:layout; copy -q nginx:1.25 oci-archive:a.tar").code == 0)
        let archive = sandbox.tool(
            "skopeo", "copy", "-q", "--src-tls-verify=false", "docker://\(source)/library/alpine:3.19",
            "oci-archive:theirs.tar:v3")
        try #require(archive.code == 0, "\(archive)")
        for (from, tag) in [("oci:layout", "1.25"), ("oci-archive:a.tar", "1.25"), ("oci-archive:theirs.tar", "v3")] {
            #expect(value(sandbox.dsh("copy -q \(from) \(target)"))["Reference"]?.stringValue == "\(target):\(tag)")
        }
        let nginx = digest("library/nginx", "1.25")
        let other = "\(registry.host)/other/app"
        let unnamed = sandbox.tool(
            "skopeo", "copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false",
            "docker://\(source)/library/nginx:1.25", "oci:unnamed")
        try #require(unnamed.code == 0, "\(unnamed)")
        for from in ["oci:unnamed", "nginx@\(nginx)"] {
            let copied = value(sandbox.dsh("copy -q \(from) \(other)"))
            #expect(copied["Reference"]?.stringValue == "\(other)@\(nginx)", "\(copied)")
        }
        expectFailure(sandbox.dsh("resolve \(other):latest"), code: "manifest_unknown")
    }

    // MARK: --format

    private func types(_ layout: String, _ name: String) -> Set<String> {
        let raw = sandbox.dsh("copy -q \(layout):\(name) oci:types:\(name)").code == 0 ? "types" : ""
        var types: Set<String> = []
        func walk(_ path: String) {
            guard let json = try? JSONValue.parse(readFile(path) ?? []) else { return }
            if let type = json["mediaType"]?.stringValue { types.insert(type) }
            for key in ["manifests", "layers"] {
                for entry in json[key]?.arrayValue ?? [] {
                    types.insert(entry["mediaType"]?.stringValue ?? "")
                    if key == "manifests" {
                        walk(work + "/\(raw)/blobs/sha256/" + (entry["digest"]?.stringValue?.dropFirst(7) ?? ""))
                    }
                }
            }
            if let type = json["config"]?["mediaType"]?.stringValue { types.insert(type) }
        }
        let rows = (try? JSONValue.parse(readFile(work + "/\(raw)/index.json") ?? []))?["manifests"]?.arrayValue ?? []
        for row in rows where row["annotations"]?["org.opencontainers.image.ref.name"]?.stringValue == name {
            walk(work + "/\(raw)/blobs/sha256/" + (row["digest"]?.stringValue?.dropFirst(7) ?? ""))
        }
        return types
    }

    private static let oci: Set<String> = Set(
        ["manifest.v1+json", "index.v1+json", "config.v1+json", "layer.v1.tar+gzip", "layer.v1.tar"].map {
            "application/vnd.oci.image." + $0
        })
    private static let docker: Set<String> = [
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar",
    ]

    @Test(arguments: ["nginx:1.27", "node:20", "nginx:alpine", "lab/plain:1"])
    func theFormatIsConvertedThereAndBack(reference: String) throws {
        let registry = "\(RegistryServer.shared.host)/converted/\(reference.split(separator: ":")[0])"
        let docker = value(sandbox.dsh("copy -q --format docker \(reference) oci:docker:one"))
        #expect(types("oci:docker", "one").subtracting(Self.docker) == [], "\(docker)")
        let oci = value(sandbox.dsh("copy -q --format oci oci:docker:one oci:oci:two"))
        #expect(types("oci:oci", "two").subtracting(Self.oci) == [], "\(oci)")
        #expect(docker["Digest"] != oci["Digest"] && oci["Dropped"] == [])
        for layout in ["docker", "oci"] { expectValidStore(work + "/" + layout) }
        // The plan says the same, another time there is nothing to do, and no layer is changed.
        let again = value(sandbox.dsh("copy -q --format docker oci:oci oci:docker:one"))
        #expect(again["Status"] == "up_to_date" && again["Digest"] == docker["Digest"], "\(again)")
        let planned = value(sandbox.dsh("copy -q --dry-run --format docker \(reference) \(registry):x"))
        #expect(planned["Digest"] == docker["Digest"] && planned["Dropped"] == docker["Dropped"])
        // A real registry and skopeo take both.
        for (from, tag) in [("oci:docker:one", "d"), ("oci:oci:two", "o")] {
            try #require(sandbox.dsh("copy -q \(from) \(registry):\(tag)").code == 0)
            let read = sandbox.tool(
                "skopeo", "copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false",
                "docker://\(registry):\(tag)", "dir:\(tag)")
            #expect(read.code == 0, "\(read)")
        }
        let converted = sandbox.tool(
            "skopeo", "--override-arch", "amd64", "copy", "-q", "--format", "oci", "oci:docker", "oci:theirs:t")
        #expect(converted.code == 0, "\(converted)")
        #expect(types("oci:theirs", "t").subtracting(Self.oci) == [])
    }

    @Test func whatDockersFormatHasNoPlaceForIsToldOrRefused() throws {
        let nginx = value(sandbox.dsh("copy -q --format docker nginx:1.27 oci:l"))
        let dropped = nginx["Dropped"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(dropped.contains { $0.contains("attestation") }, "\(dropped)")
        let zstd = sandbox.dsh("copy -q --format docker lab/zstd:1 oci:z")
        expectFailure(zstd, code: "unsupported")
        #expect(zstd.errors.contains("zstd") && !files("").contains("z"), "\(zstd)")
        // What is of that format already keeps its bytes.
        let same = value(sandbox.dsh("copy -q --format docker node:20 oci:l:same"))
        #expect(same["Digest"]?.stringValue == digest("library/node", "20") && same["Dropped"] == [])
        expectFailure(sandbox.dsh("copy --format v1 alpine oci:l"), code: "usage", exit: 2)
    }

    // MARK: Referrers

    @Test func referrersComeIntoALayoutAndOutOfIt() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        let signature = stub.addSigned(StandardImages.named("library/alpine", "3.19"), "team/signed")
        for (target, back) in [("oci:signed", "oci:signed"), ("oci-archive:signed.tar", "oci-archive:signed.tar")] {
            let copied = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/signed:1 \(target)"))
            #expect(copied["Manifests"] == 2, "\(copied)")
            let registry = "\(RegistryServer.shared.host)/signed-\(target.count)/app"
            let pushed = value(sandbox.dsh("copy -q --referrers \(back) \(registry)"))
            #expect(pushed["Reference"]?.stringValue == registry + ":1", "\(pushed)")
            let referrers = value(sandbox.dsh("referrers \(registry):1 | collect")).arrayValue ?? []
            #expect(referrers.map { $0["Digest"]?.stringValue } == [signature], "\(referrers)")
        }
        let rows = try JSONValue.parse(readFile(work + "/signed/index.json") ?? [])["manifests"]?.arrayValue ?? []
        #expect(rows.map { $0["artifactType"]?.stringValue } == [nil, "application/x.signature"], "\(rows)")
        #expect(rows[1]["annotations"]?["org.opencontainers.image.ref.name"] == nil)
        let again = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/signed:1 oci:signed"))
        #expect(again["Status"] == "up_to_date", "\(again)")
    }
}

extension StubRegistry {
    /// Adds an image as `repository:1` and a signature of it; returns the signature's digest.
    fileprivate func addSigned(_ image: BuiltImage, _ repository: String) -> String {
        add(image, repository, tags: ["1"])
        let signature = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/x.signature","digest":"\(addBlob(Array("{}".utf8)))","size":2},"layers":[],\
            "subject":{"mediaType":"\(image.root.mediaType)","digest":"\(image.root.digest)","size":\(image.root.bytes.count)}}
            """.utf8)
        let digest = addManifest(repository, tags: [], signature)
        let index = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":\
            "application/vnd.oci.image.manifest.v1+json","digest":"\(digest)","size":\(signature.count),\
            "artifactType":"application/x.signature"}]}
            """.utf8)
        addManifest(
            repository, tags: [image.root.digest.replacingOccurrences(of: ":", with: "-")], index,
            mediaType: "application/vnd.oci.image.index.v1+json")
        return digest
    }
}
