import Foundation
import OCI
import Testing

@testable import Store

@Suite struct RepairTests {
    private func finding(_ fixture: StoreFixture, _ kind: StoreFinding.Kind) throws -> StoreFinding {
        try #require(try fixture.store.fsck().first { $0.kind == kind })
    }

    @Test func aDamagedBlobIsPutAsideAndNamesItsImages() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["x", "y"])
        let path = fixture.store.layout.blob(image.layers[0].digest)
        _ = try fixture.store.images(detail: .sizes)
        try Data("other".utf8).write(to: URL(fileURLWithPath: path))
        let finding = try finding(fixture, .digestMismatch)
        #expect(finding.images.map(\.name) == ["docker.io/library/a:latest"])
        #expect(try fixture.store.repair(finding, dryRun: true) && fixture.store.hasBlob(image.layers[0].digest))
        #expect(try fixture.store.repair(finding))
        #expect(!fixture.store.hasBlob(image.layers[0].digest))
        #expect(fixture.store.cachedLayerFacts(image.layers[0].digest) == nil)
        let aside = fixture.store.layout.quarantine + "/blobs-sha256-" + image.layers[0].digest.hex
        #expect(try String(contentsOfFile: aside, encoding: .utf8) == "other")
        #expect(try fixture.store.fsck().map(\.kind) == [.missingBlob])
        // It was put aside already.
        #expect(try !fixture.store.repair(finding))
    }

    /// Between finding and repair another process may have put a good blob in its place.
    @Test func whatWasMendedMeanwhileStays() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["x"])
        let path = fixture.store.layout.blob(image.layers[0].digest)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        try Data("other".utf8).write(to: URL(fileURLWithPath: path))
        let finding = try finding(fixture, .digestMismatch)
        try good.write(to: URL(fileURLWithPath: path), options: .atomic)
        #expect(try !fixture.store.repair(finding))
        #expect(try fixture.store.fsck() == [])
    }

    @Test(arguments: [nil, "{", "{\"imageLayoutVersion\":\"2.0.0\"}"] as [String?])
    func aLostLayoutIsWritten(_ content: String?) throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["x"])
        let path = fixture.store.layout.layoutFile
        try FileManager.default.removeItem(atPath: path)
        if let content { try content.write(toFile: path, atomically: true, encoding: .utf8) }
        let isLater = content?.contains("2.0.0") == true
        #expect(try fixture.store.repair(finding(fixture, .badLayout)) == !isLater)
        #expect(try fixture.store.fsck().isEmpty == !isLater)
    }

    @Test func directoriesAndWhatIsFineStay() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["x"])
        try FileManager.default.createDirectory(
            atPath: fixture.store.path + "/blobs/md5", withIntermediateDirectories: true)
        try fixture.store.writeBlob([1], digest: .of([1]))
        for finding in try fixture.store.fsck() { #expect(try !fixture.store.repair(finding)) }
        #expect(fixture.store.hasBlob(.of([1])))
    }

    @Test func onlyWhatIsAskedForIsChecked() throws {
        let fixture = try StoreFixture()
        let (first, second) = (try fixture.addImage("a", ["x"]), try fixture.addImage("b", ["yy"]))
        for image in [first, second] {
            try Data().write(to: URL(fileURLWithPath: fixture.store.layout.blob(image.layers[0].digest)))
        }
        let findings = try fixture.store.fsck(only: [first.manifest.digest])
        #expect(Set(findings.map(\.digest)) == [first.layers[0].digest])
        #expect(try fixture.store.fsck(hashing: false).map(\.kind) == [.sizeMismatch, .sizeMismatch])
    }
}

@Suite struct StoreUsageTests {
    @Test func everyFileIsCountedOnce() throws {
        let fixture = try StoreFixture()
        #expect(try fixture.store.usage() == StoreUsage())
        let (first, second) = (
            try fixture.addImage("a", ["shared", "a"]), try fixture.addImage("b", ["shared", "bbb"])
        )
        let orphan = try fixture.addImage(["orphan"])
        let images = try fixture.store.images(detail: .sizes)
        let usage = try fixture.store.usage()
        #expect(usage.needed.count == 7 && usage.unreferenced.count == orphan.blobs.count)
        #expect(usage.cache.count > 0 && usage.index.count == 2)
        var files: Int64 = 0
        let walk = FileManager.default.enumerator(atPath: fixture.store.path)
        while walk?.nextObject() != nil {
            guard walk?.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            files += walk?.fileAttributes?[.size] as? Int64 ?? 0
        }
        #expect(usage.bytes == files)
        #expect(Store.layerBytes(of: images) == Int64("shared".utf8.count + 1 + 3))
        let bytes = try fixture.store.blobBytes(of: [[first.manifest.digest], [second.manifest.digest], []])
        let expected = [first, second].map { image in
            image.blobs.reduce(Int64(0)) { $0 + (fixture.store.blobSize($1) ?? 0) }
        }
        #expect(bytes == expected + [0])
    }
}
