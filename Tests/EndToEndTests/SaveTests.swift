import Fixtures
import Foundation
import JSON
import Testing

/// `save`: other tools read what dsh writes, and what cannot be written leaves nothing behind.
@Suite struct SaveTests {
    private static let sources = ["nginx:1.25", "nginx:alpine", "node:20", "alpine:3.19", "lab/odd:1", "lab/many:120"]

    private func furnished(_ references: [String]) throws -> Sandbox {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -q \(references.joined(separator: " "))")
        try #require(pulled.code == 0, "\(pulled)")
        return sandbox
    }

    private func work(_ sandbox: Sandbox) -> String { sandbox.directory.path + "/work" }

    private func files(_ sandbox: Sandbox) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: work(sandbox)).sorted()
    }

    private func identifier(_ reference: String, _ sandbox: Sandbox) -> String {
        value(sandbox.dsh("inspect \(reference)"))[0]?["Id"]?.stringValue ?? ""
    }

    /// What a member of an archive holds.
    private func member(_ name: String, of archive: String, _ sandbox: Sandbox) -> JSONValue {
        value(sandbox.tool("tar", "-xOf", archive, name))
    }

    // MARK: Other tools

    @Test(.enabled(if: EngineServer.isAvailable, "an engine needs root and dockerd"))
    func anEngineLoadsIt() throws {
        let references = Self.sources + ["lab/zstd:1", "lab/plain:1", "lab/mixed:1"]
        let sandbox = try furnished(references)
        // Names of our own, since the engine is shared.
        let names = references.enumerated().map { "saved/by-dsh:\($0.offset)" }
        for (reference, name) in zip(references, names) {
            try #require(sandbox.dsh("tag \(reference) \(name)").code == 0)
        }
        for options in ["", "--plain-layers"] {
            let saved = value(sandbox.dsh("save saved/by-dsh -o all.tar \(options)"))
            #expect(sorted(saved["References"]) == sorted(.array(names.map(JSONValue.string))))
            let loaded = EngineServer.shared.docker("load", "-i", work(sandbox) + "/all.tar")
            #expect(
                loaded.output.split(separator: "\n").sorted() == names.map { "Loaded image: \($0)" }.sorted(),
                "\(loaded)")
            for name in names {
                let id = EngineServer.shared.docker("inspect", "--format", "{{.Id}}", name)
                #expect(id.text == identifier(name, sandbox), "\(name): \(id)")
            }
            _ = EngineServer.shared.run(["rmi", "-f"] + names)
        }
    }

    @Test(.enabled(if: EngineServer.isAvailable, "an engine needs root and dockerd"))
    func anImageSavedByItsIdHasNoName() throws {
        let sandbox = try furnished(["lab/tags:v1"])
        let id = identifier("lab/tags:v1", sandbox)
        let saved = value(sandbox.dsh("save \(id.dropFirst(7).prefix(12)) -o one.tar"))
        #expect(saved["References"] == [])
        #expect(saved["Images"]?[0]?["Id"] == .string(id))
        #expect(member("manifest.json", of: "one.tar", sandbox)[0]?["RepoTags"] == .null)
        #expect(member("index.json", of: "one.tar", sandbox)["manifests"]?[0]?["annotations"] == nil)
        let loaded = EngineServer.shared.docker("load", "-i", work(sandbox) + "/one.tar")
        #expect(loaded.text == "Loaded image ID: \(id)", "\(loaded)")
        _ = EngineServer.shared.docker("rmi", id)
    }

    @Test(arguments: ["nginx:1.25", "node:20", "lab/zstd:1"])
    func skopeoReadsItAsEitherArchive(reference: String) throws {
        let sandbox = try furnished([reference])
        try #require(sandbox.dsh("save \(reference) -o one.tar").code == 0)
        try #require(sandbox.dsh("save \(reference) -o oci.tar --format oci").code == 0)
        let archive = work(sandbox) + "/one.tar"
        let tag = reference.split(separator: ":")[1]
        let id = identifier(reference, sandbox)
        for (place, source) in ["docker-archive:\(archive)", "docker-archive:\(archive):\(reference)"].enumerated() {
            let target = "\(sandbox.directory.path)/copy\(place)"
            let copied = runTool("skopeo", "copy", "-q", source, "dir:\(target)")
            #expect(copied.code == 0, "\(copied)")
            let manifest = value(sandbox.tool("cat", target + "/manifest.json"))
            #expect(manifest["config"]?["digest"] == .string(id))
        }
        for file in ["one.tar", "oci.tar"] {
            let inspected = value(runTool("skopeo", "inspect", "oci-archive:\(work(sandbox))/\(file)"))
            #expect(inspected["Architecture"] == "amd64")
        }
        // skopeo finds an OCI-typed image by its tag; see the store for Docker's types.
        if reference == "nginx:1.25" {
            let named = runTool("skopeo", "inspect", "--raw", "oci-archive:\(archive):\(tag)")
            #expect(named.code == 0, "\(named)")
        }
        #expect(sandbox.tool("tar", "-tf", "oci.tar").output.contains("manifest.json") == false)
    }

    /// Bytes are no value: where one is wanted nothing is written anywhere.
    @Test(arguments: [
        "save alpine:3.19 | write x.tar", "docker save alpine:3.19 | write x.tar", "let x = docker save alpine:3.19",
    ])
    func bytesAreNoValue(_ line: String) throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull -q alpine:3.19").code == 0)
        let result = sandbox.dsh(line)
        expectFailure(result, code: "usage", exit: 2)
        #expect(result.outputBytes.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: sandbox.directory.path + "/work/x.tar"))
    }

    @Test func podmanLoadsIt() throws {
        let sandbox = try furnished(["nginx:1.25", "alpine:3.19"])
        try #require(sandbox.dsh("save nginx:1.25 alpine:3.19 -o two.tar").code == 0)
        let root = sandbox.directory.path
        let podman = [
            "podman", "--root", "\(root)/p", "--runroot", "\(root)/r", "--tmpdir", "\(root)/t",
            "--storage-driver", "vfs",
        ]
        func run(_ arguments: String...) -> ProcessResult {
            ChildProcess(podman + arguments, environment: ProcessInfo.processInfo.environment).wait(timeout: 120)
        }
        let loaded = run("load", "-q", "-i", "\(root)/work/two.tar")
        try #require(loaded.code == 0, "\(loaded)")
        for reference in ["nginx:1.25", "alpine:3.19"] {
            // Podman takes the short names of an archive, Docker's too, for its own `localhost/…`.
            let id = run("inspect", "--format", "{{.Id}}", reference)
            #expect("sha256:" + id.text == identifier(reference, sandbox), "\(id)")
        }
        _ = run("rmi", "-af")
    }

    // MARK: What is in it

    @Test func anArchiveIsTheSameEachTimeAndAsLargeAsWasSaid() throws {
        let sandbox = try furnished(Self.sources)
        let names = Self.sources.joined(separator: " ")
        let plan = value(sandbox.dsh("save \(names) -o a.tar --dry-run"))
        #expect(try files(sandbox) == [])
        #expect(plan["Status"] == "planned")
        #expect(plan["Digest"] == .null)
        let first = value(sandbox.dsh("save \(names) -o a.tar"))
        let second = value(sandbox.dsh("save \(names) -o a.tar"))
        #expect(first["Status"] == "created")
        #expect(second["Status"] == "replaced")
        #expect(first["Digest"] == second["Digest"])
        #expect(plan["Size"] == first["Size"])
        #expect(plan["Blobs"] == first["Blobs"])
        let sum = sandbox.tool("sha256sum", "a.tar").output.prefix(64)
        #expect(first["Digest"] == .string("sha256:\(sum)"))
        let size = sandbox.tool("stat", "-c", "%s", "a.tar").text
        #expect(first["Size"]?.intValue == Int(size))
    }

    @Test func platformsAreAllThatIsHereOrOne() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull -q --all-platforms nginx:1.25").code == 0)
        let all = value(sandbox.dsh("save nginx:1.25 -o all.tar"))
        let one = value(sandbox.dsh("save nginx:1.25 --platform linux/arm64 -o one.tar"))
        #expect(all["Images"]?[0]?["Platform"] == "linux/amd64")
        #expect(one["Images"]?[0]?["Platform"] == "linux/arm64/v8")
        #expect((all["Blobs"]?.intValue ?? 0) > (one["Blobs"]?.intValue ?? 0))
        // All platforms: the digest is the index's, as it was pulled.
        let pulled = value(sandbox.dsh("images nginx:1.25"))[0]?["Digest"]
        #expect(all["Images"]?[0]?["Digest"] == pulled)
        #expect(one["Images"]?[0]?["Digest"] != pulled)
        let inspected = value(runTool("skopeo", "inspect", "docker-archive:\(work(sandbox))/one.tar"))
        #expect(inspected["Architecture"] == "arm64")
        expectFailure(
            sandbox.dsh("save nginx:1.25 --platform linux/s390x -o none.tar"), code: "no_matching_platform")
        #expect(try files(sandbox) == ["all.tar", "one.tar"])
    }

    @Test(arguments: [("gzip", "gzip"), ("zstd", "zstd")])
    func isPackedAsAWhole(_ option: String, _ program: String) throws {
        let sandbox = try furnished(["node:20"])
        try #require(sandbox.dsh("save node:20 -o plain.tar").code == 0)
        let saved = value(sandbox.dsh("save node:20 -o packed --compress \(option)"))
        #expect(saved["Compression"] == .string(option))
        let unpacked = sandbox.tool("sh", "-c", "\(program) -dc packed | cmp - plain.tar")
        #expect(unpacked.code == 0, "\(unpacked)")
        let sum = sandbox.tool("sha256sum", "packed").output.prefix(64)
        #expect(saved["Digest"] == .string("sha256:\(sum)"))
    }

    @Test func whatTheReceiverHasIsLeftOut() throws {
        let sandbox = try furnished(["node:18", "node:20"])
        try #require(sandbox.dsh("save node:18 -o old.tar --format oci").code == 0)
        try #require(sandbox.tool("sh", "-c", "mkdir old && tar -xf old.tar -C old").code == 0)
        let whole = value(sandbox.dsh("save node:20 -o whole.tar --format oci --dry-run"))
        let rest = value(sandbox.dsh("save node:20 -o rest.tar --without old/index.json"))
        #expect((rest["Omitted"]?.intValue ?? 0) > 0)
        #expect((rest["Size"]?.intValue ?? .max) < (whole["Size"]?.intValue ?? 0))
        let (kept, omitted) = (rest["Blobs"]?.intValue ?? 0, rest["Omitted"]?.intValue ?? 0)
        #expect(kept + omitted == whole["Blobs"]?.intValue)
        // The same from a list of digests in any text.
        try #require(sandbox.tool("sh", "-c", "ls old/blobs/sha256 | sed 's/^/have sha256:/' >list.txt").code == 0)
        #expect(value(sandbox.dsh("save node:20 -o rest.tar --without list.txt"))["Digest"] == rest["Digest"])
        expectFailure(
            sandbox.dsh("save node:20 -o x.tar --without list.txt --format docker"), code: "usage", exit: 2)
        try #require(sandbox.tool("sh", "-c", "echo nothing >list.txt").code == 0)
        expectFailure(sandbox.dsh("save node:20 -o x.tar --without list.txt"), code: "usage", exit: 2)
    }

    // MARK: Standard output

    @Test func bytesGoToStandardOutput() throws {
        let sandbox = try furnished(["alpine:3.19"])
        try #require(sandbox.dsh("save alpine:3.19 -o file.tar").code == 0)
        for line in ["save alpine:3.19", "save alpine:3.19 -o -", "docker save alpine:3.19"] {
            let written = sandbox.dsh(line)
            #expect(written.code == 0, "\(written)")
            #expect(written.outputBytes == readFile(work(sandbox) + "/file.tar"), "\(line)")
        }
        // Nothing may come behind the bytes, and what came before is before them.
        expectFailure(sandbox.dsh("save alpine:3.19 | .Size"), code: "usage", exit: 2)
        expectFailure(sandbox.dsh("let x = save alpine:3.19"), code: "usage", exit: 2)
        let mixed = sandbox.dsh("echo 'a text'; save alpine:3.19")
        #expect(mixed.outputBytes.count > 10_000, "\(mixed.errors)")
    }

    @Test func aTerminalIsRefused() throws {
        let sandbox = try furnished(["alpine:3.19"])
        for (line, text) in [
            ("save alpine:3.19", "an archive is not written to a terminal"),
            ("docker save alpine:3.19", "cowardly refusing to save to a terminal. Use the -o flag or redirect"),
        ] {
            let terminal = sandbox.terminal("-c", line)
            #expect(terminal.waitForEnd().map { $0 != 0 } == true)
            #expect(terminal.history.contains(text), "\(terminal.history)")
        }
    }

    // MARK: Failures

    @Test(.enabled(if: geteuid() == 0, "mounting a tmpfs needs root"))
    func aFullDiskLeavesNothing() throws {
        let sandbox = try furnished(["lab/big:1"])
        let mount = sandbox.directory.path + "/small"
        sandbox.directory.directory("small")
        try #require(runTool("mount", "-t", "tmpfs", "-o", "size=1m", "dsh-test", mount).code == 0)
        defer { _ = runTool("umount", mount) }
        sandbox.directory.write("small/kept.tar", "kept")
        for name in ["new.tar", "kept.tar"] {
            expectFailure(sandbox.dsh("save lab/big:1 -o \(mount)/\(name)"), code: "no_space")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: mount) == ["kept.tar"])
        #expect(readFile(mount + "/kept.tar") == Array("kept".utf8))
        expectFailure(sandbox.dsh("save lab/big:1 -o /dev/full"), code: "no_space")
        expectFailure(sandbox.tool("sh", "-c", "\(Sandbox.binary) -c 'save lab/big:1' >/dev/full"), code: "no_space")
    }

    @Test func aDamagedBlobIsFoundAndNothingIsWritten() throws {
        let sandbox = try furnished(["alpine:3.19"])
        let layer = try #require(StandardImages.named("library/alpine", "3.19").layers.first?.digest)
        let path = "\(sandbox.store)/blobs/sha256/\(layer.dropFirst(7))"
        var bytes = try #require(readFile(path))
        bytes[bytes.count / 2] ^= 1
        writeFile(path, bytes)
        expectFailure(sandbox.dsh("save alpine:3.19 -o x.tar"), code: "digest_mismatch")
        writeFile(path, Array(bytes.dropLast()))
        expectFailure(sandbox.dsh("save alpine:3.19 -o x.tar"), code: "corrupt")
        try FileManager.default.removeItem(atPath: path)
        expectFailure(sandbox.dsh("save alpine:3.19 -o x.tar"), code: "not_found")
        #expect(try files(sandbox) == [])
    }

    @Test func aSignalLeavesNothing() throws {
        let sandbox = try furnished(["lab/big:1"])
        try #require(sandbox.tool("mkfifo", "slow").code == 0)
        // A reader that takes nothing holds the writer where it is.
        let reader = ChildProcess(
            ["sh", "-c", "exec 3<slow; sleep 30"], environment: sandbox.environment, workingDirectory: work(sandbox))
        let process = sandbox.start(["-c", "save lab/big:1 -o slow"])
        Thread.sleep(forTimeInterval: 1)
        process.signal(SIGINT)
        let ended = process.wait(timeout: 10)
        #expect(ended.code == 130, "\(ended)")
        reader.signal(SIGKILL)
        _ = reader.wait(timeout: 10)
        #expect(try files(sandbox) == ["slow"])
    }

    @Test func whatIsNotThereIsSaid() throws {
        let sandbox = try furnished(["alpine:3.19"])
        let failed = sandbox.dsh("save alpine:3.19 nosuch:1 -o x.tar")
        expectFailure(failed, code: "not_found")
        #expect(failed.errors.contains("nosuch:1"))
        expectFailure(sandbox.dsh("save alpine:3.19 -o no/x.tar"), code: "not_found")
        expectFailure(sandbox.dsh("save"), code: "usage", exit: 2)
        expectFailure(sandbox.dsh("empty | save -o x.tar"), code: "usage", exit: 2)
        #expect(try files(sandbox) == [])
    }
}
