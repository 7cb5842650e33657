import Fixtures
import Foundation
import JSON
import Testing

/// The same images, pulled by a real engine and by dsh from the same registry, look the same.
@Suite(.enabled(if: EngineServer.isAvailable, "needs root and dockerd"))
struct EngineAgreementTests {
    /// The engine at hand reads no zstd layers, so those are left to other tests.
    static let references = [
        "nginx", "nginx:1.25", "nginx:alpine", "node:20", "node:20-alpine", "python:3.11", "postgres:16", "alpine:3.19",
        "lab/plain:1", "lab/odd:1", "lab/many:120",
    ]

    @Test(arguments: references)
    func inspectAndHistoryAgree(reference: String) throws {
        let engine = EngineServer.shared
        let sandbox = Sandbox()
        let pulled = engine.docker("pull", "--quiet", reference)
        try #require(pulled.code == 0, "\(pulled)")
        try #require(sandbox.dsh("pull \(reference)").code == 0)

        let theirs = value(engine.docker("inspect", "--type", "image", reference))[0]
        let ours = value(sandbox.dsh("inspect \(reference)"))[0]
        for field in ["Id", "Size", "RootFS", "Architecture", "Os", "Created", "Config"] {
            let (wanted, found) = (theirs?[field], ours?[field])
            let agree = field == "Config" ? withoutEmpty(wanted) == withoutEmpty(found) : wanted == found
            #expect(agree, "\(reference) \(field): engine \(wanted?.compact ?? "-"), dsh \(found?.compact ?? "-")")
        }
        for field in ["RepoTags", "RepoDigests"] {
            // The engine at hand is shared by the tests, so the same image may have more names there.
            let (wanted, found) = (sorted(theirs?[field]), sorted(ours?[field]))
            #expect(!found.isEmpty && found.allSatisfy(wanted.contains), "\(reference) \(field): \(wanted) \(found)")
        }

        let theirRows = engine.docker(
            "history", "--no-trunc", "--human=false", "--format", "{{json .}}", reference
        ).output.split(separator: "\n").compactMap { try? JSONValue.parse(String($0)) }
        let ourRows = value(sandbox.dsh("history \(reference)")).arrayValue ?? []
        #expect(theirRows.count > 1)
        // The client writes a tab as a blank, even in JSON; ours is the value itself.
        #expect(
            theirRows.map { $0["CreatedBy"]?.stringValue }
                == ourRows.map { $0["CreatedBy"]?.stringValue?.replacingOccurrences(of: "\t", with: " ") })
        #expect(
            theirRows.map { $0["Size"]?.stringValue } == ourRows.map { $0["Size"]?.intValue.map { String($0) } })
        #expect(theirRows.map { $0["Comment"] } == ourRows.map { $0["Comment"] })
    }

    /// Instructions that every version of the engine takes.
    static let changes: [[String]] = [
        ["HEALTHCHECK --interval=30s --retries=3 CMD curl -f http://x", "ONBUILD RUN make  all"],
        ["HEALTHCHECK --timeout=1m CMD [\"a\", \"b\"]", "USER nobody", "WORKDIR /a", "WORKDIR b"],
        ["ENV A=1", "ENV B=$A/x C=${Z:-d}", "LABEL l=$B \"m n\"=o", "EXPOSE 80 53/udp 8000-8001"],
        ["ENTRYPOINT [\"/bin/sh\"]", "CMD echo $HOME", "VOLUME /data /log", "ENV A b  c"],
        ["HEALTHCHECK NONE"], ["FOO x"], ["EXPOSE x"], ["ENV A"], ["HEALTHCHECK FOO"], ["VOLUME []"], ["LABEL a=b c"],
    ]

    @Test(arguments: changes) func importChangesAgree(changes: [String]) throws {
        let engine = EngineServer.shared
        let sandbox = Sandbox(registry: nil)
        let tar = sandbox.directory.write("work/rootfs.tar", tarArchive([.file("x", "hi\n")]))
        let theirs = engine.run(["import"] + changes.flatMap { ["--change", $0] } + [tar])
        let words = changes.map { "--change '\($0)'" }.joined(separator: " ")
        let ours = sandbox.dsh("import \(words) rootfs.tar mine:1")
        guard theirs.code == 0 else {
            let text = theirs.errors.split(separator: "\n").first?.replacingOccurrences(
                of: "Error response from daemon: ", with: "")
            expectFailure(ours, code: "usage", exit: 2)
            #expect(ours.errors.contains(text ?? "?"), "\(theirs)\n\(ours)")
            return
        }
        try #require(ours.code == 0, "\(ours)")
        let id = theirs.output.split(separator: "\n").last.map(String.init) ?? ""
        let wanted = withoutEmpty(value(engine.docker("inspect", id))[0]?["Config"])
        #expect(withoutEmpty(value(sandbox.dsh("inspect mine:1"))[0]?["Config"]) == wanted)
        _ = engine.docker("rmi", id)
    }

    @Test func anotherPlatformAgrees() throws {
        let engine = EngineServer(mirror: RegistryServer.shared.host)
        let sandbox = Sandbox()
        let pulled = engine.docker("pull", "--quiet", "--platform", "linux/arm64", "nginx:alpine")
        try #require(pulled.code == 0, "\(pulled)")
        let theirs = value(engine.docker("inspect", "nginx:alpine"))[0]
        #expect(sandbox.dsh("pull --platform linux/arm64 nginx:alpine").code == 0)
        let ours = value(sandbox.dsh("inspect nginx:alpine"))[0]
        #expect(ours?["Id"] == theirs?["Id"])
        #expect(ours?["Architecture"]?.stringValue == "arm64")
        #expect(ours?["Size"] == theirs?["Size"])
        #expect(ours?["RepoTags"] == theirs?["RepoTags"])
        #expect(ours?["RepoDigests"] == theirs?["RepoDigests"])
    }
}
