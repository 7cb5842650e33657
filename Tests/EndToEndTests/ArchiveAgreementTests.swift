import Fixtures
import Foundation
import JSON
import Testing

/// What other tools pack is, loaded, what they had: the same Ids under the same names.
@Suite(.enabled(if: EngineServer.isAvailable, "needs root and dockerd"))
struct ArchiveAgreementTests {
    private static let names = ["nginx:1.25", "node:20", "node:20-alpine", "lab/plain:1", "lab/odd:1", "lab/many:120"]

    private func ids(_ sandbox: Sandbox) -> [String: String] {
        let images = value(sandbox.dsh("images")).arrayValue ?? []
        var found: [String: String] = [:]
        for image in images { found[image["Reference"]?.stringValue ?? "-"] = image["Id"]?.stringValue }
        return found
    }

    @Test func whatDockerSavesLoadsWithItsIdsTagsAndSizes() throws {
        let engine = EngineServer.shared
        for name in Self.names { try #require(engine.docker("pull", "--quiet", name).code == 0) }
        let sandbox = Sandbox(registry: nil)
        let archive = sandbox.directory.path + "/work/saved.tar"
        let saved = engine.run(["save", "-o", archive] + Self.names)
        try #require(saved.code == 0, "\(saved)")
        let rows = value(sandbox.dsh("load saved.tar | collect")).arrayValue ?? []
        #expect(Set(rows.compactMap { $0["Reference"]?.stringValue }) == Set(Self.names), "\(rows)")
        for name in Self.names {
            let theirs = value(engine.docker("inspect", "--type", "image", name))[0]
            let ours = value(sandbox.dsh("inspect \(name)"))[0]
            for field in ["Id", "Size", "RootFS", "Created"] {
                #expect(theirs?[field] == ours?[field], "\(name) \(field)")
            }
        }
        expectValidStore(sandbox.store)
        #expect(sandbox.dsh("fsck").code == 0)
        // Packed on its way, and by Id, which leaves the names out.
        let id = value(engine.docker("inspect", "--type", "image", "lab/odd:1"))[0]?["Id"]?.stringValue ?? ""
        let fresh = Sandbox(registry: nil)
        let piped = fresh.tool(
            "sh", "-c", "docker --host \(engine.address) save \(id) | gzip | \(Sandbox.binary) -c 'docker load'")
        #expect(piped.output == "Loaded image ID: \(id)\n", "\(piped)")
    }

    /// Docker 20.10 still reads what came before 1.10, so it can say which Ids such archives have.
    @Test(arguments: ["lab/odd:1", "imported"]) func archivesWithoutAManifestGetTheIdsThatDockerMakes(name: String)
        throws
    {
        let engine = EngineServer.shared
        let sandbox = Sandbox(registry: nil)
        let work = sandbox.directory.path + "/work"
        let legacy = "legacy/\(name.split(separator: "/").last?.split(separator: ":").first ?? "x"):1"
        if name == "imported" {
            // The engine writes its version into what it imports itself, and believes such descriptions as they stand.
            sandbox.directory.write("work/rootfs.tar", tarArchive([.file("etc/a", "a & <b>\n")]))
            let changes = ["-c", #"CMD ["sh","-c","a && b > c"]"#, "-c", "ENV A=<b>", "-c", "LABEL z=1 a=&"]
            let made = engine.run(["import"] + changes + [work + "/rootfs.tar", legacy])
            try #require(made.code == 0, "\(made)")
        } else {
            try #require(engine.docker("pull", "--quiet", name).code == 0)
            try #require(engine.docker("tag", name, legacy).code == 0)
        }
        try #require(engine.docker("save", "-o", work + "/saved.tar", legacy).code == 0)
        let stripped = sandbox.tool(
            "sh", "-c", "mkdir u && tar -xf saved.tar -C u && rm u/manifest.json && tar -cf old.tar -C u .")
        try #require(stripped.code == 0, "\(stripped)")
        try #require(engine.docker("load", "-q", "-i", work + "/old.tar").code == 0)
        let theirs = value(engine.docker("inspect", "--type", "image", legacy))[0]?["Id"]?.stringValue
        let row = value(sandbox.dsh("load old.tar"))
        #expect(row["Reference"]?.stringValue == legacy && theirs != nil)
        #expect(row["Id"]?.stringValue == theirs, "\(row)")
        expectValidStore(sandbox.store)
    }

    @Test(arguments: ["docker-archive", "oci-archive"]) func whatSkopeoPacksLoads(transport: String) throws {
        let source = Sandbox()
        try #require(source.dsh("pull postgres:16").code == 0)
        let sandbox = Sandbox(registry: nil)
        let copied = sandbox.tool(
            "skopeo", "copy", "-q", "oci:\(source.store):docker.io/library/postgres:16",
            "\(transport):packed.tar:docker.io/library/postgres:16")
        try #require(copied.code == 0, "\(copied)")
        let row = value(sandbox.dsh("load packed.tar"))
        #expect(row["Reference"] == "postgres:16", "\(row)")
        // skopeo takes an OCI image for a docker-archive apart and keeps its config.
        #expect(row["Id"]?.stringValue == StandardImages.named("library/postgres", "16").config?.digest)
        expectValidStore(sandbox.store)
    }

    @Test(arguments: ["docker-archive", "oci-archive"]) func whatPodmanSavesLoads(format: String) throws {
        let source = Sandbox()
        try #require(source.dsh("pull alpine:3.19").code == 0)
        let sandbox = Sandbox(registry: nil)
        let root = sandbox.directory.path
        func podman(_ arguments: String...) -> ProcessResult {
            let options = ["--root", "\(root)/p", "--runroot", "\(root)/r", "--tmpdir", "\(root)/t"]
            return ChildProcess(
                ["podman"] + options + ["--storage-driver", "vfs"] + arguments,
                environment: ProcessInfo.processInfo.environment
            ).wait(timeout: 120)
        }
        let pulled = podman("pull", "-q", "oci:\(source.store):docker.io/library/alpine:3.19")
        try #require(pulled.code == 0, "\(pulled)")
        let id = "sha256:" + pulled.text
        let archive = root + "/work/saved.tar"
        try #require(podman("tag", pulled.text, "docker.io/library/alpine:3.19").code == 0)
        let saved = podman("save", "-q", "--format", format, "-o", archive, "docker.io/library/alpine:3.19")
        _ = podman("rmi", "-af")
        try #require(saved.code == 0, "\(saved)")
        let row = value(sandbox.dsh("load saved.tar"))
        #expect(row["Reference"] == "alpine:3.19", "\(row)")
        #expect(row["Id"]?.stringValue == id, "\(row)")
        expectValidStore(sandbox.store)
    }
}
