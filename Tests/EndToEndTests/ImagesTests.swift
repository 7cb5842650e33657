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
        ("images --filter reference=nginx --filter reference=node", 4),
    ])
    func filtersKeepWhatTheyName(command: String, count: Int) throws {
        let images = value(Self.shared.dsh(command))
        #expect(images.arrayValue?.count == count, "\(command): \(images.compact)")
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

    @Test func aDirectoryATarAndStandardInputBecomeImages() throws {
        let sandbox = Sandbox(registry: nil)
        let home = sandbox.directory
        home.write("work/rootfs/etc/motd", "hello\n")
        home.write("work/rootfs/bin/tool", "#!/bin/sh\n")
        let tar = tarArchive([.directory("etc"), .file("etc/motd", "hello\n"), .file("bin/tool", "#!/bin/sh\n")])
        home.write("work/rootfs.tar", tar)
        home.write("work/rootfs.tar.gz", gzip(tar))
        home.write("work/rootfs.tar.zst", zstd(tar))
        for source in ["rootfs", "rootfs.tar", "rootfs.tar.gz", "rootfs.tar.zst"] {
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

    @Test(arguments: ["no-such-file", "broken.tar"])
    func whatIsNoArchiveIsRefused(source: String) {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/broken.tar", Array(repeating: 0x41, count: 5000))
        let result = sandbox.dsh("import \(source) mine:1")
        #expect(result.code == 1, "\(result)")
        #expect(expectValidStore(sandbox.store).blobs.isEmpty)
    }
}
