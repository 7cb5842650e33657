import Foundation
import JSON
import OCI
import Testing
import Threads

@testable import Store

@Suite struct ReferencesTests {
    @Test func anAbsentStoreIsEmpty() throws {
        let fixture = try StoreFixture()
        #expect(try fixture.store.entries() == [])
        #expect(try fixture.store.images().isEmpty)
        #expect(try fixture.store.fsck() == [])
        #expect(try fixture.store.collectGarbage() == CollectionReport())
        #expect(!FileManager.default.fileExists(atPath: fixture.store.path))
    }

    @Test func makesAValidLayout() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("nginx", ["a"])
        #expect(try fixture.store.fsck() == [])
        #expect(
            try String(contentsOfFile: fixture.store.path + "/oci-layout", encoding: .utf8)
                == #"{"imageLayoutVersion":"1.0.0"}"#)
        let json = try JSONValue.parse(try fixture.indexText())
        #expect(
            json["manifests"]?[0]?["annotations"]
                == ["org.opencontainers.image.ref.name": "docker.io/library/nginx:latest"])
        #expect(json["schemaVersion"] == 2)
    }

    @Test func refusesADirectoryOfSomethingElse() throws {
        let fixture = try StoreFixture()
        try FileManager.default.createDirectory(atPath: fixture.store.path, withIntermediateDirectories: true)
        try "x".write(toFile: fixture.store.path + "/letter.txt", atomically: true, encoding: .utf8)
        #expect(code { try fixture.store.writeBlob([1], digest: .of([1])) } == .usage)
        #expect(code { _ = try Store(path: fixture.store.path + "/letter.txt") } == .usage)
    }

    @Test func anImageThatLosesItsNameDangles() throws {
        let fixture = try StoreFixture()
        let first = try fixture.addImage("nginx:1", ["a"])
        let second = try fixture.addImage(["b"])
        let changes = try fixture.store.setReferences([
            ReferenceUpdate(
                reference: try Reference("nginx:1"), descriptor: second.manifest, lastPulled: "2024-01-01T00:00:00Z")
        ])
        #expect(changes.first?.previous == first.manifest.digest)
        #expect(changes.first?.dangling == first.manifest.digest)
        #expect(try fixture.names() == ["-", "docker.io/library/nginx:1"])
        #expect(try fixture.store.entries().map(\.lastPulled) == [nil, "2024-01-01T00:00:00Z"])
        // A name for the dangling image, and it dangles no more.
        try fixture.store.setReferences([
            ReferenceUpdate(reference: try Reference("old"), descriptor: first.manifest)
        ])
        #expect(try fixture.names() == ["docker.io/library/nginx:1", "docker.io/library/old:latest"])
        // With another name left it does not dangle.
        try fixture.store.setReferences([
            ReferenceUpdate(reference: try Reference("older"), descriptor: first.manifest),
            ReferenceUpdate(reference: try Reference("old"), descriptor: second.manifest),
        ])
        #expect(
            try fixture.names() == [
                "docker.io/library/nginx:1", "docker.io/library/older:latest", "docker.io/library/old:latest",
            ])
    }

    @Test func theSameImageAgainKeepsTheRow() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("nginx", ["a"])
        let reference = try Reference("nginx")
        for time in ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", nil] {
            try fixture.store.setReferences([
                ReferenceUpdate(reference: reference, descriptor: image.manifest, lastPulled: time)
            ])
        }
        #expect(try fixture.store.entries().map(\.lastPulled) == ["2025-01-01T00:00:00Z"])
        #expect(try fixture.store.entry(named: reference)?.digest == image.manifest.digest)
        #expect(
            code {
                try fixture.store.setReferences([
                    ReferenceUpdate(reference: reference, descriptor: StoreFixture.descriptor([9], .ociManifest))
                ])
            } == .notFound)
    }

    static let foreignNames: [(String, String)] = [
        ("nginx:1.25", "docker.io/library/nginx:1.25"), ("latest", "docker.io/library/latest:latest"),
        ("localhost/app:1", "localhost/app:1"), ("localhost:5000/app", "localhost:5000/app:latest"),
        ("ghcr.io/o/i:t", "ghcr.io/o/i:t"), ("UPPER", "-"), ("no good name", "-"),
        ("v1.0", "docker.io/library/v1.0:latest"),
    ]

    @Test(arguments: foreignNames)
    func readsForeignNames(name: String, canonical: String) throws {
        let entry = StoreEntry(digest: .of([]), mediaType: .ociManifest, size: 0, name: name)
        #expect(entry.reference?.canonical ?? "-" == canonical)
    }

    @Test func believesContainerdsName() {
        let entry = StoreEntry(
            digest: .of([]), mediaType: .ociManifest, size: 0, name: "latest",
            fullName: "docker.io/library/busybox:latest")
        #expect(entry.reference?.canonical == "docker.io/library/busybox:latest")
    }

    /// What other tools wrote and dsh does not know is there, byte for byte, after dsh wrote the file.
    @Test func keepsForeignFields() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["a"])
        let foreign =
            #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(image.manifest.digest)","size":\#(image.manifest.size),"x-number":1.50,"annotations":{"org.opencontainers.image.ref.name":"nginx:1.25","who":"skopeo\u0041"},"x":{"deep":[1,null]}}"#
        let rows = [foreign, #"{"digest":"md5:no","size":1}"#, "17"].joined(separator: " , ")
        try fixture.writeIndex(
            #"{ "x-before": 1e2, "manifests" : [ \#(rows) ], "annotations":{"a":"b"}, "schemaVersion":2 }"#)
        #expect(try fixture.store.entries().map(\.name) == ["nginx:1.25"])
        try fixture.addImage("other", ["b"])
        let text = try fixture.indexText()
        for kept in [foreign, #"{"digest":"md5:no","size":1}"#, "17", #""x-before": 1e2"#, #""annotations":{"a":"b"}"#]
        {
            #expect(text.contains(kept))
        }
        // Taking the name away keeps the row's other fields.
        _ = try fixture.store.setReferences([
            ReferenceUpdate(reference: try Reference("nginx:1.25"), descriptor: try fixture.addImage(["c"]).manifest)
        ])
        let row = try JSONValue.parse(try fixture.indexText())["manifests"]?[0]
        #expect(row?["annotations"] == ["who": "skopeoA"])
        #expect(row?["x"] == ["deep": [1, .null]])
    }

    /// Go writes an empty list as null.
    @Test(arguments: [
        #"{"manifests":null,"schemaVersion":2}"#, #"{"schemaVersion":2,"manifests":[ ]}"#,
        #" { "schemaVersion" : 2.0 , "manifests":[]}"#,
    ])
    func writesIntoAnyEmptyIndex(text: String) throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["a"])
        try fixture.writeIndex(text)
        try fixture.store.setReferences([ReferenceUpdate(reference: try Reference("n"), descriptor: image.manifest)])
        #expect(try JSONValue.parse(try fixture.indexText())["manifests"]?.arrayValue?.count == 1)
        #expect(try fixture.names() == ["docker.io/library/n:latest"])
    }

    @Test(arguments: [
        "", "[]", "{", #"{"manifests":{}}"#, #"{"manifests":[}"#, #"{"manifests":[]} x"#, "{}", " { } ",
        #"{"manifests":null}"#, #"{"manifests":[]}"#, #"{"schemaVersion":2}"#, #"{"schemaVersion":1,"manifests":[]}"#,
        #"{"schemaVersion":"2","manifests":[]}"#,
    ])
    func refusesADamagedIndex(text: String) throws {
        let fixture = try StoreFixture()
        try fixture.addImage("n", ["a"])
        try fixture.writeIndex(text)
        #expect(code { _ = try fixture.store.entries() } == .corrupt)
        #expect(code { try fixture.addImage("m", ["b"]) } == .corrupt)
        #expect(code { _ = try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0)) } == .corrupt)
        #expect(try fixture.store.fsck().contains { $0.kind == .badIndex })
        #expect(try fixture.indexText() == text)
    }

    /// A row that dsh cannot read is told, once, and the others are there.
    @Test func unknownRowsAreWarnedOf() throws {
        let warnings = LockedTexts()
        let fixture = try StoreFixture()
        try fixture.addImage("n", ["a"])
        let bad = #"{"digest":"sha256:zz","size":1}"#
        try fixture.writeIndex(
            try fixture.indexText().replacingOccurrences(of: #""manifests":["#, with: #""manifests":[\#(bad),"#))
        let store = try Store(path: fixture.store.path, warn: { warnings.add($0) })
        for _ in 0..<2 { #expect(try store.entries().map(\.name) == ["docker.io/library/n:latest"]) }
        #expect(warnings.all.count == 1)
        #expect(warnings.all.allSatisfy { $0.contains("manifests[0]") && $0.contains("sha256:zz") })
    }

    /// Blobs without the index that names them are no empty store, and nothing is written among them.
    @Test func blobsWithoutAnIndexAreDamage() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("n", ["a"])
        unlink(fixture.store.layout.indexFile)
        #expect(code { _ = try fixture.store.entries() } == .corrupt)
        #expect(code { _ = try fixture.store.images() } == .corrupt)
        #expect(code { try fixture.addImage("m", ["b"]) } == .corrupt)
        #expect(code { _ = try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0)) } == .corrupt)
        #expect(try fixture.store.fsck().contains { $0.kind == .badIndex })
        #expect(access(fixture.store.layout.indexFile, F_OK) != 0)
        #expect(try fixture.blobCount == 3)
    }

    @Test(
        arguments: [
            ("{}", StoreError.Code.corrupt), ("", .corrupt), (#"{"imageLayoutVersion":"9.0.0"}"#, .unsupported),
            (#"{"imageLayoutVersion":"1.1.0"}"#, nil), ("{ \"imageLayoutVersion\": \"1.0.0\" }\n", nil),
        ] as [(String, StoreError.Code?)])
    func layoutVersions(_ text: String, _ expected: StoreError.Code?) throws {
        let fixture = try StoreFixture()
        try fixture.addImage("n", ["a"])
        try text.write(toFile: fixture.store.layout.layoutFile, atomically: true, encoding: .utf8)
        #expect(code { _ = try fixture.store.entries() } == expected)
        #expect(code { try fixture.addImage("m", ["b"]) } == expected)
        #expect(try String(contentsOfFile: fixture.store.layout.layoutFile, encoding: .utf8) == text)
    }

    /// Threads that name images at once lose nothing.
    @Test func manyWritersAtOnce() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["a"])
        let store = fixture.store
        let group = DispatchGroup()
        for writer in 0..<8 {
            group.enter()
            let thread = WorkerThread {
                defer { group.leave() }
                for number in 0..<5 {
                    guard let reference = try? Reference("n\(writer)-\(number)") else { return }
                    _ = try? store.setReferences([ReferenceUpdate(reference: reference, descriptor: image.manifest)])
                }
            }
            thread?.detach()
        }
        group.wait()
        #expect(Set(try fixture.names()).count == 40)
    }

    @Test func saysThatTheStoreIsBusy() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["a"])
        let hasty = try Store(path: fixture.store.path, lockSeconds: 0.05)
        let lock = try FileLock.acquire(fixture.store.layout.lockFile, seconds: 1)
        let update = ReferenceUpdate(reference: try Reference("n"), descriptor: image.manifest)
        #expect(code { try hasty.setReferences([update]) } == .timeout)
        #expect(code { try fixture.store.setReferences([update], cancelled: { true }) } == .interrupted)
        _ = consume lock
        try hasty.setReferences([update])
    }
}
