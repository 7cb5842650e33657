import Foundation
import JSON
import Layers
import OCI
import Testing

@testable import Store

@Suite struct ImagesTests {
    private func cache(_ fixture: StoreFixture) -> String { fixture.store.layout.summaries }

    @Test func tellsWhatListsShow() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["base", "top layer"], platform: "linux/arm64/v8", label: "x")
        try fixture.store.setReferences([ReferenceUpdate(reference: try Reference("n"), descriptor: image.manifest)])
        for _ in 0..<2 {
            let found = try #require(try fixture.store.images().first)
            let record = try #require(found.record)
            #expect(record.id == image.config.digest && record.idText == image.config.digest.description)
            #expect(record.manifest == image.manifest.digest)
            #expect(record.created == "2024-05-06T07:08:09Z")
            #expect(record.platform == Platform(os: "linux", architecture: "arm64", variant: "v8"))
            #expect(record.labels.map(\.key) == ["name", "z"] && record.labels.first?.value == "x")
            #expect(record.layers.map(\.digest) == image.layers.map(\.digest))
            #expect(record.diffIDs == image.layers.map(\.digest))
            #expect(record.isImage && found.size == nil && found.error == nil)
        }
    }

    /// A chart or another artifact takes room like an image, and is listed like one.
    @Test func artifactsAreListed() throws {
        let fixture = try StoreFixture()
        let (config, chart) = (Array(#"{"name":"chart"}"#.utf8), Array("a packed chart".utf8))
        let manifest = StoreFixture.manifest(
            StoreFixture.descriptor(config, MediaType(rawValue: "application/vnd.cncf.helm.config.v1+json")),
            [StoreFixture.descriptor(chart, MediaType(rawValue: "application/vnd.cncf.helm.chart.content.v1.tar+gzip"))]
        )
        for bytes in [config, chart, manifest] { try fixture.store.writeBlob(bytes, digest: .of(bytes)) }
        try fixture.store.setReferences([
            ReferenceUpdate(
                reference: try Reference("charts/helm:1"), descriptor: StoreFixture.descriptor(manifest, .ociManifest))
        ])
        try fixture.addImage("n", ["a"])
        for _ in 0..<2 {
            let listing = try fixture.store.listing(withSizes: true)
            #expect(listing.count == 2)
            listing.withRow(1) { row in
                #expect(String(decoding: row.reference, as: UTF8.self) == "charts/helm:1")
                #expect(String(decoding: row.platform, as: UTF8.self) == "unknown/unknown")
                #expect(String(decoding: row.id, as: UTF8.self) == Digest.of(config).description)
                #expect(row.created.isEmpty && row.size == Int64(chart.count) && row.sharedSize == 0)
            }
        }
    }

    @Test func aConfigsNonsenseIsLeftOut() throws {
        let fixture = try StoreFixture()
        let config = Array(#"{"created":"yesterday","architecture":5,"os":"linux"}"#.utf8)
        let manifest = StoreFixture.manifest(StoreFixture.descriptor(config, .ociConfig), [])
        for bytes in [config, manifest] { try fixture.store.writeBlob(bytes, digest: .of(bytes)) }
        try fixture.store.addDangling(StoreFixture.descriptor(manifest, .ociManifest))
        let record = try #require(try fixture.store.images().first?.record)
        #expect(record.created == nil && record.platform.description == "linux/unknown")
    }

    /// Only what is asked for comes, with all its rows; damaged images go by their manifest's digest.
    @Test func looksUpOnlyWhatIsAskedFor() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("nginx:1", ["a"])
        try fixture.store.setReferences([
            ReferenceUpdate(reference: try Reference("web"), descriptor: image.manifest)
        ])
        let other = try fixture.addImage("node", ["b"])
        let damaged = try fixture.addImage("damaged", ["c"])
        unlink(fixture.store.layout.blob(damaged.manifest.digest))
        func found(_ name: String? = nil, _ prefix: String...) throws -> [String?] {
            let name = try name.map { EntryName(try Reference($0)) }
            return try fixture.store.images(where: { name?.isName(of: $0) ?? false }, idPrefixes: prefix).map(
                \.entry.name)
        }
        let both = ["docker.io/library/nginx:1", "docker.io/library/web:latest"]
        #expect(try found("nginx:1") == both && found("docker.io/library/web:latest") == both)
        #expect(try found("nginx:2") == [] && found() == [])
        let id = image.config.digest.hex
        #expect(try found(nil, id) == both && found(nil, String(id.prefix(12))) == both)
        #expect(try found(nil, other.manifest.digest.hex) == ["docker.io/library/node:latest"])
        #expect(try found("node:latest", id).count == 3)
        #expect(try found(nil, damaged.manifest.digest.hex) == ["docker.io/library/damaged:latest"])
        #expect(try found("damaged:latest").count == 1)
    }

    /// A table that is being written has no name, so that nothing is left of it however the process ends.
    @Test func aTableHasNoNameBeforeItIsWhole() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("n", ["some text"])
        let directory = fixture.store.layout.factsDirectory(.sha256)
        func names() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] }
        var during: [String]?
        #expect(
            code {
                _ = try fixture.store.layerFacts(
                    for: image.layers[0],
                    cancelled: {
                        during = names()
                        return true
                    })
            } == .interrupted)
        #expect(during == [] && names() == [])
        _ = try fixture.store.layerFacts(for: image.layers[0])
        #expect(Set(names()) == [image.layers[0].digest.hex, image.layers[0].digest.hex + ".files"])
        // And again, over a table that is damaged.
        unlink(fixture.store.layout.facts(image.layers[0].digest))
        try "x".write(toFile: fixture.store.layout.fileTable(image.layers[0].digest), atomically: true, encoding: .utf8)
        var entries = 0
        try fixture.store.layerEntries(of: image.layers[0]) { _ in entries += 1 }
        #expect(entries == 1 && names().count == 2)
    }

    @Test func addsUpSizes() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["base", "four"])
        try fixture.addImage("b", ["base", "seventeen bytes.."])
        // The same layer on another base is another chain: not shared, as Docker counts it.
        try fixture.addImage("c", ["other", "four"])
        #expect(try fixture.store.images(detail: .knownSizes).allSatisfy { $0.size == nil })
        let images = try fixture.store.images(detail: .sizes)
        #expect(images.map(\.size) == [8, 21, 9])
        #expect(images.map(\.sharedSize) == [4, 4, 0])
        #expect(images.map(\.uniqueSize) == [4, 17, 9])
        #expect(try fixture.store.images(detail: .knownSizes).map(\.size) == [8, 21, 9])
        // The sizes outlive the cache of facts, and all of it may go.
        try FileManager.default.removeItem(atPath: fixture.store.path + "/cache/layers")
        #expect(try fixture.store.images(detail: .knownSizes).map(\.size) == [8, 21, 9])
        try FileManager.default.removeItem(atPath: fixture.store.path + "/cache")
        #expect(try fixture.store.images(detail: .sizes).map(\.sharedSize) == [4, 4, 0])
    }

    @Test func findsTheChildForThePlatform() throws {
        let fixture = try StoreFixture()
        let amd = try fixture.addImage(["amd"])
        let arm = try fixture.addImage(["arm"], platform: "linux/arm64/v8")
        let attestation = try fixture.addImage(["attestation"], platform: "unknown/unknown")
        func child(_ image: StoreFixture.Image, _ platform: Platform, _ annotations: [String: String] = [:])
            -> JSONValue
        {
            var descriptor = image.manifest
            descriptor.platform = platform
            descriptor.annotations = annotations
            return descriptor.json
        }
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue),
            "manifests": [
                child(
                    attestation, Platform(os: "unknown", architecture: "unknown"),
                    ["vnd.docker.reference.type": "attestation-manifest"]),
                child(amd, Platform(os: "linux", architecture: "amd64")),
                child(arm, Platform(os: "linux", architecture: "arm64", variant: "v8")),
            ],
        ]
        let bytes = Array(index.compact.utf8)
        try fixture.store.writeBlob(bytes, digest: .of(bytes))
        try fixture.store.setReferences([
            ReferenceUpdate(reference: try Reference("m"), descriptor: StoreFixture.descriptor(bytes, .ociIndex))
        ])
        func chosen(_ platform: String) throws -> Digest? {
            let entry = try #require(try fixture.store.entries().first)
            let record = try fixture.store.image(entry, platform: try Platform(platform))
            #expect(try fixture.store.images(platform: try Platform(platform)).first?.record?.idText == record.idText)
            return record.id
        }
        #expect(try chosen("linux/amd64") == amd.config.digest)
        #expect(try chosen("linux/arm64") == arm.config.digest)
        #expect(try chosen("linux/s390x") == amd.config.digest)
        unlink(cache(fixture))
        unlink(fixture.store.layout.blob(amd.manifest.digest))
        #expect(try chosen("linux/amd64") == arm.config.digest)
        unlink(cache(fixture))
        unlink(fixture.store.layout.blob(arm.manifest.digest))
        let image = try #require(try fixture.store.images().first)
        #expect(image.record == nil && image.error?.code == .notFound)
    }

    @Test func aDamagedImageSpoilsNoOther() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("good", ["a"])
        let gone = try fixture.addImage("gone", ["b"])
        let layerless = try fixture.addImage("layerless", ["c"])
        unlink(fixture.store.layout.blob(gone.config.digest))
        unlink(fixture.store.layout.blob(layerless.layers[0].digest))
        let images = try fixture.store.images(detail: .sizes)
        #expect(images.map { $0.error?.code } == [nil, .notFound, nil])
        #expect(images.map(\.size) == [1, nil, nil])
        #expect(Set(try fixture.store.fsck().map(\.kind)) == [.missingBlob])
    }

    @Test func foreignLayersNeedNotBeThere() throws {
        let fixture = try StoreFixture()
        let layer = StoreFixture.layer("here")
        var foreign = StoreFixture.descriptor([1], .dockerForeignLayer)
        foreign.urls = ["https://example.com/layer"]
        let config = StoreFixture.config([layer, [1]])
        let configDescriptor = StoreFixture.descriptor(config, .dockerConfig)
        let manifest = StoreFixture.manifest(configDescriptor, [StoreFixture.descriptor(layer, .dockerLayer), foreign])
        for bytes in [layer, config, manifest] { try fixture.store.writeBlob(bytes, digest: .of(bytes)) }
        try fixture.store.setReferences([
            ReferenceUpdate(
                reference: try Reference("w"), descriptor: StoreFixture.descriptor(manifest, .ociManifest))
        ])
        #expect(try fixture.store.images(detail: .sizes).map(\.size) == [4])
        #expect(try fixture.store.fsck() == [])
    }

    @Test func artifactsAreNoImages() throws {
        let fixture = try StoreFixture()
        let config = Array("{}".utf8)
        let manifest = StoreFixture.manifest(StoreFixture.descriptor(config, .ociEmpty), [])
        for bytes in [config, manifest] { try fixture.store.writeBlob(bytes, digest: .of(bytes)) }
        try fixture.store.setReferences([
            ReferenceUpdate(
                reference: try Reference("chart"), descriptor: StoreFixture.descriptor(manifest, .ociManifest))
        ])
        #expect(try fixture.store.images().first?.record?.isImage == false)
    }

    /// A summary file cut or changed anywhere counts as none; nothing traps, and the answer stays right.
    @Test func survivesADamagedSummary() throws {
        let fixture = try StoreFixture()
        for name in ["a", "b", "c"] { try fixture.addImage(name, ["base", name]) }
        let expected = try fixture.store.images(detail: .sizes).map { "\($0.record?.idText ?? "") \($0.size ?? -1)" }
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: cache(fixture))))
        #expect(ImageTable(whole) != nil)
        for length in 0..<whole.count {
            #expect(ImageTable(Array(whole.prefix(length))) == nil)
            var damaged = whole
            damaged[length] ^= 0x41
            #expect(ImageTable(damaged) == nil)
            // With the hash put right, what is inside is still checked.
            let body = damaged[(ImageTable.magic.count + 8)...]
            guard length >= ImageTable.magic.count + 8 else { continue }
            let hash = Array(body).withBytes { quickHash($0) }
            let forged = ImageTable.magic + (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) } + body
            if let table = ImageTable(forged) {
                for row in table.rows {
                    _ = table.summary(of: row)
                    _ = ImageRecord(table: table, row: row).layers
                }
            }
        }
        for garbage in [Array(whole.dropLast(9)), Array(whole.prefix(3)), []] {
            try Data(garbage).write(to: URL(fileURLWithPath: cache(fixture)))
            let again = try fixture.store.images(detail: .sizes).map { "\($0.record?.idText ?? "") \($0.size ?? -1)" }
            #expect(again == expected)
        }
    }

    @Test func factsComeFromTheQueueAndFromNeed() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["one", "three"])
        let queue = LayerFactsQueue(store: fixture.store)
        for layer in image.layers { queue.add(layer) }
        let deadline = Date(timeIntervalSinceNow: 20)
        while queue.pending > 0, Date() < deadline { usleep(5000) }
        #expect(image.layers.map { fixture.store.cachedLayerFacts($0.digest)?.fileBytes } == [3, 5])
        #expect(try fixture.store.images(detail: .knownSizes).map(\.size) == [8])
        queue.stop()
        queue.add(image.layers[0])
        #expect(queue.pending == 0)
        var names: [String] = []
        try fixture.store.layerEntries(of: image.layers[1]) { names.append($0.pathText) }
        #expect(names == ["file-5"])
    }

    @Test func damagedFactsAreWorkedOutAgain() throws {
        let fixture = try StoreFixture()
        let layer = try fixture.addImage("a", ["one"]).layers[0]
        let facts = try fixture.store.layerFacts(for: layer)
        #expect(facts.diffID == layer.digest && facts.fileBytes == 3)
        for text in ["", "garbage", String(decoding: facts.record.dropLast(4), as: UTF8.self)] {
            try text.write(toFile: fixture.store.layout.facts(layer.digest), atomically: true, encoding: .utf8)
            #expect(fixture.store.cachedLayerFacts(layer.digest) == nil)
            #expect(try fixture.store.layerFacts(for: layer) == facts)
        }
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: fixture.store.layout.fileTable(layer.digest)))
        var count = 0
        try fixture.store.layerEntries(of: layer) { _ in count += 1 }
        #expect(count == 1)
        #expect(code { _ = try fixture.store.layerFacts(for: StoreFixture.descriptor([5], .ociLayer)) } == .notFound)
    }

    /// Ten thousand rows, as quickly as a debug build allows; the summary answers for all of them.
    @Test func listsTenThousandImages() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["x"])
        let image = try fixture.addImage("a", ["x"])
        let rows = (0..<10_000).map { number in
            #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(image.manifest.digest)","size":1,"annotations":{"org.opencontainers.image.ref.name":"docker.io/library/a:\#(number)"}}"#
        }
        try fixture.writeIndex(#"{"schemaVersion":2,"manifests":[\#(rows.joined(separator: ","))]}"#)
        #expect(try fixture.store.entries().count == 10_000)
        #expect(try fixture.store.images(detail: .sizes).allSatisfy { $0.size == 1 && $0.sharedSize == 0 })
    }
}
