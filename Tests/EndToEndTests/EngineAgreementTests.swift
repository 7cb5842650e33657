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
