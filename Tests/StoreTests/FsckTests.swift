import Fixtures
import Foundation
import OCI
import Testing

@testable import Store

@Suite struct FsckTests {
    static let damages: [(StoreFinding.Kind, @Sendable (StoreFixture, StoreFixture.Image) throws -> Void)] = [
        (.digestMismatch, { try Data(count: 2048).write(to: $0.blob($1.layers[0].digest)) }),
        (.sizeMismatch, { try Data(count: 3).write(to: $0.blob($1.layers[0].digest)) }),
        (.missingBlob, { try FileManager.default.removeItem(at: $0.blob($1.config.digest)) }),
        (.missingBlob, { try FileManager.default.removeItem(at: $0.blob($1.manifest.digest)) }),
        (.badManifest, { try Data("{".utf8).write(to: $0.blob($1.manifest.digest)) }),
        (.badManifest, { try Data("[]".utf8).write(to: $0.blob($1.config.digest)) }),
        (.strayFile, { fixture, _ in try Data().write(to: fixture.file("blobs/sha256/README")) }),
        (.strayFile, { fixture, _ in try Data().write(to: fixture.file("blobs/md5")) }),
        (
            .strayFile,
            { fixture, _ in symlink("/etc/passwd", fixture.file("blobs/sha256/" + Digest.of([8]).hex).path) }
        ),
        (.badLayout, { fixture, _ in try Data("{}".utf8).write(to: fixture.file("oci-layout")) }),
        (.badIndex, { fixture, _ in try Data("nonsense".utf8).write(to: fixture.file("index.json")) }),
        (
            .badEntry,
            { fixture, _ in
                try Data(#"{"schemaVersion":2,"manifests":[{"digest":"x"}]}"#.utf8).write(
                    to: fixture.file("index.json"))
            }
        ),
        (.partial, { fixture, _ in try Data(count: 9).write(to: fixture.file("ingest/sha256-x.partial")) }),
        (.unreferenced, { fixture, _ in try fixture.store.writeBlob([1], digest: .of([1])) }),
    ]

    @Test(arguments: damages.indices)
    func finds(position: Int) throws {
        let (kind, damage) = Self.damages[position]
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", [String(repeating: "x", count: 400)])
        #expect(try fixture.store.fsck() == [])
        try damage(fixture, image)
        let findings = try fixture.store.fsck()
        #expect(findings.contains { $0.kind == kind }, "\(findings)")
        #expect(findings.contains(where: \.isDamage) == (kind != .partial && kind != .unreferenced))
    }

    /// What registries were asked for is kept in a store that is none yet.
    @Test func aCacheAloneIsNoDamage() throws {
        let directory = TemporaryDirectory()
        let store = try Store(path: directory.path + "/store")
        #expect(try store.fsck() == [])
        store.documents.write([1], digest: .of([1]))
        #expect(try store.fsck() == [])
        directory.write("store/blobs/sha256/\(Digest.of([1]).hex)", [1])
        #expect(try !store.fsck().isEmpty)
    }

    @Test func stopsWhenTold() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["x"])
        #expect(code { _ = try fixture.store.fsck(cancelled: { true }) } == .interrupted)
    }
}

extension StoreFixture {
    fileprivate func file(_ name: String) -> URL { URL(fileURLWithPath: store.path + "/" + name) }
    fileprivate func blob(_ digest: Digest) -> URL { URL(fileURLWithPath: store.layout.blob(digest)) }
}
