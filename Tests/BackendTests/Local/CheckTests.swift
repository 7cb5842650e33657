import Backend
import Foundation
import OCI
import Store
import Testing

@Suite struct CheckTests {
    private func check(_ fixture: BackendFixture, _ request: CheckRequest) async throws -> [String] {
        try await fixture.backend.check(request) { _, _ in }.map { result in
            let subject = result.reference ?? result.file ?? ""
            let repaired = result.isRepaired.map { $0 ? " repaired" : " left" } ?? ""
            return
                "\(result.isOk ? "ok" : "bad") \(result.kind.rawValue) \(subject.prefix(14)) \(result.problem ?? "-")\(repaired)"
        }
    }

    private func damage(_ fixture: BackendFixture, _ digest: Digest) throws {
        try Data([9, 9]).write(to: URL(fileURLWithPath: fixture.store.path + "/blobs/sha256/" + digest.hex))
    }

    @Test func saysOfEachImageWhetherItIsWhole() async throws {
        let fixture = try BackendFixture()
        #expect(try await check(fixture, CheckRequest()) == [])
        let image = try fixture.add("a:1", "a:2")
        try fixture.add("b:1", config: #"{"architecture":"arm64","os":"linux"}"#)
        #expect(try await check(fixture, CheckRequest()) == ["ok image a:1 -", "ok image a:2 -", "ok image b:1 -"])
        try damage(fixture, image.config.digest)
        let found = [
            "bad image a:1 incomplete", "bad image a:2 incomplete", "ok image b:1 -",
            "bad blob blobs/sha256/\(image.config.digest.hex.prefix(1)) size_mismatch",
            "bad blob blobs/sha256/\(image.config.digest.hex.prefix(1)) digest_mismatch",
        ]
        let results = try await check(fixture, CheckRequest())
        #expect(Set(results).isSuperset(of: found), "\(results)")
        #expect(try await check(fixture, CheckRequest(names: ["b:1"])) == ["ok image b:1 -"])
        #expect(try await check(fixture, CheckRequest(names: ["a:2"])).first == "bad image a:2 incomplete")
        let missing = await failure { _ = try await fixture.backend.check(CheckRequest(names: ["no"])) { _, _ in } }
        #expect(missing?.code == .notFound)
    }

    @Test func repairPutsAsideWhatIsDamagedAndNothingElse() async throws {
        let fixture = try BackendFixture()
        let image = try fixture.add("a:1")
        try damage(fixture, image.config.digest)
        let file = fixture.store.path + "/blobs/sha256/README"
        try Data([1]).write(to: URL(fileURLWithPath: file))
        try FileManager.default.removeItem(atPath: fixture.store.path + "/oci-layout")
        let dry = try await check(fixture, CheckRequest(repair: true, dryRun: true))
        #expect(dry.filter { $0.hasSuffix("repaired") }.count >= 4, "\(dry)")
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(try await check(fixture, CheckRequest(repair: true)) == dry)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(!fixture.store.hasBlob(image.config.digest))
        // What is absent is left to the next pull.
        let name = "blobs/sha256/" + image.config.digest.hex
        #expect(
            try await check(fixture, CheckRequest(repair: true)) == [
                "bad image a:1 incomplete", "bad blob \(name.prefix(14)) missing_blob left",
            ])
        #expect(try await fixture.backend.diskUsage().disk?.quarantine.count == 2)
        let pruned = try await fixture.backend.prune(PruneRequest(all: true))
        #expect(pruned.filter { $0.subject.hasPrefix("quarantine/") }.count == 2)
    }

    @Test func aDamagedIndexIsSaidAndLeftAlone() async throws {
        let fixture = try BackendFixture()
        try fixture.add("a:1")
        let path = fixture.store.path + "/index.json"
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: path))
        let results = try await check(fixture, CheckRequest(repair: true))
        #expect(results.contains("bad layout index.json bad_index left"), "\(results)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "nonsense")
    }
}
