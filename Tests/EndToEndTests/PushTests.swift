import Fixtures
import Foundation
import JSON
import Testing

/// `push` against real registries, and other tools on what it wrote.
@Suite struct PushTests {
    private let registry = RegistryServer()
    private let sandbox = Sandbox()

    private func raw(_ name: String) -> String {
        "sha256:"
            + runTool("sh", "-c", "skopeo inspect --raw --tls-verify=false docker://\(name) | sha256sum").output.prefix(
                64)
    }

    @Test func whatIsPushedHasTheSameDigestForSkopeoAndTheEngine() throws {
        let name = "\(registry.host)/team/alpine:3.19"
        try #require(sandbox.dsh("pull -q alpine:3.19; tag alpine:3.19 \(name)").code == 0)
        let pushed = value(sandbox.dsh("push -q \(name)"))
        #expect(pushed["Status"] == "copied")
        #expect(pushed["Reference"]?.stringValue == name)
        let digest = try #require(pushed["Digest"]?.stringValue)
        #expect(digest == StandardImages.named("library/alpine", "3.19").root.digest)
        #expect(raw(name) == digest)
        let copied = runTool(
            "skopeo", "copy", "-q", "--src-tls-verify=false", "docker://\(name)", "dir:\(sandbox.directory.path)/copy")
        #expect(copied.code == 0, "\(copied)")
        if EngineServer.isAvailable {
            let pulled = EngineServer.shared.docker("pull", name)
            #expect(pulled.code == 0 && pulled.output.contains(digest), "\(pulled)")
            _ = EngineServer.shared.docker("rmi", name)
        }
        // Once more: nothing is sent.
        let again = value(sandbox.dsh("push -q \(name)"))
        #expect(again["Status"] == "up_to_date")
        #expect(again["Sent"] == 0)
    }

    @Test func layersOfAnotherRepositoryAreMounted() throws {
        let host = registry.host
        try #require(
            sandbox.dsh("pull -q lab/big:1; tag lab/big:1 \(host)/a/big:1; tag lab/big:1 \(host)/b/big:1").code == 0)
        let plan = value(sandbox.dsh("push --dry-run \(host)/a/big:1"))
        #expect(plan["Status"] == "planned")
        #expect(plan["Blobs"]?.arrayValue?.allSatisfy { $0["Status"] == "missing" } == true)
        let first = value(sandbox.dsh("push -q \(host)/a/big:1"))
        #expect(first["Blobs"]?.arrayValue?.allSatisfy { $0["Status"] == "uploaded" } == true, "\(first)")
        #expect(first["Sent"]?.intValue ?? 0 > 4 << 20)
        let mountable = value(sandbox.dsh("push --dry-run \(host)/b/big:1"))
        #expect(mountable["Blobs"]?.arrayValue?.allSatisfy { $0["Status"] == "mountable" } == true, "\(mountable)")
        #expect(mountable["Status"] == "planned")
        // What the other repository had once it may have no more.
        let absent = RegistryServer()
        try #require(
            sandbox.dsh("tag lab/big:1 \(absent.host)/a/big:1; tag lab/big:1 \(absent.host)/b/big:1").code == 0)
        let missing = value(sandbox.dsh("push --dry-run \(absent.host)/b/big:1"))
        #expect(missing["Blobs"]?.arrayValue?.allSatisfy { $0["Status"] == "missing" } == true, "\(missing)")
        let second = value(sandbox.dsh("push -q \(host)/b/big:1"))
        #expect(second["Blobs"]?.arrayValue?.allSatisfy { $0["Status"] == "mounted" } == true, "\(second)")
        #expect(second["Sent"] == 0)
        #expect(raw("\(host)/b/big:1") == second["Digest"]?.stringValue)
    }

    // MARK: Uploads that were cut off

    /// Makes an image with one layer of 24 MB that no compression makes smaller.
    private func importLarge(_ name: String) throws {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<3_000_000).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
        sandbox.directory.write("work/large/file", bytes)
        try #require(sandbox.dsh("import large \(name)").code == 0)
    }

    private func waits(until condition: () -> Bool) -> Bool {
        for _ in 0..<2000 {
            if condition() { return true }
            usleep(10_000)
        }
        return condition()
    }

    @Test func aRunAfterAKillGoesOnWhereTheRegistryIs() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        let name = "\(stub.host)/team/large:1"
        try importLarge(name)
        // The registry has a part of it when the connection breaks, and then there is no more of dsh.
        stub.breakUploads(after: [10_000_000])
        stub.rule("uploads/", method: "GET", .delivery(.silence))
        let child = sandbox.start(["-c", "push -q \(name)"])
        try #require(waits { stub.requests("uploads/").contains { $0.method == "GET" } })
        kill(child.id, SIGKILL)
        _ = child.wait()
        stub.forgetRules()
        stub.forgetRequests()
        let pushed = value(sandbox.dsh("push -q \(name)"))
        let layer = try #require(pushed["Blobs"]?.arrayValue?.map { $0["Size"]?.intValue ?? 0 }.max())
        #expect(layer > 20_000_000)
        #expect(pushed["Sent"]?.intValue ?? .max < layer - 9_000_000, "\(pushed)")
        let begun = stub.requests("uploads/").compactMap { $0.header("Content-Range") }
        #expect(begun == ["10000000-\(layer - 1)"])
        #expect(sandbox.dsh("rmi \(name); pull -q \(name)").code == 0)
    }

    @Test func ctrlCEndsTheSession() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        let name = "\(stub.host)/team/large:1"
        try importLarge(name)
        stub.rule("uploads/", method: "PATCH", .delivery(.silence))
        let child = sandbox.start(["-c", "push -q \(name)"])
        try #require(waits { stub.requests("uploads/").contains { $0.method == "PATCH" } })
        kill(child.id, SIGINT)
        #expect(child.wait().code == 130)
        #expect(stub.openSessions == 0)
        #expect(stub.requests("uploads/").last?.method == "DELETE")
    }

    /// Docker's registry forgets what came of an upload whose connection broke: it begins again, and is whole.
    @Test(arguments: [SIGINT, SIGKILL]) func dockersRegistryBeginsAgain(_ signal: Int32) throws {
        let name = "\(registry.host)/killed/large\(signal):1"
        try importLarge(name)
        let child = sandbox.start(["-c", "push -q --limit-rate 8MB \(name)"])
        usleep(1_500_000)
        kill(child.id, signal)
        #expect(child.wait().code == 128 + signal)
        expectFailure(sandbox.dsh("resolve \(name)"), code: "manifest_unknown")
        #expect(value(sandbox.dsh("push -q \(name)"))["Status"] == "copied")
        #expect(sandbox.dsh("rmi \(name); pull -q \(name)").code == 0)
    }

    @Test func aPlanSaysWhatTheStoreHasNoMore() throws {
        let host = registry.host
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull -q alpine:3.19; tag alpine:3.19 \(host)/team/holes:1").code == 0)
        let layers = value(sandbox.dsh("manifest alpine:3.19 --platform linux/amd64 | .layers | map(.digest)"))
        let layer = try #require(layers.arrayValue?.last?.stringValue)
        try FileManager.default.removeItem(atPath: sandbox.store + "/blobs/" + layer.replacing(":", with: "/"))
        for line in ["push --dry-run", "push -q"] {
            let result = sandbox.dsh("\(line) \(host)/team/holes:1")
            expectFailure(result, code: "not_found")
            #expect(result.errors.contains(layer), "\(result)")
        }
    }

    @Test func anIndexGoesWholeOrNotAtAll() throws {
        let name = "\(registry.host)/team/nginx:1.27"
        try #require(sandbox.dsh("pull -q nginx:1.27; tag nginx:1.27 \(name)").code == 0)
        let partial = sandbox.dsh("push -q \(name)")
        expectFailure(partial, code: "not_found")
        #expect(partial.errors.contains("linux/arm64") && partial.errors.contains("--all-platforms"), "\(partial)")
        let one = value(sandbox.dsh("push -q --platform linux/amd64 \(name)"))
        #expect(one["Manifests"] == 1)
        try #require(sandbox.dsh("pull -q --all-platforms nginx:1.27").code == 0)
        let root = StandardImages.named("library/nginx", "1.27").root.digest
        // BuildKit's attestations are part of it.
        let whole = value(sandbox.dsh("push -q \(name)"))
        #expect(whole["Digest"]?.stringValue == root)
        #expect(raw(name) == root)
    }

    @Test func everyTagOfARepository() throws {
        let host = registry.host
        let tags = ["1", "2", "latest"]
        try #require(
            sandbox.dsh(
                "pull -q alpine:3.19; " + tags.map { "tag alpine:3.19 \(host)/team/many:\($0)" }.joined(separator: "; ")
            ).code == 0)
        let pushed = value(sandbox.dsh("push -q -a \(host)/team/many | collect")).arrayValue ?? []
        #expect(pushed.count == 3)
        #expect(value(sandbox.dsh("tags \(host)/team/many | .Tag | collect")) == ["latest", "1", "2"])
        expectFailure(sandbox.dsh("push -a \(host)/team/many:1"), code: "usage", exit: 2)
        expectFailure(sandbox.dsh("push \(host)/team/none"), code: "not_found")
    }

    @Test func aRegistryThatIsReadOnlySaysSo() throws {
        let closed = RegistryServer(isReadOnly: true)
        let name = "\(closed.host)/team/alpine:3.19"
        try #require(sandbox.dsh("pull -q alpine:3.19; tag alpine:3.19 \(name)").code == 0)
        let pushed = sandbox.dsh("push -q \(name)")
        expectFailure(pushed, code: "unsupported")
        #expect(pushed.errors.contains("read-only"), "\(pushed)")
    }

    @Test func whatOtherToolsPushedIsRead() throws {
        let host = registry.host
        let source = RegistryServer.shared.host
        let copied = runTool(
            "skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false",
            "docker://\(source)/library/postgres:16",
            "docker://\(host)/other/postgres:16")
        try #require(copied.code == 0, "\(copied)")
        let pulled = value(sandbox.dsh("pull -q \(host)/other/postgres:16"))
        #expect(pulled["Digest"]?.stringValue == raw("\(host)/other/postgres:16"))
        guard EngineServer.isAvailable else { return }
        let engine = EngineServer.shared
        let name = "\(host)/other/alpine:docker"
        try #require(engine.docker("pull", "-q", "alpine:3.19").code == 0)
        try #require(engine.docker("tag", "alpine:3.19", name).code == 0)
        let pushed = engine.docker("push", name)
        try #require(pushed.code == 0, "\(pushed)")
        let read = value(sandbox.dsh("pull -q \(name)"))
        #expect(read["Digest"]?.stringValue.map(pushed.output.contains) == true, "\(pushed)\n\(read)")
        expectValidStore(sandbox.store)
    }

    @Test func deletingByTagOrByDigest() throws {
        let host = registry.host
        try #require(
            sandbox.dsh(
                "pull -q alpine:3.19; for t in ([\"1\", \"2\"]) { tag alpine:3.19 \"\(host)/team/gone:\\($t)\" }; push -q -a \(host)/team/gone"
            ).code == 0)
        // This registry deletes manifests alone: the other tag would go too.
        for line in ["--dry-run", ""] {
            let first = sandbox.dsh("rmi --remote \(line) \(host)/team/gone:1")
            expectFailure(first, code: "conflict")
            #expect(first.errors.contains("gone:2") && first.errors.contains("--force"), "\(first)")
        }
        let forced = value(sandbox.dsh("rmi --remote --force \(host)/team/gone:1"))
        #expect(forced["Others"] == [.string("\(host)/team/gone:2")])
        #expect(value(sandbox.dsh("exists \(host)/team/gone:1"))["Exists"] != true)
        expectFailure(sandbox.dsh("rmi --remote \(host)/team/gone:9"), code: "manifest_unknown")
        let closed = RegistryServer(StandardImages.all.filter { $0.repository == "library/alpine" }, deletes: false)
        let refused = sandbox.dsh("rmi --remote --force \(closed.host)/library/alpine:3.19")
        expectFailure(refused, code: "unsupported")
    }

    @Test func aFurtherTagInTheRegistry() throws {
        let host = registry.host
        let name = "\(host)/team/alpine:3.19"
        try #require(sandbox.dsh("pull -q alpine:3.19; tag alpine:3.19 \(name); push -q \(name)").code == 0)
        let statuses = ["--dry-run", "", "", "--dry-run"].map { option in
            value(sandbox.dsh("tag --remote \(option) \(name) \(host)/team/alpine:stable"))["Status"]
        }
        #expect(statuses == ["planned", "tagged", "up_to_date", "up_to_date"])
        let local = ["--dry-run", "", ""].map { value(sandbox.dsh("tag \($0) \(name) x"))["Status"] }
        #expect(local == ["planned", "tagged", "up_to_date"])
        let tagged = value(sandbox.dsh("tag --remote \(name) \(host)/team/alpine:new"))
        #expect(tagged["Replaced"] == .null)
        #expect(raw("\(host)/team/alpine:stable") == tagged["Digest"]?.stringValue)
        let elsewhere = value(sandbox.dsh("tag --remote \(name) \(host)/other/alpine:1"))
        #expect(elsewhere["Digest"] == tagged["Digest"])
        #expect(raw("\(host)/other/alpine:1") == tagged["Digest"]?.stringValue)
    }

    @Test func dockersLineSaysWhatDockersClientSays() throws {
        let host = registry.host
        let name = "\(host)/team/docker:1"
        try #require(sandbox.dsh("pull -q alpine:3.19; tag alpine:3.19 \(name)").code == 0)
        let root = StandardImages.named("library/alpine", "3.19").root
        let diffID = try #require(
            value(sandbox.dsh("inspect alpine:3.19 | .[0].RootFS.Layers[0]")).stringValue?.dropFirst(7).prefix(12))
        func text(_ status: String) -> String {
            """
            The push refers to repository [\(host)/team/docker]
            \(diffID): Preparing
            \(diffID): \(status)
            1: digest: \(root.digest) size: \(root.bytes.count)

            """
        }
        let first = sandbox.dsh("docker push \(name)")
        #expect(first.code == 0 && first.output == text("Pushed"), "\(first)")
        #expect(sandbox.dsh("docker push \(name)").output == text("Layer already exists"))
        #expect(sandbox.dsh("docker push -q \(name)").output == name + "\n")
        let missing = sandbox.dsh("docker push \(host)/team/missing")
        #expect(missing.code == 1)
        #expect(
            missing.output == "Using default tag: latest\nThe push refers to repository [\(host)/team/missing]\n")
        #expect(missing.errors == "An image does not exist locally with the tag: \(host)/team/missing\n")
        // The same words of the real client and engine, but for a digest that the engine makes anew.
        guard EngineServer.isAvailable else { return }
        let engine = EngineServer.shared
        let real = engine.docker("push", "\(host)/team/missing")
        #expect(real.output == missing.output && real.errors == missing.errors && real.code == 1, "\(real)")
    }
}
