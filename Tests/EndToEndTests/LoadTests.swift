import Fixtures
import Foundation
import JSON
import Testing

/// `load`: archives of every kind come in whole and with the Ids that Docker gives them, or not at all.
@Suite struct LoadTests {
    private static let plain = StandardImages.named("lab/plain", "1")
    private static let packed = StandardImages.named("library/postgres", "16")

    private func load(_ sandbox: Sandbox, _ bytes: [UInt8], _ options: String = "") -> ProcessResult {
        let path = sandbox.directory.write("work/archive.tar", bytes)
        return sandbox.dsh("load -i \(path) \(options)")
    }

    private func id(_ sandbox: Sandbox, _ name: String) -> String? {
        value(sandbox.dsh("inspect \(name)"))[0]?["Id"]?.stringValue
    }

    // MARK: What is taken

    @Test func aDockerArchiveGetsDockersIdAndAManifestThatIsAlwaysTheSame() throws {
        let archive = DockerArchive([(["team/app:1", "team/app:latest"], Self.plain)])
        var digests: Set<String> = []
        for _ in 0..<2 {
            let sandbox = Sandbox(registry: nil)
            let rows = value(load(sandbox, archive.bytes, "| collect")).arrayValue ?? []
            #expect(rows.map { $0["Reference"]?.stringValue } == ["team/app:1", "team/app:latest"])
            #expect(Set(rows.map { $0["Id"]?.stringValue }) == [Self.plain.config?.digest])
            #expect(rows.allSatisfy { $0["Status"] == "loaded" })
            digests.formUnion(rows.compactMap { $0["Digest"]?.stringValue })
            expectValidStore(sandbox.store)
            #expect(value(sandbox.dsh("history team/app:1")).arrayValue?.isEmpty == false)
        }
        #expect(digests.count == 1, "\(digests)")
    }

    @Test func theSameArchiveAgainChangesNothing() {
        let sandbox = Sandbox(registry: nil)
        let archive = DockerArchive([(["team/app:1"], Self.plain)])
        #expect(load(sandbox, archive.bytes).code == 0)
        let before = files(sandbox.store)
        let again = value(load(sandbox, archive.bytes))
        #expect(again["Status"] == "up_to_date", "\(again)")
        #expect(again["Layers"]?.arrayValue?.allSatisfy { $0["Status"] == "exists" } == true)
        #expect(files(sandbox.store) == before)
    }

    @Test func anImageThatIsHereAlreadyKeepsItsManifest() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull lab/plain:1").code == 0)
        let before = value(sandbox.dsh("images"))
        let loaded = value(load(sandbox, DockerArchive([(["lab/plain:1", "other:1"], Self.plain)]).bytes, "| collect"))
        #expect(loaded.arrayValue?.map { $0["Status"]?.stringValue } == ["up_to_date", "loaded"], "\(loaded)")
        let after = value(sandbox.dsh("images"))
        #expect(Set((after.arrayValue ?? []).map { $0["Digest"] }) == [before[0]?["Digest"]])
        expectValidStore(sandbox.store)
    }

    @Test func aNameThatMovesLeavesItsOldImageDangling() {
        let sandbox = Sandbox(registry: nil)
        let first = StandardImages.named("lab/mixed", "1")
        #expect(load(sandbox, DockerArchive(layout: [("app:1", first)]).bytes).code == 0)
        let moved = value(load(sandbox, DockerArchive([(["app:1"], Self.plain)]).bytes))
        #expect(moved["Replaced"]?.stringValue == first.config?.digest, "\(moved)")
        let images = value(sandbox.dsh("images -a")).arrayValue ?? []
        #expect(images.filter { $0["Dangling"] == true }.count == 1, "\(images)")
    }

    @Test func anArchiveWithoutNamesMakesADanglingImage() {
        let sandbox = Sandbox(registry: nil)
        let row = value(load(sandbox, DockerArchive([([], Self.plain)]).bytes))
        #expect(row["Reference"] == .null, "\(row)")
        #expect(value(sandbox.dsh("images -a"))[0]?["Dangling"] == true)
    }

    @Test(arguments: ["cat", "gzip", "bzip2", "xz", "zstd"]) func packingsAndPipes(tool: String) {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/a.tar", DockerArchive([(["app:1"], Self.plain)]).bytes)
        let packed = sandbox.tool("sh", "-c", "\(tool) < a.tar > packed")
        #expect(packed.code == 0, "\(packed)")
        let fromFile = value(sandbox.dsh("load packed"))
        #expect(fromFile["Id"]?.stringValue == Self.plain.config?.digest)
        #expect(sandbox.dsh("rmi app:1").code == 0)
        for line in ["!cat packed | load", "!cat packed | load -", "let a = !cat packed | load; $a"] {
            #expect(value(sandbox.dsh(line))["Reference"] == "app:1", "\(line)")
        }
        let piped = sandbox.tool("sh", "-c", "cat packed | \(Sandbox.binary) -c load")
        #expect(value(piped)["Id"]?.stringValue == Self.plain.config?.digest)
        #expect(id(sandbox, "app:1") == Self.plain.config?.digest)
        expectValidStore(sandbox.store, after: tool)
    }

    @Test(arguments: ["gzip", "bzip2", "xz", "zstd"]) func packedLayersOfADockerArchive(tool: String) throws {
        let sandbox = Sandbox(registry: nil)
        var archive = DockerArchive([(["app:1"], Self.plain)])
        for (index, entry) in archive.entries.enumerated() where entry.path.hasSuffix("layer.tar") {
            sandbox.directory.write("work/layer", entry.content)
            #expect(sandbox.tool("sh", "-c", "\(tool) < layer > layer.packed").code == 0)
            archive.entries[index].content = try #require(readFile(sandbox.directory.path + "/work/layer.packed"))
        }
        let row = value(load(sandbox, archive.bytes))
        #expect(row["Id"]?.stringValue == Self.plain.config?.digest)
        expectValidStore(sandbox.store, after: tool)
        #expect(sandbox.dsh("fsck").code == 0)
    }

    @Test func anOCIArchiveKeepsItsIndexAndManifests() {
        let nginx = StandardImages.named("library/nginx", "1.25")
        let sandbox = Sandbox(registry: nil)
        let archive = DockerArchive(layout: [("docker.io/library/nginx:1.25", nginx), (nil, Self.packed)])
        let rows = value(load(sandbox, archive.bytes, "| collect")).arrayValue ?? []
        #expect(rows.map { $0["Digest"]?.stringValue } == [nginx.root.digest, Self.packed.root.digest], "\(rows)")
        #expect(rows.map { $0["Reference"]?.stringValue } == ["nginx:1.25", nil])
        let audit = expectValidStore(sandbox.store)
        #expect(nginx.manifests.allSatisfy { audit.blobs.contains($0.digest) })
    }

    @Test func aPlatformIsTakenAlone() {
        let nginx = StandardImages.named("library/nginx", "1.25")
        let sandbox = Sandbox(registry: nil)
        let archive = DockerArchive(layout: [("docker.io/library/nginx:1.25", nginx)]).bytes
        let row = value(load(sandbox, archive, "--platform linux/arm64"))
        #expect(row["Platform"]?.stringValue == "linux/arm64/v8", "\(row)")
        #expect(row["Digest"]?.stringValue == nginx.root.digest)
        let audit = expectValidStore(sandbox.store)
        #expect(nginx.manifests.filter { audit.blobs.contains($0.digest) }.count == 1)
        expectFailure(load(sandbox, archive, "--platform linux/s390x"), code: "no_matching_platform")
        expectFailure(
            load(sandbox, DockerArchive([(["a:1"], Self.plain)]).bytes, "--platform linux/arm64"),
            code: "no_matching_platform")
    }

    @Test func aLayoutDirectoryIsRead() {
        let sandbox = Sandbox(registry: nil)
        ImageLayout.write(
            [("docker.io/library/one:1", Self.packed), (nil, Self.plain)], to: sandbox.directory.path + "/work/layout")
        let rows = value(sandbox.dsh("load layout | collect")).arrayValue ?? []
        #expect(rows.map { $0["Digest"]?.stringValue } == [Self.packed.root.digest, Self.plain.root.digest])
        expectValidStore(sandbox.store)
    }

    @Test func aDryRunChangesNothing() {
        let sandbox = Sandbox(registry: nil)
        let row = value(load(sandbox, DockerArchive([(["app:1"], Self.plain)]).bytes, "--dry-run"))
        #expect(row["Status"] == "planned" && row["Reference"] == "app:1", "\(row)")
        #expect(value(sandbox.dsh("images -a")).arrayValue?.isEmpty == true)
        #expect(files(sandbox.store).filter { $0.hasPrefix("blobs/sha256/") || $0.hasPrefix("ingest/new") }.isEmpty)
    }

    @Test func layersThatAreLinksAreFollowed() {
        let sandbox = Sandbox(registry: nil)
        var archive = DockerArchive([(["app:1"], Self.plain)])
        let place = archive.entries.firstIndex { $0.path.hasSuffix("layer.tar") } ?? 0
        let layer = archive.entries[place]
        archive.entries[place] = .symbolicLink(layer.path, to: "../shared/layer.tar")
        archive.entries.append(TarEntry("shared/layer.tar", content: layer.content))
        #expect(value(load(sandbox, archive.bytes))["Id"]?.stringValue == Self.plain.config?.digest)
    }

    // MARK: What is refused

    private static func spoilt() -> [(what: String, code: String, archive: [UInt8])] {
        let good = DockerArchive([(["app:1"], plain)])
        let layout = DockerArchive(layout: [("docker.io/library/app:1", packed)])
        let config = good.entries[0].path
        let layer = good.entries.first { $0.path.hasSuffix("layer.tar") }?.path ?? ""
        let blob = "blobs/sha256/" + DockerArchive.hex(packed.layers[0].digest)
        func manifest(_ text: String) -> [UInt8] { good.changing("manifest.json") { _ in Array(text.utf8) }.bytes }
        let deep = String(repeating: "[", count: 200_000)
        var table: [(String, String, [UInt8])] = [
            ("an absolute path", "corrupt", good.adding(.file("/etc/passwd", "x")).bytes),
            ("a path out of it", "corrupt", good.adding(.file("../up", "x")).bytes),
            ("a path with .. inside", "corrupt", good.adding(.file("a/../manifest.json", "x")).bytes),
            ("an absolute link", "corrupt", good.adding(.symbolicLink("a", to: "/etc/shadow")).bytes),
            ("a link out of it", "corrupt", good.adding(.symbolicLink("a/b", to: "../../c")).bytes),
            ("a hard link", "corrupt", good.adding(.hardLink("a", to: "manifest.json"), atEnd: true).bytes),
            ("a device", "corrupt", good.adding(TarEntry("d", kind: .characterDevice(major: 1, minor: 5))).bytes),
            ("a named pipe", "corrupt", good.adding(TarEntry("p", kind: .fifo)).bytes),
            ("the same name twice", "corrupt", good.adding(.file("manifest.json", "[]")).bytes),
            ("a link over a file", "corrupt", good.adding(.symbolicLink(layer, to: "x"), atEnd: true).bytes),
            (
                "a link to a link", "corrupt",
                good.changing(layer) { _ in nil }
                    .adding(.symbolicLink(layer, to: "../a"), .symbolicLink("a", to: "b"), .file("b", "x")).bytes
            ),
            ("a layer that is missing", "corrupt", good.changing(layer) { _ in nil }.bytes),
            ("a config that is missing", "corrupt", good.changing(config) { _ in nil }.bytes),
            ("another config", "digest_mismatch", good.changing(config) { $0 + [0x20] }.bytes),
            ("another layer", "digest_mismatch", good.changing(layer) { _ in tarArchive([.file("a", "b")]) }.bytes),
            (
                "a layer that is no tar", "corrupt",
                good.changing(layer) { _ in [UInt8](repeating: 1, count: 2048) }.bytes
            ),
            ("no list of images", "corrupt", good.changing("manifest.json") { _ in nil }.bytes),
            ("an empty list", "corrupt", manifest("[]")), ("no JSON", "corrupt", manifest("[{")),
            ("JSON without end", "corrupt", manifest(deep)), ("an object", "corrupt", manifest("{}")),
            ("numbers for texts", "corrupt", manifest(#"[{"Config":1,"Layers":[]}]"#)),
            ("a config outside", "corrupt", manifest(#"[{"Config":"../x.json","Layers":[]}]"#)),
            ("too few layers", "corrupt", manifest(#"[{"Config":"\#(config)","RepoTags":["a:1"],"Layers":[]}]"#)),
            (
                "no reference", "invalid_reference",
                manifest(#"[{"Config":"\#(config)","RepoTags":["A B"],"Layers":["\#(layer)"]}]"#)
            ),
            (
                "a config that is no JSON", "corrupt",
                DockerArchive([(["a:1"], plain)]).adding(.file("c", "{")).changing("manifest.json") { _ in
                    Array(#"[{"Config":"c","RepoTags":["a:1"],"Layers":[]}]"#.utf8)
                }.bytes
            ),
            (
                "a name for two images", "corrupt",
                DockerArchive(layout: [("docker.io/library/a:1", packed), ("docker.io/library/a:1", plain)]).bytes
            ),
            ("a blob that is missing", "corrupt", layout.changing(blob) { _ in nil }.bytes),
            (
                "a manifest that is missing", "corrupt",
                layout.changing("blobs/sha256/" + DockerArchive.hex(packed.root.digest)) { _ in nil }.bytes
            ),
            ("a blob of another digest", "digest_mismatch", layout.changing(blob) { $0.dropLast() + [9] }.bytes),
            ("a blob that is cut short", "digest_mismatch", layout.changing(blob) { $0.dropLast(9) }.bytes),
            ("an index without end", "corrupt", layout.changing("index.json") { _ in Array(deep.utf8) }.bytes),
            (
                "a layout of the future", "unsupported",
                layout.changing("oci-layout") { _ in Array(#"{"imageLayoutVersion":"2.0"}"#.utf8) }.bytes
            ),
            ("an archive of files", "corrupt", tarArchive([.file("etc/passwd", "root")])),
            ("no archive", "corrupt", Array("this is no archive at all\n".utf8)), ("nothing", "corrupt", []),
            ("packed nonsense", "corrupt", [0x1f, 0x8b, 0x08] + [UInt8](repeating: 7, count: 500)),
            ("packed and cut short", "corrupt", gzip(good.bytes).dropLast(200)),
        ]
        for part in [1, 3, 7] {
            table.append(("cut after \(part)/8", "corrupt", Array(good.bytes.prefix(good.bytes.count * part / 8))))
        }
        var many = good
        many.entries += (0..<100_000).map { .directory("d\($0)") }
        table.append(("100,000 entries", "corrupt", many.bytes))
        return table
    }

    @Test func whatIsSpoiltIsRefusedWithNothingChanged() {
        let sandbox = Sandbox(registry: nil)
        #expect(
            load(sandbox, DockerArchive(layout: [("kept:1", StandardImages.named("lab/mixed", "1"))]).bytes).code == 0)
        let before = files(sandbox.store)
        for (what, code, archive) in Self.spoilt() {
            let result = load(sandbox, archive)
            #expect(result.code == 1 && result.errors.contains("error[\(code)]"), "\(what): wanted \(code), \(result)")
            #expect(files(sandbox.store) == before, "\(what)")
        }
        expectValidStore(sandbox.store)
    }

    @Test func aBombIsRefused() {
        let sandbox = Sandbox(registry: nil)
        let made = sandbox.tool(
            "sh", "-c", "truncate -s 600M layer && tar -cf - layer | zstd -q > bomb.tar.zst && rm layer")
        #expect(made.code == 0, "\(made)")
        let result = sandbox.dsh("load bomb.tar.zst")
        expectFailure(result, code: "corrupt")
        #expect(result.errors.contains("times its size"), "\(result)")
        #expect(files(sandbox.store).filter { $0.hasPrefix("ingest/new") }.isEmpty)
    }

    @Test func aFileThatTheDiskHasNoRoomForIsRefusedAtItsName() {
        let sandbox = Sandbox(registry: nil)
        _ = sandbox.tool("sh", "-c", "truncate -s 8T huge && tar -cf - huge | head -c 4096 > huge.tar; rm huge")
        expectFailure(sandbox.dsh("load huge.tar"), code: "no_space")
    }

    @Test func usage() {
        let sandbox = Sandbox(registry: nil)
        expectFailure(sandbox.dsh("load nowhere.tar"), code: "not_found")
        expectFailure(sandbox.dsh("load -i a b"), code: "usage", exit: 2)
        expectFailure(sandbox.dsh("load a.tar --platform x"), code: "usage", exit: 2)
        let terminal = sandbox.terminal("-c", "load")
        #expect(terminal.waitForEnd(timeout: 20) == 2)
    }

    @Test func anInterruptedLoadLeavesNothing() throws {
        let sandbox = Sandbox(registry: nil)
        _ = sandbox.tool("mkfifo", "pipe")
        // A file that has begun and does not end, from a writer that stays.
        let text = "truncate -s 9M big; exec 3> pipe; tar -cf - big | head -c 3000000 >&3; sleep 30"
        let writer = ChildProcess(
            ["sh", "-c", text], environment: sandbox.environment, workingDirectory: sandbox.directory.path + "/work")
        let loading = sandbox.start(["-c", "load pipe"])
        Thread.sleep(forTimeInterval: 0.7)
        loading.signal(SIGINT)
        let result = loading.wait(timeout: 20)
        writer.signal(SIGKILL)
        #expect(result.code == 130, "\(result)")
        #expect(files(sandbox.store).filter { $0.hasPrefix("ingest/new") }.isEmpty)
    }

    /// Paths and sizes of everything in a store but its caches, its lock and its empty directories.
    private func files(_ store: String) -> [String] {
        let root = URL(fileURLWithPath: store)
        let found = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return found.filter { !$0.hasPrefix("cache") && $0 != "lock" }.compactMap { path in
            guard let facts = try? FileManager.default.attributesOfItem(atPath: store + "/" + path),
                facts[.type] as? FileAttributeType == .typeRegular
            else { return nil }
            return "\(path) \(facts[.size] ?? 0)"
        }.sorted()
    }

    /// A program's bytes go to the command behind it as they are, and what fails is what failed first.
    @Test func readsWhatAProgramWrites() {
        let sandbox = Sandbox(registry: nil)
        let archive = DockerArchive([(["app:1"], Self.plain)]).bytes
        sandbox.directory.write("work/a.tar", archive)
        sandbox.directory.write("work/half.tar", Array(archive.prefix(archive.count / 2)))
        let docker = sandbox.dsh("!cat a.tar | docker load")
        #expect(docker.code == 0 && docker.output == "Loaded image: app:1\n", "\(docker)")
        #expect(sandbox.dsh("!cat a.tar | docker image load").code == 0)
        #expect(value(sandbox.dsh("!cat a.tar | docker load | .Reference")) == "app:1")
        #expect(value(sandbox.dsh("!gzip -c a.tar | load | .Status")) == "up_to_date")
        #expect(value(sandbox.dsh("!tar -cf - a.tar | import - root:1 | .Reference")) == "root:1")
        #expect(sandbox.dsh("!tar -cf - a.tar | docker import - root:2").output.hasPrefix("sha256:"))
        // What comes before the program is for the program.
        #expect(value(sandbox.dsh("\"a.tar\" | !xargs cat | load | .Status")) == "up_to_date")

        let missing = sandbox.dsh("!cat nowhere.tar | load")
        #expect(missing.code == 1 && missing.errors.contains("error[external]: !cat nowhere.tar failed"), "\(missing)")
        expectFailure(sandbox.dsh("!cat half.tar | load"), code: "corrupt")
        expectFailure(sandbox.dsh("!yes | load"), code: "corrupt")
        expectFailure(sandbox.dsh("!sh -c 'cat a.tar; exit 3' | load"), code: "external")
        expectFailure(sandbox.dsh("images | load"), code: "usage", exit: 2)
        expectFailure(sandbox.dsh("\"a\" | !false | load"), code: "external")
        expectFailure(sandbox.dsh("error(\"no\") | !cat | load"), code: "filter")
        // A file is a file, whatever is in front.
        #expect(sandbox.dsh("!yes | load a.tar | .Status").code == 0)
    }

    @Test func aProgramThatWaitsIsInterrupted() {
        let sandbox = Sandbox(registry: nil)
        let loading = sandbox.start(["-c", "!sleep 60 | load"])
        usleep(500_000)
        loading.signal(SIGINT)
        #expect(loading.wait(timeout: 20).code == 130)
    }
}
