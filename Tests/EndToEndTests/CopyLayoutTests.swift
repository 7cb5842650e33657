import Fixtures
import Foundation
import JSON
import Testing

/// `copy` into OCI image layouts of other programs: added to, whole or not at all, and read by other tools.
@Suite struct CopyLayoutTests {
    private let sandbox = Sandbox()
    private var source: String { RegistryServer.shared.host }

    // MARK: A layout

    @Test func aLayoutIsAddedToAndOthersReadIt() throws {
        let planned = value(sandbox.dsh("copy -q --dry-run nginx:1.27 oci:layout"))
        #expect(planned["Status"] == "planned" && sandbox.files("") == [], "\(planned)")
        let copied = value(sandbox.dsh("copy -q nginx:1.27 oci:layout"))
        #expect(copied["Digest"]?.stringValue == standardDigest("library/nginx", "1.27"), "\(copied)")
        #expect(copied["Digest"] == planned["Digest"] && copied["Size"] == planned["Size"])
        #expect(copied["Reference"] == "oci:layout:1.27" && copied["Status"] == "copied")
        // Nothing of dsh's own is in it, and nothing went through the store.
        #expect(sandbox.files("layout") == ["blobs", "index.json", "oci-layout"])
        #expect(expectValidStore(sandbox.work + "/layout").unreferenced == [])
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
        let audit = expectValidStore(sandbox.work + "/layout")
        #expect(audit.references == ["1.27", "1.25", "small", "theirs"] && audit.unreferenced == [])
        for name in ["1.27", "theirs"] {
            let inspected = value(
                sandbox.tool("skopeo", "--override-arch", "amd64", "inspect", "oci:layout:\(name)"))
            #expect(inspected["Architecture"] == "amd64")
        }
        let raw = sandbox.tool("skopeo", "inspect", "--raw", "oci:layout:1.27")
        #expect(sha256(raw.outputBytes) == standardDigest("library/nginx", "1.27"))
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
        expectValidStore(sandbox.work + "/layout")
    }

    @Test func aNameThatMovesLeavesTheOldImageInTheLayout() throws {
        try #require(sandbox.dsh("copy -q nginx:1.25 oci:l:web; copy -q alpine:3.19 oci:l:web").code == 0)
        let rows = try JSONValue.parse(readFile(sandbox.work + "/l/index.json") ?? [])["manifests"]?.arrayValue ?? []
        #expect(rows.map { $0["annotations"]?["org.opencontainers.image.ref.name"]?.stringValue } == [nil, "web"])
        #expect(expectValidStore(sandbox.work + "/l").unreferenced == [])
        #expect(
            value(sandbox.dsh("copy -q oci:l oci:m"))["Digest"]?.stringValue == standardDigest("library/alpine", "3.19")
        )
    }

    @Test func whatIsNoLayoutIsLeftAlone() throws {
        sandbox.directory.write("work/mine/notes.txt", "mine")
        sandbox.directory.write("work/file", "mine")
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:mine"), code: "usage", exit: 2)
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:file"), code: "usage", exit: 2)
        #expect(sandbox.files("mine") == ["notes.txt"])
        sandbox.directory.write("work/later/oci-layout", #"{"imageLayoutVersion":"2.0.0"}"#)
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:later"), code: "unsupported")
        sandbox.directory.write("work/broken/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        sandbox.directory.write("work/broken/index.json", #"{"schemaVersion":2,"manifests":[{]}"#)
        expectFailure(sandbox.dsh("copy -q alpine:3.19 oci:broken"), code: "corrupt")
        #expect(sandbox.files("broken") == ["index.json", "oci-layout"])
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
        let index = try JSONValue.parse(readFile(sandbox.work + "/shared/index.json") ?? [])
        #expect(index["x"] == 1 && index["manifests"]?.arrayValue?.count == lines.count + 2, "\(index)")
        for position in lines.indices {
            #expect(sandbox.dsh("copy -q oci:shared:n\(position) oci:copies:n\(position)").code == 0)
        }
        #expect(expectValidStore(sandbox.work + "/copies").unreferenced == [])
    }

    @Test func aStoreCanBeTheLayout() throws {
        try #require(sandbox.dsh("pull -q alpine:3.19").code == 0)
        let copied = value(sandbox.dsh("copy -q nginx:1.25 oci:\(sandbox.store)"))
        #expect(copied["Status"] == "copied", "\(copied)")
        #expect(value(sandbox.dsh("images nginx:1.25"))[0]?["Digest"] == copied["Digest"])
        #expect(expectValidStore(sandbox.store).unreferenced == [])
    }

    // MARK: What is damaged

    private func blob(_ layout: String, _ digest: String) -> String {
        "\(sandbox.work)/\(layout)/blobs/sha256/\(digest.dropFirst(7))"
    }

    /// A blob of the right size is not taken for whole: a disk may have lost some of it, or a program have died over it.
    @Test func whatIsDamagedInALayoutIsWrittenAnew() throws {
        let image = StandardImages.named("library/nginx", "1.25")
        try #require(sandbox.dsh("copy -q nginx:1.25 oci:layout").code == 0)
        let child = try #require(image.manifests.first)
        for damaged in [image.blobs[0].digest, child.digest, image.root.digest] {
            let path = blob("layout", damaged)
            let whole = try #require(readFile(path))
            writeFile(path, whole.map { $0 ^ 1 })
            let planned = sandbox.dsh("copy -q --dry-run nginx:1.25 oci:layout")
            #expect(value(planned)["Status"] == "planned", "\(planned)")
            #expect(readFile(path) != whole)
            let mended = sandbox.dsh("copy -q nginx:1.25 oci:layout")
            #expect(value(mended)["Status"] == "copied", "\(mended)")
            #expect(readFile(path) == whole)
            #expect(value(sandbox.dsh("copy -q nginx:1.25 oci:layout"))["Status"] == "up_to_date")
        }
        // Under another name, too, and where the source fails the bad one is not made worse.
        let path = blob("layout", image.blobs[0].digest)
        writeFile(path, (readFile(path) ?? []).map { $0 ^ 1 })
        #expect(value(sandbox.dsh("copy -q nginx:1.25 oci:layout:other"))["Status"] == "copied")
        let audit = expectValidStore(sandbox.work + "/layout")
        #expect(audit.references == ["1.25", "other"] && audit.unreferenced == [])
        #expect(sandbox.files("layout/blobs/sha256").allSatisfy { $0.count == 64 })
    }

    /// A blob that takes long to read is left at once, and takes no memory.
    @Test func readingALayoutStopsOnCtrlC() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        let config = Array(#"{"architecture":"amd64","os":"linux"}"#.utf8)
        let (layer, size) = (String(repeating: "a", count: 64), 400 << 30)
        let manifest = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":\
            "application/vnd.oci.image.config.v1+json","digest":"\(stub.addBlob(config))","size":\(config.count)},"layers":[\
            {"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:\(layer)","size":\(size)}]}
            """
        stub.addManifest("lab/huge", tags: ["1"], Array(manifest.utf8))
        try #require(sandbox.dsh("copy -q alpine:3.19 oci:layout").code == 0)
        let path = blob("layout", "sha256:" + layer)
        try #require(FileManager.default.createFile(atPath: path, contents: nil) && truncate(path, size) == 0)
        for option in ["", "--dry-run"] {
            let child = sandbox.start(["-c", "copy -q \(option) \(stub.host)/lab/huge:1 oci:layout"])
            for _ in 0..<500 where stub.requests("manifests/1").isEmpty { usleep(10_000) }
            usleep(300_000)
            let start = ContinuousClock.now
            kill(child.id, SIGINT)
            let result = child.wait(timeout: 20)
            #expect(result.code == 130 && ContinuousClock.now - start < .seconds(10), "\(result)")
            stub.forgetRequests()
        }
        // It was there before, so it stays.
        #expect(FileManager.default.fileExists(atPath: path))
    }

    /// What a message says to do is to be done in that directory, and not in the store.
    @Test func hintsOnADamagedLayoutSpeakOfIt() throws {
        try #require(sandbox.dsh("copy -q alpine:3.19 oci:layout").code == 0)
        let root = standardDigest("library/alpine", "3.19")
        let path = blob("layout", root)
        let whole = try #require(readFile(path))
        func expect(_ line: String, _ code: String, _ told: String) {
            let result = sandbox.dsh(line)
            expectFailure(result, code: code)
            #expect(result.errors.contains(told), "\(result)")
            for word in ["fsck", "the store", "DSH_STORE", "pull"] {
                #expect(!result.errors.contains(word), "\(result)")
            }
        }
        writeFile(path, whole.map { $0 ^ 1 })
        expect("copy -q oci:layout oci:other", "corrupt", "layout: the manifest \(root) is damaged")
        try FileManager.default.removeItem(atPath: path)
        expect("copy -q oci:layout oci:other", "not_found", root)
        writeFile(path, whole)
        let config = try #require(StandardImages.named("library/alpine", "3.19").config).digest
        try FileManager.default.removeItem(atPath: blob("layout", config))
        expect("copy -q oci:layout oci:other", "not_found", "layout has no blob \(config)")
        // Bytes that are others than the name says, and too few.
        let layer = try #require(StandardImages.named("library/nginx", "1.25").blobs.first).digest
        try #require(sandbox.dsh("copy -q nginx:1.25 oci:web").code == 0)
        let content = try #require(readFile(blob("web", layer)))
        // Its own: what fails leaves a repository without tags.
        let registry = RegistryServer()
        for (number, bytes) in [content.map { $0 ^ 1 }, Array(content.dropLast())].enumerated() {
            writeFile(blob("web", layer), bytes)
            for target in ["oci:other", "\(registry.host)/damaged/web:\(number)", "oci-archive:web.tar", "store:web:1"]
            {
                expect(
                    "copy -q oci:web \(target)", number == 0 ? "digest_mismatch" : "corrupt",
                    "web: the blob \(layer) is damaged")
            }
        }
        sandbox.directory.write("work/layout/index.json", "{")
        for line in ["copy -q oci:layout oci:other", "copy -q alpine:3.19 oci:layout"] {
            expect(line, "corrupt", "layout: index.json is damaged")
        }
        try FileManager.default.removeItem(atPath: sandbox.work + "/layout/index.json")
        expect("copy -q alpine:3.19 oci:layout", "corrupt", "has blobs and no index.json")
        sandbox.directory.write("work/later/oci-layout", #"{"imageLayoutVersion":"2.0.0"}"#)
        expect("copy -q alpine:3.19 oci:later", "unsupported", "version 2.0.0")
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
        #expect(sandbox.files("") == ["kept.tar"])
        #expect(readFile(sandbox.work + "/kept.tar") == Array("kept".utf8))
        // What a layout has stays.
        try #require(sandbox.dsh("copy -q alpine:3.19 oci:old").code == 0)
        expectFailure(sandbox.dsh("copy -q \(stub.host)/lab/big:1 oci:old"), code: "digest_mismatch")
        let audit = expectValidStore(sandbox.work + "/old")
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
        #expect(sandbox.files("") == [])
    }
}
