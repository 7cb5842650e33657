import Fixtures
import Foundation
import JSON
import Testing

/// `copy` into archives and the store: whole, with the digests that were, and read by other tools.
@Suite struct CopyTargetTests {
    private let sandbox = Sandbox()
    private var source: String { RegistryServer.shared.host }

    // MARK: Archives

    @Test func anOCIArchiveGoesThereAndBack() throws {
        let planned = value(sandbox.dsh("copy -q --dry-run nginx:1.27 oci-archive:nginx.tar"))
        #expect(planned["Status"] == "planned" && sandbox.files("") == [], "\(planned)")
        let copied = value(sandbox.dsh("copy -q nginx:1.27 oci-archive:nginx.tar"))
        #expect(copied["Digest"]?.stringValue == standardDigest("library/nginx", "1.27"), "\(copied)")
        #expect(copied["Digest"] == planned["Digest"] && copied["Size"] == planned["Size"])
        let raw = sandbox.tool("skopeo", "inspect", "--raw", "oci-archive:nginx.tar:1.27")
        #expect(sha256(raw.outputBytes) == standardDigest("library/nginx", "1.27"))
        // The same image makes the same archive, whatever was done at once.
        try #require(sandbox.dsh("copy -q -j 8 nginx:1.27 oci-archive:again.tar").code == 0)
        #expect(readFile(sandbox.work + "/nginx.tar") == readFile(sandbox.work + "/again.tar"))
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
        let loaded = EngineServer.shared.docker("load", "-i", sandbox.work + "/copied.tar")
        #expect(loaded.text == "Loaded image: \(reference)", "\(loaded)")
        _ = EngineServer.shared.docker("rmi", reference)
        let other = Sandbox(registry: nil)
        #expect(value(other.dsh("load -q -i \(sandbox.work)/copied.tar"))["Id"] == id)
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
        let loaded = run("load", "-q", "-i", sandbox.work + "/a.tar")
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
        #expect(Set(expectValidStore(sandbox.work + "/both").references) == ["1.25", "3.19"])
        expectFailure(sandbox.dsh("copy --referrers nginx:1.25 docker-archive:x.tar"), code: "usage", exit: 2)
    }

    // MARK: The store, and names

    @Test func intoTheStore() throws {
        let copied = value(sandbox.dsh("copy -q nginx:1.25 store:mine:1"))
        #expect(copied["Reference"] == "store:mine:1" && copied["Status"] == "copied", "\(copied)")
        #expect(value(sandbox.dsh("images mine"))[0]?["Digest"]?.stringValue == standardDigest("library/nginx", "1.25"))
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
        let nginx = standardDigest("library/nginx", "1.25")
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
}
