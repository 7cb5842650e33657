import Fixtures
import Foundation
import JSON
import Testing

/// Other tools read what dsh writes, and dsh reads what they write.
@Suite struct InteroperationTests {
    @Test(arguments: ["postgres:16", "alpine:3.19", "lab/zstd:1", "lab/many:120", "lab/odd:1"])
    func skopeoAndUmociReadOurImagesByName(reference: String) throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull \(reference)").code == 0)
        let name = reference.contains("/") ? "docker.io/\(reference)" : "docker.io/library/\(reference)"

        let inspected = value(runTool("skopeo", "inspect", "oci:\(sandbox.store):\(name)"))
        let ours = value(sandbox.dsh("inspect \(reference)"))[0]
        #expect(inspected["Architecture"] == ours?["Architecture"])
        #expect(inspected["Layers"]?.arrayValue?.count == ours?["RootFS"]?["Layers"]?.arrayValue?.count)

        let listed = runTool("umoci", "list", "--layout", sandbox.store)
        #expect(listed.output.split(separator: "\n").map(String.init) == [name], "\(listed)")
        let status = runTool("umoci", "stat", "--json", "--image", "\(sandbox.store):\(name)")
        let history = value(sandbox.dsh("history \(reference)"))
        #expect(value(status)["history"]?.arrayValue?.count == history.arrayValue?.count, "\(status)")
        expectValidStore(sandbox.store)
    }

    @Test func skopeoCopiesAnIndexOutOfOurStore() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull nginx:1.25").code == 0)
        let copied = runTool(
            "skopeo", "copy", "-q", "--override-arch", "amd64", "--override-os", "linux",
            "oci:\(sandbox.store):docker.io/library/nginx:1.25", "dir:\(sandbox.directory.path)/copy")
        #expect(copied.code == 0, "\(copied)")
    }

    @Test func podmanReadsALayoutOfOneImage() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull alpine:3.19").code == 0)
        let root = sandbox.directory.path
        let podman = [
            "podman", "--root", "\(root)/p", "--runroot", "\(root)/r", "--tmpdir", "\(root)/t",
            "--storage-driver", "vfs",
        ]
        func run(_ arguments: String...) -> ProcessResult {
            ChildProcess(podman + arguments, environment: ProcessInfo.processInfo.environment).wait(timeout: 120)
        }
        let pulled = run("pull", "-q", "oci:\(sandbox.store):docker.io/library/alpine:3.19")
        try #require(pulled.code == 0, "\(pulled)")
        let identifier = "sha256:" + pulled.text
        #expect(value(sandbox.dsh("inspect alpine:3.19"))[0]?["Id"]?.stringValue == identifier)
        _ = run("rmi", "-af")
    }

    @Test(arguments: ["tool:1", "docker.io/library/tool:1", "registry.example.com/team/tool:1"])
    func whatSkopeoCopiesInShowsUp(reference: String) throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull alpine:3.19").code == 0)
        let host = RegistryServer.shared.host
        let copied = runTool(
            "skopeo", "copy", "-q", "--src-tls-verify=false", "docker://\(host)/library/postgres:16",
            "oci:\(sandbox.store):\(reference)")
        try #require(copied.code == 0, "\(copied)")
        let images = value(sandbox.dsh("images")).arrayValue ?? []
        #expect(images.count == 2, "\(images)")
        let postgres = StandardImages.named("library/postgres", "16")
        let found = images.first { $0["Id"]?.stringValue == postgres.config?.digest }
        #expect(found?["Size"]?.intValue ?? 0 > 1_000_000, "\(images)")
        #expect(sandbox.dsh("inspect \(reference)").code == 0)
        #expect(sandbox.dsh("rmi \(reference)").code == 0)
        expectValidStore(sandbox.store)
    }

    @Test func aLayoutWrittenByHandIsAStore() {
        let sandbox = Sandbox(registry: nil)
        ImageLayout.write(
            [
                ("docker.io/library/one:1", StandardImages.alpine(label: "one").build()),
                (nil, StandardImages.alpine(label: "two").build()),
            ], to: sandbox.store)
        let images = value(sandbox.dsh("images -a")).arrayValue ?? []
        #expect(images.count == 2, "\(images)")
        #expect(images.filter { $0["Dangling"] == true }.count == 1, "\(images)")
    }
}
