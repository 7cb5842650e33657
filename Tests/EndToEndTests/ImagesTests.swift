import Fixtures
import Foundation
import JSON
import Testing

/// images, inspect, history, tag, untag, rmi and import on a store filled from the registry.
@Suite struct ImagesTests {
    private func filled(_ references: String = "nginx nginx:1.25 nginx:alpine node:20 alpine:3.19") throws -> Sandbox {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -q \(references)")
        try #require(pulled.code == 0, "\(pulled)")
        return sandbox
    }

    @Test func aRowHasEveryFieldInItsOrder() throws {
        let sandbox = try filled("alpine:3.19")
        let row = value(sandbox.dsh("images"))[0]
        #expect(
            row?.objectValue?.keys == [
                "Reference", "Repository", "Tag", "Digest", "Id", "Created", "Size", "SharedSize", "UniqueSize",
                "Containers", "Platform", "Labels", "Dangling", "LastPulled",
            ], "\(row?.compact ?? "none")")
        let image = StandardImages.named("library/alpine", "3.19")
        #expect(row?["Repository"] == "alpine")
        #expect(row?["Tag"] == "3.19")
        #expect(row?["Id"]?.stringValue == image.config?.digest)
        #expect(row?["Created"] == "2024-01-27T00:30:48.624602109Z")
        #expect(row?["Size"]?.intValue == 60_000 + "ID=alpine\nVERSION_ID=3.19.1\n".utf8.count)
    }

    @Test(arguments: [
        ("images nginx", 3), ("images nginx:1.25", 1), ("images 'ngin*'", 3), ("images nothing", 0),
        ("images -f reference='nginx:1*'", 1), ("images -f label=maintainer", 2), ("images -f label=maintainer=x", 0),
        ("images -f before=node:20", 4), ("images -f since=nginx:1.25", 1), ("images -f dangling=true", 0),
        ("images --filter reference=nginx --filter reference=node", 4), ("images nginx -f reference=node", 4),
        ("images -f dangling=false", 5), ("images -a", 5), ("images -f label!=maintainer", 3),
        ("images -f label=maintainer -f label=nothing", 0), ("images -f reference='ngin?:alpin[a-f]'", 1),
        ("images -f reference=docker.io/library/nginx", 3), ("images -f until=2024-02-01", 1),
        ("images -f until=24h", 5), ("images -f until=1706315449", 1), ("images -f until=1706315448", 0),
        ("images -f since=nginx:1.25 -f reference=nginx", 0), ("images --tree nginx", 3),
        ("images --tree -f label!=maintainer", 3),
    ])
    func filtersKeepWhatTheyName(command: String, count: Int) throws {
        let images = value(Self.shared.dsh(command))
        #expect(images.arrayValue?.count == count, "\(command): \(images.compact)")
    }

    @Test(arguments: [
        ("images -f nope=1", "usage"), ("images -f dangling", "usage"), ("images -f dangling=maybe", "usage"),
        ("images -f until=yesterday", "usage"), ("images -f until=1h -f until=2h", "usage"),
        ("images --tree -q", "usage"), ("images --tree --no-trunc", "usage"), ("images --tree --digests", "usage"),
        ("images --tree --format json", "usage"),
    ])
    func whatMakesNoSenseIsRefused(command: String, code: String) {
        expectFailure(Self.shared.dsh(command), code: code, exit: 2)
    }

    @Test func aFilterNamesAnImageThatIsNotThere() {
        expectFailure(Self.shared.dsh("images -f before=ghost"), code: "not_found")
    }

    @Test func theTreeShowsEveryPlatform() throws {
        let sandbox = try filled("nginx:alpine alpine:3.19")
        #expect(sandbox.dsh("tag nginx:alpine mine:1").code == 0)
        let tree = value(sandbox.dsh("images --tree"))
        #expect(tree.arrayValue?.count == 2, "\(tree.compact)")
        let image = try #require(tree.arrayValue?.first { $0["Names"]?.arrayValue?.count == 2 })
        #expect(sorted(image["Names"]) == ["mine:1", "nginx:alpine"])
        let host = value(sandbox.dsh("images nginx:alpine"))[0]
        for field in ["Id", "Digest", "Size", "Created"] { #expect(image[field] == host?[field], "\(field)") }
        let platforms = image["Platforms"]?.arrayValue ?? []
        #expect(platforms.map { $0["Platform"] } == ["linux/amd64", "linux/arm64/v8"])
        #expect(platforms.map { $0["Available"] } == [true, false])
        #expect(platforms[1]["Id"] == .null && platforms[1]["Size"] == 0 && platforms[1]["ContentSize"] == 0)
        // What is here is the index and this platform's blobs.
        let blobs = expectValidStore(sandbox.store)
        #expect(image["ContentSize"]?.intValue ?? 0 > 0, "\(blobs.blobs)")

        #expect(sandbox.dsh("pull -q --all-platforms nginx:alpine").code == 0)
        let whole = value(sandbox.dsh("images --tree nginx"))[0]
        let sizes = (whole?["Platforms"]?.arrayValue ?? []).compactMap { $0["Size"]?.intValue }
        #expect(sizes.count == 2 && sizes.allSatisfy { $0 > 80_000 }, "\(whole?.compact ?? "-")")
        #expect(whole?["Size"]?.intValue == sizes.reduce(0, +))
        let single = value(sandbox.dsh("images --tree alpine"))[0]
        #expect(single?["Platforms"]?.arrayValue?.count == 1)
        #expect(single?["Platforms"]?[0]?["Digest"] == single?["Digest"])

        let table = sandbox.run("-o", "table", "-c", "images --tree").output
        #expect(table.hasPrefix("IMAGE "), "\(table)")
        #expect(table.contains("\n├─ linux/amd64 ") && table.contains("\n└─ linux/arm64/v8 "), "\(table)")
    }

    /// Nothing in the tests above writes to it.
    static let shared: Sandbox = {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -q nginx nginx:1.25 nginx:alpine node:20 alpine:3.19")
        precondition(pulled.code == 0, "\(pulled)")
        return sandbox
    }()

    @Test func theOrderIsNewestFirstThenByName() throws {
        let created = value(try filled().dsh("images | map([.Created, .Reference])"))
        let names = (created.arrayValue ?? []).map { $0[1]?.stringValue ?? "" }
        #expect(
            names == ["node:20", "nginx:1.25", "nginx:alpine", "nginx:latest", "alpine:3.19"], "\(created.compact)")
    }

    @Test func quietIsIdentifiersAlone() throws {
        let result = try filled("alpine:3.19").dsh("images -q")
        let digest = StandardImages.named("library/alpine", "3.19").config?.digest ?? ""
        #expect(result.text.contains(digest.dropFirst(7).prefix(12)), "\(result)")
    }

    @Test func anImageHasManyNames() throws {
        let sandbox = try filled("alpine:3.19")
        let identifier = StandardImages.named("library/alpine", "3.19").config?.digest.dropFirst(7).prefix(12) ?? ""
        #expect(sandbox.dsh("tag alpine:3.19 mine").code == 0)
        #expect(sandbox.dsh("tag \(identifier) registry.example.com:5000/team/mine:2").code == 0)
        let names = value(sandbox.dsh("inspect \(identifier)"))[0]?["RepoTags"]
        #expect(sorted(names) == ["alpine:3.19", "mine:latest", "registry.example.com:5000/team/mine:2"])
        #expect(value(sandbox.dsh("images | map(.Id) | unique | length")) == 1)
        // Several names and one identifier: Docker asks for force.
        expectFailure(sandbox.dsh("rmi \(identifier)"), code: "conflict")
        #expect(sandbox.dsh("untag mine").code == 0)
        #expect(sandbox.dsh("rmi alpine:3.19").code == 0)
        #expect(expectValidStore(sandbox.store).references == ["registry.example.com:5000/team/mine:2"])
        #expect(sandbox.dsh("rmi -f \(identifier)").code == 0)
        let absent = sandbox.dsh("rmi -f \(identifier) | length")
        #expect(absent.code == 0 && absent.text == "0")
        #expect(absent.errors == "note: rmi: no such image: \(identifier):latest\n", "\(absent)")
        #expect(expectValidStore(sandbox.store).blobs.isEmpty)
    }

    @Test func untagLeavesTheImage() throws {
        let sandbox = try filled("alpine:3.19")
        #expect(sandbox.dsh("untag alpine:3.19").code == 0)
        #expect(value(sandbox.dsh("images -a"))[0]?["Dangling"] == true)
        expectFailure(sandbox.dsh("untag alpine:3.19"), code: "not_found")
        expectValidStore(sandbox.store)
    }

    @Test(arguments: [
        ("inspect nothing", "not_found"), ("history nothing", "not_found"), ("rmi nothing", "not_found"),
        ("tag nothing other", "not_found"), ("untag nothing", "not_found"),
    ])
    func whatIsNotThereIsSaid(command: String, code: String) {
        expectFailure(Sandbox(registry: nil).dsh(command), code: code)
    }

    @Test func historyGoesFromTheTopDown() throws {
        let rows = value(Self.shared.dsh("history nginx:1.25")).arrayValue ?? []
        #expect(rows.count == 9)
        #expect(rows.first?["CreatedBy"] == "CMD [\"nginx\" \"-g\" \"daemon off;\"]")
        #expect(rows.last?["Size"]?.intValue ?? 0 > 800_000)
        #expect(rows.filter { $0["Size"]?.intValue == 0 }.count == 6, "\(rows)")
    }

    @Test func rmiTakesReferencesFromThePipe() throws {
        let sandbox = try filled()
        let removed = sandbox.dsh("images nginx | rmi")
        #expect(removed.code == 0, "\(removed)")
        #expect(value(sandbox.dsh("images | map(.Reference)")) == ["node:20", "alpine:3.19"])
        #expect(expectValidStore(sandbox.store).unreferenced.isEmpty)
    }

    /// A tag pushed again with other annotations leaves this: a dangling manifest with the Id of the named image.
    @Test func aDanglingImageGoesWithoutTheNamedOneOfTheSameId() throws {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.directory("work/root")
        sandbox.directory.write("work/root/file", "x")
        try #require(sandbox.dsh("import root app:1").code == 0)
        let twin = """
            import hashlib, json, pathlib, sys
            store = pathlib.Path(sys.argv[1])
            index = json.loads((store / "index.json").read_text())
            first = index["manifests"][0]
            blobs = store / "blobs/sha256"
            manifest = json.loads((blobs / first["digest"][7:]).read_text())
            manifest["annotations"] = {"again": "yes"}
            data = json.dumps(manifest).encode()
            name = hashlib.sha256(data).hexdigest()
            (blobs / name).write_bytes(data)
            descriptor = {"mediaType": first["mediaType"], "digest": "sha256:" + name, "size": len(data)}
            index["manifests"].append(descriptor)
            (store / "index.json").write_text(json.dumps(index))
            """
        try #require(sandbox.tool("python3", "-c", twin, sandbox.store).code == 0)
        #expect(
            sandbox.dsh("images -a | [(map(.Id) | unique | length), length]").output.filter { !$0.isWhitespace }
                == "[1,2]")
        let plan = sandbox.dsh("images -f dangling=true | rmi --dry-run")
        let removed = sandbox.dsh("images -f dangling=true | rmi")
        #expect(removed.output == plan.output && !removed.output.contains("app"), "\(removed)")
        #expect(value(removed).arrayValue?.count == 1, "\(removed)")
        #expect(value(sandbox.dsh("images -a | map(.Reference)")) == ["app:1"])
        #expect(expectValidStore(sandbox.store).unreferenced.isEmpty)
        #expect(sandbox.dsh("inspect app:1 | length").text == "1")
    }

    @Test func aDirectoryATarAndStandardInputBecomeImages() throws {
        let sandbox = Sandbox(registry: nil)
        let home = sandbox.directory
        home.write("work/rootfs/etc/motd", "hello\n")
        home.write("work/rootfs/bin/tool", "#!/bin/sh\n")
        let tar = tarArchive([.directory("etc"), .file("etc/motd", "hello\n"), .file("bin/tool", "#!/bin/sh\n")])
        home.write("work/rootfs.tar", tar)
        home.write("work/rootfs.tar.gz", gzip(tar))
        home.write("work/rootfs.tar.zst", zstd(tar))
        for tool in ["bzip2", "xz"] { #expect(sandbox.tool(tool, "-k", "rootfs.tar").code == 0) }
        for source in ["rootfs", "rootfs.tar", "rootfs.tar.gz", "rootfs.tar.zst", "rootfs.tar.bz2", "rootfs.tar.xz"] {
            let result = sandbox.dsh("import \(source) mine:\(source.replacingOccurrences(of: ".", with: "-"))")
            #expect(result.code == 0, "\(result)")
        }
        let piped = sandbox.dsh(
            "import --change 'ENV A=\"b c\"' --change 'CMD [\"/bin/tool\"]' --change 'EXPOSE 80' --change 'LABEL x=y' "
                + "--change 'USER nobody' --change 'WORKDIR /srv' --change 'VOLUME /data' "
                + "--change 'ENTRYPOINT [\"/bin/sh\"]' - mine:stdin", input: tar)
        #expect(piped.code == 0, "\(piped)")
        let config = value(sandbox.dsh("inspect mine:stdin"))[0]?["Config"]
        #expect(config?["Env"] == ["A=b c"], "\(config?.compact ?? "-")")
        #expect(config?["Cmd"] == ["/bin/tool"], "\(config?.compact ?? "-")")
        #expect(config?["Entrypoint"] == ["/bin/sh"])
        #expect(config?["ExposedPorts"] == ["80/tcp": [:]])
        #expect(config?["Labels"] == ["x": "y"])
        #expect(config?["User"] == "nobody")
        #expect(config?["WorkingDir"] == "/srv")
        #expect(config?["Volumes"] == ["/data": [:]])
        let sizes = value(sandbox.dsh("images | map(.Size) | unique"))
        #expect(sizes == [16], "the same files weigh the same: \(sizes.compact)")
        expectValidStore(sandbox.store)
        let copied = runTool("skopeo", "inspect", "oci:\(sandbox.store):docker.io/library/mine:stdin")
        #expect(copied.code == 0, "\(copied)")
    }

    @Test(arguments: ["-", "empty.tar"])
    func whatIsEmptyIsRefused(source: String) {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/empty.tar", "")
        let result = sandbox.dsh("import \(source) mine:1")
        expectFailure(result, code: "corrupt")
        #expect(result.errors.contains("the archive is empty") && result.errors.contains("help:"), "\(result)")
        #expect(expectValidStore(sandbox.store).blobs.isEmpty)
    }

    @Test(arguments: ["no-such-file", "broken.tar"])
    func whatIsNoArchiveIsRefused(source: String) {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/broken.tar", Array(repeating: 0x41, count: 5000))
        let result = sandbox.dsh("import \(source) mine:1")
        #expect(result.code == 1, "\(result)")
        #expect(expectValidStore(sandbox.store).blobs.isEmpty)
    }
}
